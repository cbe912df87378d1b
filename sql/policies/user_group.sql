ALTER TABLE user_group ENABLE ROW LEVEL SECURITY;
ALTER TABLE user_group FORCE ROW LEVEL SECURITY;
CREATE POLICY own_tenant ON user_group
  USING (user_group.tenant_id = (SELECT own_tenant()));
GRANT SELECT, INSERT, UPDATE, DELETE ON user_group TO palimpsest_app;
