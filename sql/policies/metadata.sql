ALTER TABLE metadata ENABLE ROW LEVEL SECURITY;
ALTER TABLE metadata FORCE ROW LEVEL SECURITY;
CREATE POLICY own_tenant ON metadata
  USING (metadata.tenant_id = own_tenant());

-- Seen when its source is not hidden, or people have worked on it, and its element is seen. While nothing is hidden the element
-- need not be asked.
CREATE POLICY not_hidden ON metadata AS RESTRICTIVE FOR SELECT TO palimpsest_app
  USING ((metadata.source_id <> ALL ((SELECT hidden_sources())::integer[])
    OR (metadata.kept AND metadata.source_id <> ALL (erased_sources())))
    AND (nothing_hidden()
      OR EXISTS (SELECT 1 FROM element e WHERE e.tenant_id = own_tenant() AND e.id = metadata.element_id)));

GRANT SELECT, INSERT, UPDATE, DELETE ON metadata TO palimpsest_app;
