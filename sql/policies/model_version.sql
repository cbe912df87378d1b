ALTER TABLE model_version ENABLE ROW LEVEL SECURITY;
ALTER TABLE model_version FORCE ROW LEVEL SECURITY;
CREATE POLICY own_tenant ON model_version
  USING (model_version.tenant_id = own_tenant());

-- Contributors of a model see all of its versions, guests those that are available and tagged. A task sees what a guest of its run's
-- model sees, and the version that it runs with; of the model that its process trains, all.
CREATE POLICY seen_with_access ON model_version AS RESTRICTIVE FOR SELECT TO palimpsest_app
  USING ((unrestricted()
    OR model_version.model_id = own_task_trained_model()
    OR model_version.id = (SELECT own_task_model_version())
    OR (model_version.model_id = own_task_model() AND model_version.state = 'available' AND model_version.tag IS NOT NULL)
    OR EXISTS (SELECT 1 FROM model_access a WHERE a.tenant_id = own_tenant()
      AND own_user() IS NOT NULL AND a.user_id IN (own_user(), everyone()) AND a.model_id = model_version.model_id
      AND (a.level >= 50 OR (model_version.state = 'available' AND model_version.tag IS NOT NULL)))));
-- Whoever made one fills it, too: until when is for change_model_version.
CREATE POLICY changed_by_administrators_and_makers ON model_version AS RESTRICTIVE FOR UPDATE TO palimpsest_app
  USING (unrestricted()
    OR model_version.creator_id = own_user() OR model_version.task_id = own_task()
    OR EXISTS (SELECT 1 FROM model_access a WHERE a.tenant_id = own_tenant()
      AND own_user() IS NOT NULL AND a.user_id IN (own_user(), everyone()) AND a.model_id = model_version.model_id AND a.level >= 100));
CREATE POLICY removed_by_administrators ON model_version AS RESTRICTIVE FOR DELETE TO palimpsest_app
  USING (unrestricted()
    OR EXISTS (SELECT 1 FROM model_access a WHERE a.tenant_id = own_tenant()
      AND own_user() IS NOT NULL AND a.user_id IN (own_user(), everyone()) AND a.model_id = model_version.model_id AND a.level >= 100));

GRANT SELECT, INSERT, UPDATE, DELETE ON model_version TO palimpsest_app;
