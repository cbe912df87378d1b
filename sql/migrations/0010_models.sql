-- Who made a model version, which workers a model is meant for, and the model that a training process makes versions of.

ALTER TABLE model_version
  ADD COLUMN creator_id uuid,
  -- The task that made it, if a person did not.
  ADD COLUMN task_id uuid,
  ADD CONSTRAINT model_version_creator FOREIGN KEY (tenant_id, creator_id) REFERENCES user_account ON DELETE SET NULL (creator_id),
  ADD CONSTRAINT model_version_task FOREIGN KEY (tenant_id, task_id) REFERENCES task ON DELETE SET NULL (task_id),
  ADD CONSTRAINT model_version_tag_length CHECK (length(tag) BETWEEN 1 AND 100),
  ADD CONSTRAINT model_version_not_its_own_parent CHECK (parent_id <> id);
CREATE INDEX model_version_by_model ON model_version (tenant_id, model_id, created, id) WHERE tombstone IS NULL;
CREATE INDEX model_version_by_creator ON model_version (tenant_id, creator_id);
CREATE INDEX model_version_by_task ON model_version (tenant_id, task_id);

CREATE TABLE model_worker (
  tenant_id uuid NOT NULL,
  model_id uuid NOT NULL,
  worker_id uuid NOT NULL,
  PRIMARY KEY (tenant_id, model_id, worker_id),
  CONSTRAINT model_worker_model FOREIGN KEY (tenant_id, model_id) REFERENCES model ON DELETE CASCADE,
  CONSTRAINT model_worker_worker FOREIGN KEY (tenant_id, worker_id) REFERENCES worker ON DELETE CASCADE
);
CREATE INDEX model_worker_by_worker ON model_worker (tenant_id, worker_id);

ALTER TABLE process
  ADD COLUMN model_id uuid,
  ADD CONSTRAINT process_model FOREIGN KEY (tenant_id, model_id) REFERENCES model;
CREATE INDEX process_by_model ON process (tenant_id, model_id);
