ALTER TABLE model ENABLE ROW LEVEL SECURITY;
ALTER TABLE model FORCE ROW LEVEL SECURITY;
CREATE POLICY own_tenant ON model
  USING (model.tenant_id = own_tenant());

-- Whoever has any access sees it; only administrators of it change it. Inserts pass on the tenant alone: the membership that
-- gives its maker access follows in the same transaction.
CREATE POLICY seen_with_access ON model AS RESTRICTIVE FOR SELECT TO palimpsest_app
  USING ((unrestricted()
    OR model.id IN (own_task_model(), own_task_trained_model())
    OR EXISTS (SELECT 1 FROM model_access a WHERE a.tenant_id = own_tenant()
      AND own_user() IS NOT NULL AND a.user_id IN (own_user(), everyone()) AND a.model_id = model.id)));
CREATE POLICY changed_by_administrators ON model AS RESTRICTIVE FOR UPDATE TO palimpsest_app
  USING (unrestricted()
    OR EXISTS (SELECT 1 FROM model_access a WHERE a.tenant_id = own_tenant()
      AND own_user() IS NOT NULL AND a.user_id IN (own_user(), everyone()) AND a.model_id = model.id AND a.level >= 100));

GRANT SELECT, INSERT, UPDATE ON model TO palimpsest_app;
