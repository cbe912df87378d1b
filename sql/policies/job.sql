ALTER TABLE job ENABLE ROW LEVEL SECURITY;
ALTER TABLE job FORCE ROW LEVEL SECURITY;
CREATE POLICY own_tenant ON job
  USING (job.tenant_id = own_tenant());

-- Whoever asked for it sees it, and the administrators of the corpus that it works on.
CREATE POLICY seen_by_creator_and_administrators ON job AS RESTRICTIVE FOR SELECT TO palimpsest_app
  USING (unrestricted() OR job.creator_id = own_user()
    OR EXISTS (SELECT 1 FROM corpus_access a WHERE a.tenant_id = own_tenant()
      AND a.user_id IN (own_user(), everyone()) AND a.corpus_id = job.corpus_id AND a.level >= 100));

-- Who sees it may do with it what there is to do.
CREATE POLICY changed_by_creator_and_administrators ON job AS RESTRICTIVE FOR UPDATE TO palimpsest_app
  USING (unrestricted() OR job.creator_id = own_user()
    OR EXISTS (SELECT 1 FROM corpus_access a WHERE a.tenant_id = own_tenant()
      AND a.user_id IN (own_user(), everyone()) AND a.corpus_id = job.corpus_id AND a.level >= 100));
CREATE POLICY removed_by_creator_and_administrators ON job AS RESTRICTIVE FOR DELETE TO palimpsest_app
  USING (unrestricted() OR job.creator_id = own_user()
    OR EXISTS (SELECT 1 FROM corpus_access a WHERE a.tenant_id = own_tenant()
      AND a.user_id IN (own_user(), everyone()) AND a.corpus_id = job.corpus_id AND a.level >= 100));

GRANT SELECT, INSERT, UPDATE, DELETE ON job TO palimpsest_app;
