ALTER TABLE user_account ENABLE ROW LEVEL SECURITY;
ALTER TABLE user_account FORCE ROW LEVEL SECURITY;
CREATE POLICY own_tenant ON user_account
  USING (user_account.tenant_id = own_tenant());

-- Accounts are made by instance administrators; people change their own. What gives rights is guarded by a trigger.
CREATE POLICY made_by_instance_administrators ON user_account AS RESTRICTIVE FOR INSERT TO palimpsest_app
  WITH CHECK (instance_administrator());
CREATE POLICY changed_by_instance_administrators_or_oneself ON user_account AS RESTRICTIVE FOR UPDATE TO palimpsest_app
  USING (instance_administrator() OR id = own_user());

GRANT SELECT, INSERT, UPDATE ON user_account TO palimpsest_app;
