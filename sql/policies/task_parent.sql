ALTER TABLE task_parent ENABLE ROW LEVEL SECURITY;
ALTER TABLE task_parent FORCE ROW LEVEL SECURITY;
CREATE POLICY own_tenant ON task_parent
  USING (task_parent.tenant_id = own_tenant());
GRANT SELECT, INSERT ON task_parent TO palimpsest_app;
