ALTER TABLE tenant ENABLE ROW LEVEL SECURITY;
ALTER TABLE tenant FORCE ROW LEVEL SECURITY;
CREATE POLICY own_tenant ON tenant
  USING (tenant.tenant_id = own_tenant());
GRANT SELECT ON tenant TO palimpsest_app;
