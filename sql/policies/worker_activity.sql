ALTER TABLE worker_activity ENABLE ROW LEVEL SECURITY;
ALTER TABLE worker_activity FORCE ROW LEVEL SECURITY;
CREATE POLICY own_tenant ON worker_activity
  USING (worker_activity.tenant_id = own_tenant());
GRANT SELECT, INSERT, UPDATE, DELETE ON worker_activity TO palimpsest_app;
