ALTER TABLE worker_configuration ENABLE ROW LEVEL SECURITY;
ALTER TABLE worker_configuration FORCE ROW LEVEL SECURITY;
CREATE POLICY own_tenant ON worker_configuration
  USING (worker_configuration.tenant_id = own_tenant());

-- Whoever has any access sees it; only administrators of it change it. Inserts pass on the tenant alone: the membership that
-- gives its maker access follows in the same transaction.
CREATE POLICY seen_with_access ON worker_configuration AS RESTRICTIVE FOR SELECT TO palimpsest_app
  USING ((unrestricted()
    OR worker_configuration.worker_id = own_task_worker()
    OR EXISTS (SELECT 1 FROM worker_access a WHERE a.tenant_id = own_tenant()
      AND own_user() IS NOT NULL AND a.user_id IN (own_user(), everyone()) AND a.worker_id = worker_configuration.worker_id)));
CREATE POLICY changed_by_administrators ON worker_configuration AS RESTRICTIVE FOR UPDATE TO palimpsest_app
  USING (unrestricted()
    OR EXISTS (SELECT 1 FROM worker_access a WHERE a.tenant_id = own_tenant()
      AND own_user() IS NOT NULL AND a.user_id IN (own_user(), everyone()) AND a.worker_id = worker_configuration.worker_id AND a.level >= 100));

CREATE POLICY removed_by_administrators ON worker_configuration AS RESTRICTIVE FOR DELETE TO palimpsest_app
  USING (unrestricted()
    OR EXISTS (SELECT 1 FROM worker_access a WHERE a.tenant_id = own_tenant()
      AND own_user() IS NOT NULL AND a.user_id IN (own_user(), everyone()) AND a.worker_id = worker_configuration.worker_id AND a.level >= 100));

GRANT SELECT, INSERT, UPDATE, DELETE ON worker_configuration TO palimpsest_app;
