ALTER TABLE deletion ENABLE ROW LEVEL SECURITY;
ALTER TABLE deletion FORCE ROW LEVEL SECURITY;
CREATE POLICY own_tenant ON deletion
  USING (deletion.tenant_id = own_tenant());
GRANT SELECT, INSERT, UPDATE ON deletion TO palimpsest_app;
