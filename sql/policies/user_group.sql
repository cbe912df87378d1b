ALTER TABLE user_group ENABLE ROW LEVEL SECURITY;
ALTER TABLE user_group FORCE ROW LEVEL SECURITY;
CREATE POLICY own_tenant ON user_group
  USING (user_group.tenant_id = own_tenant());

-- A public group can be found by name by everybody who has signed in; who is in it is its members' own business.
CREATE POLICY seen_by_members ON user_group AS RESTRICTIVE FOR SELECT TO palimpsest_app
  USING (unrestricted() OR (public AND own_user() IS NOT NULL) OR group_level(id) IS NOT NULL);
CREATE POLICY made_by_people ON user_group AS RESTRICTIVE FOR INSERT TO palimpsest_app
  WITH CHECK (unrestricted() OR own_user() IS NOT NULL);
CREATE POLICY changed_by_administrators ON user_group AS RESTRICTIVE FOR UPDATE TO palimpsest_app
  USING (unrestricted() OR group_level(id) >= 100);
CREATE POLICY ended_by_administrators ON user_group AS RESTRICTIVE FOR DELETE TO palimpsest_app
  USING (unrestricted() OR group_level(id) >= 100);

GRANT SELECT, INSERT, UPDATE, DELETE ON user_group TO palimpsest_app;
