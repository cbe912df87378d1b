ALTER TABLE worker_access ENABLE ROW LEVEL SECURITY;
ALTER TABLE worker_access FORCE ROW LEVEL SECURITY;
CREATE POLICY own_tenant ON worker_access
  USING (worker_access.tenant_id = own_tenant());
GRANT SELECT ON worker_access TO palimpsest_app;
