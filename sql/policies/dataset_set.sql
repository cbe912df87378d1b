ALTER TABLE dataset_set ENABLE ROW LEVEL SECURITY;
ALTER TABLE dataset_set FORCE ROW LEVEL SECURITY;
CREATE POLICY own_tenant ON dataset_set
  USING (dataset_set.tenant_id = own_tenant());
GRANT SELECT, INSERT, UPDATE, DELETE ON dataset_set TO palimpsest_app;
