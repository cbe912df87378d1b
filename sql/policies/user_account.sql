ALTER TABLE user_account ENABLE ROW LEVEL SECURITY;
ALTER TABLE user_account FORCE ROW LEVEL SECURITY;
CREATE POLICY own_tenant ON user_account
  USING (user_account.tenant_id = (SELECT own_tenant()));
GRANT SELECT, INSERT, UPDATE ON user_account TO palimpsest_app;
