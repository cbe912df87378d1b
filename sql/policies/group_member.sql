ALTER TABLE group_member ENABLE ROW LEVEL SECURITY;
ALTER TABLE group_member FORCE ROW LEVEL SECURITY;
CREATE POLICY own_tenant ON group_member
  USING (group_member.tenant_id = own_tenant());

CREATE POLICY seen_by_members ON group_member AS RESTRICTIVE FOR SELECT TO palimpsest_app
  USING (unrestricted() OR group_level(group_id) IS NOT NULL);
CREATE POLICY admitted_by_administrators ON group_member AS RESTRICTIVE FOR INSERT TO palimpsest_app
  WITH CHECK (unrestricted() OR may_join(group_id, user_id));
CREATE POLICY changed_by_administrators ON group_member AS RESTRICTIVE FOR UPDATE TO palimpsest_app
  USING (unrestricted() OR group_level(group_id) >= 100);
CREATE POLICY ended_by_administrators_or_oneself ON group_member AS RESTRICTIVE FOR DELETE TO palimpsest_app
  USING (unrestricted() OR user_id = own_user() OR group_level(group_id) >= 100);

GRANT SELECT, INSERT, UPDATE, DELETE ON group_member TO palimpsest_app;
