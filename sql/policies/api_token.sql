ALTER TABLE api_token ENABLE ROW LEVEL SECURITY;
ALTER TABLE api_token FORCE ROW LEVEL SECURITY;
CREATE POLICY own_tenant ON api_token
  USING (api_token.tenant_id = own_tenant());
GRANT SELECT, INSERT, DELETE ON api_token TO palimpsest_app;
