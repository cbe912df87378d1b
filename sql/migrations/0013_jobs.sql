-- Background work: one row for each piece, handed out with a lease. What it does is declared in Swift, by kind.

CREATE TABLE job (
  tenant_id uuid NOT NULL REFERENCES tenant,
  id uuid NOT NULL,
  kind text COLLATE "C" NOT NULL CONSTRAINT job_kind_form CHECK (kind ~ '^[a-z][a-z_]{0,62}$'),
  description text NOT NULL CONSTRAINT job_description_length CHECK (length(description) BETWEEN 1 AND 1000),
  corpus_id uuid,
  worker_run_id uuid,
  args jsonb NOT NULL DEFAULT '{}' CONSTRAINT job_args_is_object CHECK (jsonb_typeof(args) = 'object'),
  state text NOT NULL DEFAULT 'queued' CONSTRAINT job_state_known CHECK (state IN ('queued', 'running', 'done', 'failed', 'cancelled')),
  -- In objects; null while it is not known how many there are.
  total bigint CONSTRAINT job_total_not_negative CHECK (total >= 0),
  done bigint NOT NULL DEFAULT 0 CONSTRAINT job_done_not_negative CHECK (done >= 0),
  -- Not before this.
  run_at timestamptz NOT NULL DEFAULT now(),
  -- Counts the claims, and fences off an earlier holder that lost its lease.
  attempt integer NOT NULL DEFAULT 0,
  -- In a row: progress sets it back.
  failures smallint NOT NULL DEFAULT 0,
  max_failures smallint NOT NULL DEFAULT 8 CONSTRAINT job_max_failures_positive CHECK (max_failures > 0),
  holder text,
  lease_until timestamptz,
  -- When the holder was last heard of, when it took the job, and how much was done by then: what the rate is worked out from.
  heartbeat timestamptz,
  claimed timestamptz,
  claimed_done bigint NOT NULL DEFAULT 0,
  -- Somebody wants it to end.
  cancelling boolean NOT NULL DEFAULT false,
  -- Why it cannot be cancelled, and what to do instead; null where it can.
  refusal text,
  error text,
  creator_id uuid,
  created timestamptz NOT NULL DEFAULT now(),
  started timestamptz,
  finished timestamptz,
  PRIMARY KEY (tenant_id, id),
  CONSTRAINT job_corpus FOREIGN KEY (tenant_id, corpus_id) REFERENCES corpus,
  CONSTRAINT job_worker_run FOREIGN KEY (tenant_id, worker_run_id) REFERENCES worker_run ON DELETE SET NULL (worker_run_id),
  CONSTRAINT job_creator FOREIGN KEY (tenant_id, creator_id) REFERENCES user_account ON DELETE SET NULL (creator_id),
  CONSTRAINT job_lease_while_it_runs CHECK ((state = 'running') = (lease_until IS NOT NULL)),
  CONSTRAINT job_finished_at_its_end CHECK ((state IN ('done', 'failed', 'cancelled')) = (finished IS NOT NULL))
) WITH (fillfactor = 50);
CREATE INDEX job_waiting ON job (tenant_id, run_at, id) WHERE state IN ('queued', 'running');
CREATE INDEX job_by_corpus ON job (tenant_id, corpus_id, id);
CREATE INDEX job_by_worker_run ON job (tenant_id, worker_run_id);
CREATE INDEX job_by_creator ON job (tenant_id, creator_id);
