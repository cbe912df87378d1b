ALTER TABLE deletion_preview ENABLE ROW LEVEL SECURITY;
ALTER TABLE deletion_preview FORCE ROW LEVEL SECURITY;
CREATE POLICY own_tenant ON deletion_preview
  USING (deletion_preview.tenant_id = own_tenant());
GRANT SELECT, INSERT, DELETE ON deletion_preview TO palimpsest_app;
