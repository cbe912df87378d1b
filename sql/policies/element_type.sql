ALTER TABLE element_type ENABLE ROW LEVEL SECURITY;
ALTER TABLE element_type FORCE ROW LEVEL SECURITY;
CREATE POLICY own_tenant ON element_type
  USING (element_type.tenant_id = own_tenant());
GRANT SELECT, INSERT, UPDATE ON element_type TO palimpsest_app;
