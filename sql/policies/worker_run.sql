ALTER TABLE worker_run ENABLE ROW LEVEL SECURITY;
ALTER TABLE worker_run FORCE ROW LEVEL SECURITY;
CREATE POLICY own_tenant ON worker_run
  USING (worker_run.tenant_id = own_tenant());
GRANT SELECT, INSERT, UPDATE, DELETE ON worker_run TO palimpsest_app;
