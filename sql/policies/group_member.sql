ALTER TABLE group_member ENABLE ROW LEVEL SECURITY;
ALTER TABLE group_member FORCE ROW LEVEL SECURITY;
CREATE POLICY own_tenant ON group_member
  USING (group_member.tenant_id = (SELECT own_tenant()));
GRANT SELECT, INSERT, UPDATE, DELETE ON group_member TO palimpsest_app;
