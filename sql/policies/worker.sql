ALTER TABLE worker ENABLE ROW LEVEL SECURITY;
ALTER TABLE worker FORCE ROW LEVEL SECURITY;
CREATE POLICY own_tenant ON worker
  USING (worker.tenant_id = own_tenant());

-- Whoever has any access sees it, but for the built-in one, which nobody sees; only administrators of it change it. Inserts pass on the tenant alone: the membership that
-- gives its maker access follows in the same transaction.
CREATE POLICY seen_with_access ON worker AS RESTRICTIVE FOR SELECT TO palimpsest_app
  USING (NOT worker.built_in AND (unrestricted()
    OR worker.id = own_task_worker()
    OR EXISTS (SELECT 1 FROM worker_access a WHERE a.tenant_id = own_tenant()
      AND own_user() IS NOT NULL AND a.user_id IN (own_user(), everyone()) AND a.worker_id = worker.id)));
CREATE POLICY changed_by_administrators ON worker AS RESTRICTIVE FOR UPDATE TO palimpsest_app
  USING (unrestricted()
    OR EXISTS (SELECT 1 FROM worker_access a WHERE a.tenant_id = own_tenant()
      AND own_user() IS NOT NULL AND a.user_id IN (own_user(), everyone()) AND a.worker_id = worker.id AND a.level >= 100));

GRANT SELECT, INSERT, UPDATE ON worker TO palimpsest_app;
