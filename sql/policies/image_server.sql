ALTER TABLE image_server ENABLE ROW LEVEL SECURITY;
ALTER TABLE image_server FORCE ROW LEVEL SECURITY;
CREATE POLICY own_tenant ON image_server
  USING (image_server.tenant_id = own_tenant());
GRANT SELECT, INSERT, UPDATE ON image_server TO palimpsest_app;
