ALTER TABLE lineage ENABLE ROW LEVEL SECURITY;
ALTER TABLE lineage FORCE ROW LEVEL SECURITY;
CREATE POLICY own_tenant ON lineage
  USING (lineage.tenant_id = own_tenant());
GRANT SELECT, INSERT ON lineage TO palimpsest_app;
