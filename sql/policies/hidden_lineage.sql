ALTER TABLE hidden_lineage ENABLE ROW LEVEL SECURITY;
ALTER TABLE hidden_lineage FORCE ROW LEVEL SECURITY;
CREATE POLICY own_tenant ON hidden_lineage
  USING (hidden_lineage.tenant_id = own_tenant());
GRANT SELECT, INSERT, DELETE ON hidden_lineage TO palimpsest_app;
