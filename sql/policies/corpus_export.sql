ALTER TABLE corpus_export ENABLE ROW LEVEL SECURITY;
ALTER TABLE corpus_export FORCE ROW LEVEL SECURITY;
CREATE POLICY own_tenant ON corpus_export
  USING (corpus_export.tenant_id = own_tenant());
GRANT SELECT, INSERT, UPDATE, DELETE ON corpus_export TO palimpsest_app;
