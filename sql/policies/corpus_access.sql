ALTER TABLE corpus_access ENABLE ROW LEVEL SECURITY;
ALTER TABLE corpus_access FORCE ROW LEVEL SECURITY;
CREATE POLICY own_tenant ON corpus_access
  USING (corpus_access.tenant_id = own_tenant());
GRANT SELECT ON corpus_access TO palimpsest_app;
