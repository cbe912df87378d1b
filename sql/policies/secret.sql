ALTER TABLE secret ENABLE ROW LEVEL SECURITY;
ALTER TABLE secret FORCE ROW LEVEL SECURITY;
CREATE POLICY own_tenant ON secret
  USING (secret.tenant_id = own_tenant());

-- People choose among the names; of one that is for a worker, those who have access to it.
CREATE POLICY seen_with_access ON secret AS RESTRICTIVE FOR SELECT TO palimpsest_app
  USING (unrestricted() OR (own_user() IS NOT NULL AND (secret.worker_id IS NULL
    OR EXISTS (SELECT 1 FROM worker_access a WHERE a.tenant_id = own_tenant()
      AND a.user_id IN (own_user(), everyone()) AND a.worker_id = secret.worker_id))));
CREATE POLICY made_by_administrators ON secret AS RESTRICTIVE FOR INSERT TO palimpsest_app
  WITH CHECK (instance_administrator());
CREATE POLICY removed_by_administrators ON secret AS RESTRICTIVE FOR DELETE TO palimpsest_app
  USING (instance_administrator());

-- What is sealed is given out by retrieve_secret() alone, and nothing is ever changed.
GRANT SELECT (tenant_id, id, name, worker_id, creator_id, created), INSERT, DELETE ON secret TO palimpsest_app;
