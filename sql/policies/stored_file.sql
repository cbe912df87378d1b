ALTER TABLE stored_file ENABLE ROW LEVEL SECURITY;
ALTER TABLE stored_file FORCE ROW LEVEL SECURITY;
CREATE POLICY own_tenant ON stored_file
  USING (stored_file.tenant_id = own_tenant());
GRANT SELECT, INSERT, UPDATE, DELETE ON stored_file TO palimpsest_app;
