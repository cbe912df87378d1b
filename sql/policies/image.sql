ALTER TABLE image ENABLE ROW LEVEL SECURITY;
ALTER TABLE image FORCE ROW LEVEL SECURITY;
CREATE POLICY own_tenant ON image
  USING (image.tenant_id = own_tenant());
GRANT SELECT, INSERT, UPDATE ON image TO palimpsest_app;
