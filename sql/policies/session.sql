ALTER TABLE session ENABLE ROW LEVEL SECURITY;
ALTER TABLE session FORCE ROW LEVEL SECURITY;
CREATE POLICY own_tenant ON session
  USING (session.tenant_id = own_tenant());
GRANT SELECT, INSERT, DELETE ON session TO palimpsest_app;
