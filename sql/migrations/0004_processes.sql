-- What was or will be run: configurations, processes, worker runs, tasks, activities.

CREATE TABLE worker_configuration (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  worker_id uuid NOT NULL,
  name text NOT NULL CONSTRAINT worker_configuration_name_length CHECK (length(name) BETWEEN 1 AND 250),
  configuration jsonb NOT NULL
    CONSTRAINT worker_configuration_is_object CHECK (jsonb_typeof(configuration) = 'object')
    CONSTRAINT worker_configuration_size CHECK (octet_length(configuration::text) <= 1048576),
  -- SHA-256 of the sparse typed form: two configurations with the same digest mean the same.
  digest bytea CONSTRAINT worker_configuration_digest_length CHECK (octet_length(digest) = 32),
  archived timestamptz,
  tombstone timestamptz,
  creator_id uuid,
  initial_worker_version_id uuid,
  initial_corpus_id uuid,
  created timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, id),
  CONSTRAINT worker_configuration_digest_or_tombstone CHECK (digest IS NOT NULL OR tombstone IS NOT NULL),
  CONSTRAINT worker_configuration_digest_unique UNIQUE (tenant_id, worker_id, digest),
  CONSTRAINT worker_configuration_worker FOREIGN KEY (tenant_id, worker_id) REFERENCES worker,
  CONSTRAINT worker_configuration_creator FOREIGN KEY (tenant_id, creator_id) REFERENCES user_account ON DELETE SET NULL (creator_id),
  CONSTRAINT worker_configuration_initial_worker_version
    FOREIGN KEY (tenant_id, initial_worker_version_id) REFERENCES worker_version ON DELETE SET NULL (initial_worker_version_id),
  CONSTRAINT worker_configuration_initial_corpus
    FOREIGN KEY (tenant_id, initial_corpus_id) REFERENCES corpus ON DELETE SET NULL (initial_corpus_id)
);
CREATE UNIQUE INDEX worker_configuration_name_unique ON worker_configuration (tenant_id, worker_id, name)
  WHERE archived IS NULL AND tombstone IS NULL;
CREATE INDEX worker_configuration_by_creator ON worker_configuration (tenant_id, creator_id);
CREATE INDEX worker_configuration_by_initial_worker_version ON worker_configuration (tenant_id, initial_worker_version_id);
CREATE INDEX worker_configuration_by_initial_corpus ON worker_configuration (tenant_id, initial_corpus_id);

CREATE TABLE process (
  tenant_id uuid NOT NULL REFERENCES tenant,
  id uuid NOT NULL,
  name text CONSTRAINT process_name_length CHECK (length(name) BETWEEN 1 AND 250),
  mode text NOT NULL
    CONSTRAINT process_mode_known CHECK (mode IN ('files', 'workers', 'template', 's3', 'local', 'dataset', 'export')),
  state text NOT NULL DEFAULT 'unstarted' CONSTRAINT process_state_known
    CHECK (state IN ('unstarted', 'pending', 'running', 'completed', 'failed', 'stopping', 'stopped')),
  corpus_id uuid,
  creator_id uuid,
  element_id uuid,
  -- The type, name and depth that choose the elements, as the request gave them.
  element_type text,
  name_contains text,
  load_children boolean NOT NULL DEFAULT false,
  chunks smallint NOT NULL DEFAULT 1 CONSTRAINT process_chunks_bounded CHECK (chunks BETWEEN 1 AND 10),
  -- Counts the starts and retries: each is a new round of tasks over the same runs.
  round integer NOT NULL DEFAULT 0,
  created timestamptz NOT NULL DEFAULT now(),
  started timestamptz,
  finished timestamptz,
  PRIMARY KEY (tenant_id, id),
  CONSTRAINT process_corpus FOREIGN KEY (tenant_id, corpus_id) REFERENCES corpus,
  CONSTRAINT process_creator FOREIGN KEY (tenant_id, creator_id) REFERENCES user_account ON DELETE SET NULL (creator_id),
  CONSTRAINT process_corpus_or_personal CHECK (corpus_id IS NOT NULL OR mode IN ('local', 'template')),
  CONSTRAINT process_started_when_it_left_unstarted CHECK ((state = 'unstarted') = (started IS NULL))
);
CREATE INDEX process_by_corpus ON process (tenant_id, corpus_id, id);
CREATE INDEX process_by_creator ON process (tenant_id, creator_id);
CREATE INDEX process_by_element ON process (tenant_id, element_id);

CREATE TABLE worker_run (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  process_id uuid NOT NULL,
  worker_version_id uuid NOT NULL,
  model_version_id uuid,
  configuration_id uuid,
  -- Only for user worker runs: the one person who may sign with it.
  owner_id uuid,
  -- What people read under every result. Frozen at the start: it never changes when names do.
  summary text NOT NULL CONSTRAINT worker_run_summary_not_blank CHECK (length(summary) > 0),
  creator_id uuid,
  created timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, id),
  CONSTRAINT worker_run_process FOREIGN KEY (tenant_id, process_id) REFERENCES process,
  CONSTRAINT worker_run_worker_version FOREIGN KEY (tenant_id, worker_version_id) REFERENCES worker_version,
  CONSTRAINT worker_run_model_version FOREIGN KEY (tenant_id, model_version_id) REFERENCES model_version,
  CONSTRAINT worker_run_configuration FOREIGN KEY (tenant_id, configuration_id) REFERENCES worker_configuration,
  CONSTRAINT worker_run_owner FOREIGN KEY (tenant_id, owner_id) REFERENCES user_account,
  CONSTRAINT worker_run_creator FOREIGN KEY (tenant_id, creator_id) REFERENCES user_account ON DELETE SET NULL (creator_id)
);
-- "None" counts as a value: the same version twice without model and configuration is a duplicate.
CREATE UNIQUE INDEX worker_run_unique_in_process
  ON worker_run (tenant_id, process_id, worker_version_id, model_version_id, configuration_id) NULLS NOT DISTINCT
  WHERE owner_id IS NULL;
CREATE INDEX worker_run_by_process ON worker_run (tenant_id, process_id, id);
CREATE INDEX worker_run_by_worker_version ON worker_run (tenant_id, worker_version_id);
CREATE INDEX worker_run_by_model_version ON worker_run (tenant_id, model_version_id);
CREATE INDEX worker_run_by_configuration ON worker_run (tenant_id, configuration_id);
CREATE INDEX worker_run_by_owner ON worker_run (tenant_id, owner_id);
CREATE INDEX worker_run_by_creator ON worker_run (tenant_id, creator_id);

CREATE TABLE worker_run_parent (
  tenant_id uuid NOT NULL,
  worker_run_id uuid NOT NULL,
  parent_id uuid NOT NULL,
  PRIMARY KEY (tenant_id, worker_run_id, parent_id),
  CONSTRAINT worker_run_parent_child FOREIGN KEY (tenant_id, worker_run_id) REFERENCES worker_run ON DELETE CASCADE,
  CONSTRAINT worker_run_parent_parent FOREIGN KEY (tenant_id, parent_id) REFERENCES worker_run ON DELETE CASCADE,
  CONSTRAINT worker_run_parent_not_itself CHECK (worker_run_id <> parent_id)
);
CREATE INDEX worker_run_parent_by_parent ON worker_run_parent (tenant_id, parent_id);

-- Who made a row: one source for each run, corpus and generation. Results name it in four bytes; 0 is by hand.
CREATE SEQUENCE source_id AS integer CACHE 1;
CREATE TABLE source (
  tenant_id uuid NOT NULL,
  id integer NOT NULL DEFAULT nextval('source_id') CONSTRAINT source_id_positive CHECK (id > 0),
  corpus_id uuid NOT NULL,
  worker_run_id uuid NOT NULL,
  generation integer NOT NULL CONSTRAINT source_generation_positive CHECK (generation > 0),
  -- A deletion closes it; what still tries to publish into it is refused.
  open boolean NOT NULL DEFAULT true,
  PRIMARY KEY (tenant_id, id),
  CONSTRAINT source_generation_unique UNIQUE (tenant_id, corpus_id, worker_run_id, generation),
  CONSTRAINT source_corpus FOREIGN KEY (tenant_id, corpus_id) REFERENCES corpus,
  CONSTRAINT source_worker_run FOREIGN KEY (tenant_id, worker_run_id) REFERENCES worker_run
);
CREATE UNIQUE INDEX source_one_open ON source (tenant_id, corpus_id, worker_run_id) WHERE open;
CREATE INDEX source_by_worker_run ON source (tenant_id, worker_run_id, id);

CREATE TABLE task (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  process_id uuid NOT NULL,
  worker_run_id uuid NOT NULL,
  round integer NOT NULL,
  chunk smallint NOT NULL DEFAULT 1,
  slug text NOT NULL,
  state text NOT NULL DEFAULT 'unscheduled' CONSTRAINT task_state_known
    CHECK (state IN ('unscheduled', 'pending', 'running', 'completed', 'failed', 'error', 'stopping', 'stopped')),
  attempt smallint NOT NULL DEFAULT 0,
  max_attempts smallint NOT NULL DEFAULT 3,
  -- The secret of the running attempt, hashed; dies with the lease.
  token_digest bytea CONSTRAINT task_token_digest_length CHECK (octet_length(token_digest) = 32),
  lease_until timestamptz,
  -- Given when it is claimed: what it publishes is signed with it.
  source_id integer,
  agent text,
  exit_code integer,
  logs text NOT NULL DEFAULT '',
  created timestamptz NOT NULL DEFAULT now(),
  started timestamptz,
  finished timestamptz,
  PRIMARY KEY (tenant_id, id),
  CONSTRAINT task_process FOREIGN KEY (tenant_id, process_id) REFERENCES process ON DELETE CASCADE,
  CONSTRAINT task_worker_run FOREIGN KEY (tenant_id, worker_run_id) REFERENCES worker_run,
  CONSTRAINT task_source FOREIGN KEY (tenant_id, source_id) REFERENCES source,
  CONSTRAINT task_unique_in_round UNIQUE (tenant_id, process_id, round, worker_run_id, chunk),
  CONSTRAINT task_lease_while_it_runs CHECK ((state IN ('running', 'stopping')) = (lease_until IS NOT NULL)),
  CONSTRAINT task_logs_bounded CHECK (octet_length(logs) <= 4194304)
);
CREATE UNIQUE INDEX task_token_digest_unique ON task (tenant_id, token_digest);
CREATE INDEX task_by_worker_run ON task (tenant_id, worker_run_id, id);
CREATE INDEX task_by_source ON task (tenant_id, source_id);
CREATE INDEX task_waiting ON task (tenant_id, created, id) WHERE state IN ('pending', 'running', 'stopping');

CREATE TABLE task_parent (
  tenant_id uuid NOT NULL,
  task_id uuid NOT NULL,
  parent_id uuid NOT NULL,
  PRIMARY KEY (tenant_id, task_id, parent_id),
  CONSTRAINT task_parent_child FOREIGN KEY (tenant_id, task_id) REFERENCES task ON DELETE CASCADE,
  CONSTRAINT task_parent_parent FOREIGN KEY (tenant_id, parent_id) REFERENCES task ON DELETE CASCADE
);
CREATE INDEX task_parent_by_parent ON task_parent (tenant_id, parent_id);
