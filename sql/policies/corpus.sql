ALTER TABLE corpus ENABLE ROW LEVEL SECURITY;
ALTER TABLE corpus FORCE ROW LEVEL SECURITY;
CREATE POLICY own_tenant ON corpus
  USING (corpus.tenant_id = own_tenant());

-- Whoever has any access sees it; only administrators of it change it. Inserts pass on the tenant alone: the membership that
-- gives its maker access follows in the same transaction. A task has its process's corpus and no other, public ones neither.
CREATE POLICY seen_with_access ON corpus AS RESTRICTIVE FOR SELECT TO palimpsest_app
  USING (corpus.deleted IS NULL AND (unrestricted()
    OR corpus.id = own_task_corpus()
    OR (own_task() IS NULL AND EXISTS (SELECT 1 FROM corpus_access a WHERE a.tenant_id = own_tenant()
      AND a.user_id IN (own_user(), everyone()) AND a.corpus_id = corpus.id))));
CREATE POLICY changed_by_administrators ON corpus AS RESTRICTIVE FOR UPDATE TO palimpsest_app
  USING (unrestricted()
    OR EXISTS (SELECT 1 FROM corpus_access a WHERE a.tenant_id = own_tenant()
      AND own_user() IS NOT NULL AND a.user_id IN (own_user(), everyone()) AND a.corpus_id = corpus.id AND a.level >= 100));

GRANT SELECT, INSERT, UPDATE ON corpus TO palimpsest_app;
