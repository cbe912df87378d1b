ALTER TABLE multipart_upload ENABLE ROW LEVEL SECURITY;
ALTER TABLE multipart_upload FORCE ROW LEVEL SECURITY;
CREATE POLICY own_tenant ON multipart_upload
  USING (multipart_upload.tenant_id = own_tenant());
GRANT SELECT, INSERT, UPDATE, DELETE ON multipart_upload TO palimpsest_app;
