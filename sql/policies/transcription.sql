ALTER TABLE transcription ENABLE ROW LEVEL SECURITY;
ALTER TABLE transcription FORCE ROW LEVEL SECURITY;
CREATE POLICY own_tenant ON transcription
  USING (transcription.tenant_id = own_tenant());

-- Seen when its source is not hidden, or people have worked on it, and its element is seen. While nothing is hidden the element
-- need not be asked.
CREATE POLICY not_hidden ON transcription AS RESTRICTIVE FOR SELECT TO palimpsest_app
  USING ((transcription.source_id <> ALL ((SELECT hidden_sources())::integer[])
    OR (transcription.kept AND transcription.source_id <> ALL (erased_sources())))
    AND (nothing_hidden()
      OR EXISTS (SELECT 1 FROM element e WHERE e.tenant_id = own_tenant() AND e.id = transcription.element_id)));

GRANT SELECT, INSERT, UPDATE, DELETE ON transcription TO palimpsest_app;
