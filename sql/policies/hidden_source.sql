ALTER TABLE hidden_source ENABLE ROW LEVEL SECURITY;
ALTER TABLE hidden_source FORCE ROW LEVEL SECURITY;
CREATE POLICY own_tenant ON hidden_source
  USING (hidden_source.tenant_id = own_tenant());
GRANT SELECT, INSERT, DELETE ON hidden_source TO palimpsest_app;
