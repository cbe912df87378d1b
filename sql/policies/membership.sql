ALTER TABLE membership ENABLE ROW LEVEL SECURITY;
ALTER TABLE membership FORCE ROW LEVEL SECURITY;
CREATE POLICY own_tenant ON membership
  USING (membership.tenant_id = (SELECT own_tenant()));
GRANT SELECT, INSERT, UPDATE, DELETE ON membership TO palimpsest_app;
