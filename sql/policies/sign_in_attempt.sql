ALTER TABLE sign_in_attempt ENABLE ROW LEVEL SECURITY;
ALTER TABLE sign_in_attempt FORCE ROW LEVEL SECURITY;
CREATE POLICY own_tenant ON sign_in_attempt
  USING (sign_in_attempt.tenant_id = own_tenant());
GRANT SELECT, INSERT, UPDATE, DELETE ON sign_in_attempt TO palimpsest_app;
