ALTER TABLE dataset ENABLE ROW LEVEL SECURITY;
ALTER TABLE dataset FORCE ROW LEVEL SECURITY;
CREATE POLICY own_tenant ON dataset
  USING (dataset.tenant_id = own_tenant());
GRANT SELECT, INSERT, UPDATE, DELETE ON dataset TO palimpsest_app;
