ALTER TABLE transcription_entity ENABLE ROW LEVEL SECURITY;
ALTER TABLE transcription_entity FORCE ROW LEVEL SECURITY;
CREATE POLICY own_tenant ON transcription_entity
  USING (transcription_entity.tenant_id = own_tenant());

-- Seen when its source is not hidden, or people have worked on it, and its element is seen. While nothing is hidden the element
-- need not be asked.
CREATE POLICY not_hidden ON transcription_entity AS RESTRICTIVE FOR SELECT TO palimpsest_app
  USING ((transcription_entity.source_id <> ALL ((SELECT hidden_sources())::integer[])
    OR (transcription_entity.kept AND transcription_entity.source_id <> ALL (erased_sources())))
    -- It stands on a transcription, and goes with it.
    AND (transcription_entity.transcription_source_id <> ALL ((SELECT hidden_sources())::integer[])
      OR (transcription_entity.transcription_kept AND transcription_entity.transcription_source_id <> ALL (erased_sources())))
    AND (nothing_hidden()
      OR EXISTS (SELECT 1 FROM element e WHERE e.tenant_id = own_tenant() AND e.id = transcription_entity.element_id)));

GRANT SELECT, INSERT, UPDATE, DELETE ON transcription_entity TO palimpsest_app;
