ALTER TABLE worker_run_parent ENABLE ROW LEVEL SECURITY;
ALTER TABLE worker_run_parent FORCE ROW LEVEL SECURITY;
CREATE POLICY own_tenant ON worker_run_parent
  USING (worker_run_parent.tenant_id = own_tenant());
GRANT SELECT, INSERT, DELETE ON worker_run_parent TO palimpsest_app;
