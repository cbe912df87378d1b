ALTER TABLE artifact ENABLE ROW LEVEL SECURITY;
ALTER TABLE artifact FORCE ROW LEVEL SECURITY;
CREATE POLICY own_tenant ON artifact
  USING (artifact.tenant_id = own_tenant());
GRANT SELECT, INSERT, UPDATE ON artifact TO palimpsest_app;
