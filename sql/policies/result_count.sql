ALTER TABLE result_count ENABLE ROW LEVEL SECURITY;
ALTER TABLE result_count FORCE ROW LEVEL SECURITY;
CREATE POLICY own_tenant ON result_count
  USING (result_count.tenant_id = own_tenant());

-- Counts follow what is counted.
CREATE POLICY not_hidden ON result_count AS RESTRICTIVE FOR SELECT TO palimpsest_app
  USING ((result_count.lineage_id <> ALL ((SELECT hidden_lineages())::integer[])
    OR (result_count.element_kept AND result_count.lineage_id <> ALL (erased_lineages())))
  AND (result_count.source_id <> ALL ((SELECT hidden_sources())::integer[])
    OR (result_count.kept AND result_count.source_id <> ALL (erased_sources())))
  AND (result_count.transcription_source_id <> ALL ((SELECT hidden_sources())::integer[])
    OR (result_count.transcription_kept AND result_count.transcription_source_id <> ALL (erased_sources()))));

GRANT SELECT, INSERT, UPDATE ON result_count TO palimpsest_app;
