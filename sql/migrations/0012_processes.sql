-- What processes work on beside a folder: the elements of a class, or those that a person had selected. And what user worker runs hang on.

ALTER TABLE process
  -- Of classes that are gone there are no elements, so no foreign key would help.
  ADD COLUMN ml_class_id uuid,
  -- It works on the elements of process_element instead of one.
  ADD COLUMN selection boolean NOT NULL DEFAULT false,
  ADD COLUMN use_gpu boolean NOT NULL DEFAULT false,
  ADD CONSTRAINT process_element_or_selection CHECK (element_id IS NULL OR NOT selection);
-- The hidden process of a person's user worker runs.
CREATE UNIQUE INDEX process_personal ON process (tenant_id, creator_id) WHERE mode = 'local' AND corpus_id IS NULL;

-- What a person has selected, in each corpus.
CREATE TABLE selected_element (
  tenant_id uuid NOT NULL,
  user_id uuid NOT NULL,
  corpus_id uuid NOT NULL,
  element_id uuid NOT NULL,
  created timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, user_id, corpus_id, element_id)
);
CREATE INDEX selected_element_by_element ON selected_element (tenant_id, element_id);

-- The selection that a process was made from, as it was then.
CREATE TABLE process_element (
  tenant_id uuid NOT NULL,
  process_id uuid NOT NULL,
  element_id uuid NOT NULL,
  PRIMARY KEY (tenant_id, process_id, element_id)
);
CREATE INDEX process_element_by_element ON process_element (tenant_id, element_id);

-- The worker of user worker runs, which nobody lists or uses otherwise.
ALTER TABLE worker ADD COLUMN built_in boolean NOT NULL DEFAULT false;
CREATE UNIQUE INDEX worker_built_in ON worker (tenant_id) WHERE built_in;

-- Functions whose parameters change; they are made anew with the other functions.
DROP FUNCTION IF EXISTS create_process(uuid, text, text, uuid, text, text, boolean);
DROP FUNCTION IF EXISTS start_process(uuid, smallint);
DROP FUNCTION IF EXISTS claim_task(uuid, bytea, text, interval);
