ALTER TABLE source ENABLE ROW LEVEL SECURITY;
ALTER TABLE source FORCE ROW LEVEL SECURITY;
CREATE POLICY own_tenant ON source
  USING (source.tenant_id = own_tenant());
GRANT SELECT, INSERT, UPDATE, DELETE ON source TO palimpsest_app;
