ALTER TABLE membership ENABLE ROW LEVEL SECURITY;
ALTER TABLE membership FORCE ROW LEVEL SECURITY;
CREATE POLICY own_tenant ON membership
  USING (membership.tenant_id = own_tenant());

-- Members see each other. That an object is public makes nobody a member.
CREATE POLICY seen_by_members ON membership AS RESTRICTIVE FOR SELECT TO palimpsest_app
  USING (unrestricted()
    OR EXISTS (SELECT 1 FROM corpus_access a
      WHERE a.tenant_id = own_tenant() AND a.user_id = own_user() AND a.corpus_id = membership.corpus_id)
    OR EXISTS (SELECT 1 FROM worker_access a
      WHERE a.tenant_id = own_tenant() AND a.user_id = own_user() AND a.worker_id = membership.worker_id)
    OR EXISTS (SELECT 1 FROM model_access a
      WHERE a.tenant_id = own_tenant() AND a.user_id = own_user() AND a.model_id = membership.model_id));

-- Administrators of the object admit, change and take out; its maker is the first member; everybody may leave.
CREATE POLICY admitted_by_administrators ON membership AS RESTRICTIVE FOR INSERT TO palimpsest_app
  WITH CHECK (unrestricted() OR may_admit(corpus_id, worker_id, model_id, user_id));
CREATE POLICY changed_by_administrators ON membership AS RESTRICTIVE FOR UPDATE TO palimpsest_app
  USING (unrestricted() OR coalesce(corpus_level(corpus_id), worker_level(worker_id), model_level(model_id)) >= 100);
CREATE POLICY ended_by_administrators_or_oneself ON membership AS RESTRICTIVE FOR DELETE TO palimpsest_app
  USING (unrestricted() OR user_id = own_user()
    OR coalesce(corpus_level(corpus_id), worker_level(worker_id), model_level(model_id)) >= 100);

GRANT SELECT, INSERT, UPDATE, DELETE ON membership TO palimpsest_app;
