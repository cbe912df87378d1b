ALTER TABLE process_element ENABLE ROW LEVEL SECURITY;
ALTER TABLE process_element FORCE ROW LEVEL SECURITY;
CREATE POLICY own_tenant ON process_element
  USING (process_element.tenant_id = own_tenant());
GRANT SELECT, INSERT, DELETE ON process_element TO palimpsest_app;
