ALTER TABLE model_access ENABLE ROW LEVEL SECURITY;
ALTER TABLE model_access FORCE ROW LEVEL SECURITY;
CREATE POLICY own_tenant ON model_access
  USING (model_access.tenant_id = own_tenant());
GRANT SELECT ON model_access TO palimpsest_app;
