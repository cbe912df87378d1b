ALTER TABLE process_set ENABLE ROW LEVEL SECURITY;
ALTER TABLE process_set FORCE ROW LEVEL SECURITY;
CREATE POLICY own_tenant ON process_set
  USING (process_set.tenant_id = own_tenant());
GRANT SELECT, INSERT, DELETE ON process_set TO palimpsest_app;
