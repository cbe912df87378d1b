-- Background work. A job is claimed with a lease that its holder keeps; each claim counts an attempt, and every transaction of a job
-- begins by holding the row of its attempt. So a holder that lost its lease changes nothing any more, and what is done and how much
-- of it is told are committed together. All times are the database's.

-- Asks for work. refusal says why it cannot be cancelled.
CREATE OR REPLACE FUNCTION enqueue_job(of_kind text, called text, on_corpus uuid, on_run uuid, with_args jsonb, not_before timestamptz DEFAULT now(),
  objects bigint DEFAULT NULL, refusal text DEFAULT NULL) RETURNS uuid LANGUAGE plpgsql AS $$
DECLARE made uuid := uuid7();
BEGIN
  INSERT INTO job (tenant_id, id, kind, description, corpus_id, worker_run_id, args, run_at, total, refusal, creator_id)
  VALUES (own_tenant(), made, of_kind, left(called, 1000), on_corpus, on_run, coalesce(with_args, '{}'), not_before, objects, enqueue_job.refusal, own_user());
  RETURN made;
END $$;

-- Marks what changes, for whoever follows it. Who waits for jobs, or for what becomes of them, is told when the transaction commits.
CREATE OR REPLACE FUNCTION job_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.changed := pg_current_xact_id();
  IF TG_OP = 'INSERT' OR NEW.state <> OLD.state OR NEW.run_at < OLD.run_at THEN PERFORM pg_notify('jobs', ''); END IF;
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER job_changes BEFORE INSERT OR UPDATE ON job FOR EACH ROW EXECUTE FUNCTION job_changed();

-- Which jobs of these kinds are due, in all tenants: a few of each, the longest waiting first. Whoever has the fewest running comes first, then
-- whoever has waited longest for a turn, so that nobody's many hide another's few; only these few of the many are read.
-- Tells no more than where they are; whoever takes one enters its tenant and reads the row under its policies.
CREATE OR REPLACE FUNCTION jobs_waiting(kinds text[]) RETURNS TABLE (tenant_id uuid, id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT t.tenant_id, due.id FROM tenant t
    CROSS JOIN LATERAL (
      SELECT j.id, j.run_at, row_number() OVER (ORDER BY j.run_at, j.id) AS place FROM job j
      WHERE j.tenant_id = t.tenant_id AND j.kind = ANY (kinds) AND j.run_at <= now()
        AND (j.state = 'queued' OR (j.state = 'running' AND j.lease_until < now()))
      ORDER BY j.run_at, j.id LIMIT 10
    ) AS due
    CROSS JOIN LATERAL (
      SELECT (SELECT count(*) FROM job j WHERE j.tenant_id = t.tenant_id AND j.state = 'running' AND j.lease_until >= now()) AS running,
        (SELECT max(j.claimed) FROM job j WHERE j.tenant_id = t.tenant_id) AS claimed
    ) AS turn
  ORDER BY turn.running + due.place, turn.claimed NULLS FIRST, due.run_at
$$;

-- How long until a job that failed this often is tried again: doubling from five seconds to ten minutes, spread by half.
CREATE OR REPLACE FUNCTION job_backoff(failures integer) RETURNS interval LANGUAGE sql VOLATILE AS
  $$ SELECT least(5 * 2 ^ least(failures - 1, 10), 600) * (0.75 + random() / 2) * interval '1 second' $$;

-- Hands out one job, if it is still due. Where a lease ran out its holder counts as having failed.
CREATE OR REPLACE FUNCTION claim_job(wanted uuid, by_holder text, lease interval)
RETURNS TABLE (id uuid, kind text, args jsonb, attempt integer) LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE taken job;
BEGIN
  SELECT * INTO taken FROM job j WHERE j.tenant_id = own_tenant() AND j.id = wanted
    AND ((j.state = 'queued' AND j.run_at <= now()) OR (j.state = 'running' AND j.lease_until < now())) FOR UPDATE SKIP LOCKED;
  IF NOT FOUND THEN RETURN; END IF;
  IF taken.state = 'running' THEN
    IF taken.cancelling THEN
      UPDATE job j SET state = 'cancelled', lease_until = NULL, finished = now() WHERE j.tenant_id = own_tenant() AND j.id = wanted;
      RETURN;
    END IF;
    PERFORM count_failure(taken, 'The server that carried it out was lost.');
    SELECT * INTO taken FROM job j WHERE j.tenant_id = own_tenant() AND j.id = wanted AND j.state = 'queued' AND j.run_at <= now();
    IF NOT FOUND THEN RETURN; END IF;
  END IF;
  RETURN QUERY UPDATE job j SET state = 'running', attempt = j.attempt + 1, holder = by_holder, lease_until = now() + lease, heartbeat = now(),
      claimed = now(), claimed_done = j.done, started = coalesce(j.started, now())
    WHERE j.tenant_id = own_tenant() AND j.id = wanted RETURNING j.id, j.kind, j.args, j.attempt;
END $$;

-- One more failure: queued again after a pause, or for good when there were too many in a row.
CREATE OR REPLACE FUNCTION count_failure(of_job job, why text) RETURNS void LANGUAGE sql AS $$
  UPDATE job j SET failures = j.failures + 1, error = why, lease_until = NULL, holder = NULL,
    state = CASE WHEN j.failures + 1 >= j.max_failures THEN 'failed' ELSE 'queued' END,
    finished = CASE WHEN j.failures + 1 >= j.max_failures THEN now() END,
    run_at = now() + job_backoff(j.failures + 1)
  WHERE j.tenant_id = own_tenant() AND j.id = of_job.id
$$;

-- What every transaction of a job begins with: keeps the row and renews the lease, or refuses whoever has it no longer.
CREATE OR REPLACE FUNCTION hold_job(wanted uuid, of_attempt integer, lease interval) RETURNS void LANGUAGE plpgsql AS $$
DECLARE to_be_cancelled boolean;
BEGIN
  UPDATE job j SET lease_until = now() + lease, heartbeat = now()
    WHERE j.tenant_id = own_tenant() AND j.id = wanted AND j.attempt = of_attempt AND j.state = 'running'
    RETURNING j.cancelling INTO to_be_cancelled;
  IF NOT FOUND THEN PERFORM refuse(409, 'job_lease_lost', 'Somebody else may have this job by now.'); END IF;
  IF to_be_cancelled THEN PERFORM refuse(409, 'job_cancelled', 'This job is being cancelled.'); END IF;
END $$;

-- So much more is done, and all of it is so much; null leaves the total as it is.
CREATE OR REPLACE FUNCTION advance_job(wanted uuid, more bigint, new_total bigint DEFAULT NULL) RETURNS void LANGUAGE sql AS $$
  UPDATE job j SET done = j.done + more, total = greatest(coalesce(new_total, j.total), j.done + more), failures = 0, error = NULL
  WHERE j.tenant_id = own_tenant() AND j.id = wanted
$$;

-- The end of an attempt: 'done' or 'cancelled' for good, 'queued' gives it back without counting a failure.
CREATE OR REPLACE FUNCTION end_job(wanted uuid, of_attempt integer, outcome text) RETURNS void LANGUAGE sql AS $$
  UPDATE job j SET lease_until = NULL, holder = NULL, error = NULL,
    state = CASE WHEN outcome = 'queued' AND j.cancelling THEN 'cancelled' ELSE outcome END,
    finished = CASE WHEN outcome <> 'queued' OR j.cancelling THEN now() END,
    total = CASE outcome WHEN 'done' THEN j.done ELSE j.total END, run_at = CASE outcome WHEN 'queued' THEN now() ELSE j.run_at END
  WHERE j.tenant_id = own_tenant() AND j.id = wanted AND j.attempt = of_attempt AND j.state = 'running'
$$;

CREATE OR REPLACE FUNCTION fail_job(wanted uuid, of_attempt integer, why text) RETURNS void LANGUAGE sql AS $$
  SELECT count_failure(j, left(why, 2000)) FROM job j
  WHERE j.tenant_id = own_tenant() AND j.id = wanted AND j.attempt = of_attempt AND j.state = 'running'
$$;

-- Cancels what waits or runs, and dismisses what has ended.
CREATE OR REPLACE FUNCTION destroy_job(wanted uuid) RETURNS void LANGUAGE plpgsql AS $$
DECLARE given job;
BEGIN
  SELECT * INTO given FROM job j WHERE j.tenant_id = own_tenant() AND j.id = wanted FOR UPDATE;
  IF NOT FOUND THEN PERFORM refuse(404, 'not_found', 'There is no job with this id.'); END IF;
  IF given.refusal IS NOT NULL AND given.state IN ('queued', 'running', 'failed') THEN PERFORM refuse(409, 'not_cancellable', given.refusal); END IF;
  CASE given.state
    WHEN 'queued' THEN UPDATE job j SET state = 'cancelled', finished = now() WHERE j.tenant_id = own_tenant() AND j.id = wanted;
    WHEN 'running' THEN UPDATE job j SET cancelling = true WHERE j.tenant_id = own_tenant() AND j.id = wanted;
    ELSE DELETE FROM job j WHERE j.tenant_id = own_tenant() AND j.id = wanted;
  END CASE;
END $$;

-- What waits, runs and has failed in all tenants, in numbers alone: for the operator of the server.
CREATE OR REPLACE FUNCTION job_backlog() RETURNS TABLE (kind text, state text, jobs bigint, objects_left bigint, oldest double precision)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT j.kind, j.state, count(*), coalesce(sum(greatest(j.total - j.done, 0)), 0)::bigint,
    coalesce(extract(epoch FROM now() - min(j.run_at) FILTER (WHERE j.state = 'queued' AND j.run_at <= now())), 0)::double precision
  FROM job j WHERE j.state IN ('queued', 'running', 'failed') GROUP BY 1, 2 ORDER BY 1, 2
$$;

CREATE OR REPLACE FUNCTION most_hidden_lineages() RETURNS bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT coalesce(max(n), 0) FROM (SELECT count(*) AS n FROM hidden_lineage h GROUP BY h.tenant_id) AS hidden
$$;
