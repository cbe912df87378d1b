ALTER TABLE dataset_element ENABLE ROW LEVEL SECURITY;
ALTER TABLE dataset_element FORCE ROW LEVEL SECURITY;
CREATE POLICY own_tenant ON dataset_element
  USING (dataset_element.tenant_id = own_tenant());
GRANT SELECT, INSERT, UPDATE, DELETE ON dataset_element TO palimpsest_app;
