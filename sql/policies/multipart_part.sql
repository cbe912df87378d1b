ALTER TABLE multipart_part ENABLE ROW LEVEL SECURITY;
ALTER TABLE multipart_part FORCE ROW LEVEL SECURITY;
CREATE POLICY own_tenant ON multipart_part
  USING (multipart_part.tenant_id = own_tenant());
GRANT SELECT, INSERT, UPDATE ON multipart_part TO palimpsest_app;
