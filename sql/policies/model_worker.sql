ALTER TABLE model_worker ENABLE ROW LEVEL SECURITY;
ALTER TABLE model_worker FORCE ROW LEVEL SECURITY;
CREATE POLICY own_tenant ON model_worker
  USING (model_worker.tenant_id = own_tenant());
GRANT SELECT, INSERT, DELETE ON model_worker TO palimpsest_app;
