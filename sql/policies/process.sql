ALTER TABLE process ENABLE ROW LEVEL SECURITY;
ALTER TABLE process FORCE ROW LEVEL SECURITY;
CREATE POLICY own_tenant ON process
  USING (process.tenant_id = own_tenant());
GRANT SELECT, INSERT, UPDATE, DELETE ON process TO palimpsest_app;
