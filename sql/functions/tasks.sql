-- Tasks: handed out with a lease, kept while it is renewed, given back when it runs out.

-- Hands out one pending task, with a source to sign with. digest is that of the token the task will use; nobody can read the token back.
CREATE OR REPLACE FUNCTION claim_task(of_process uuid, digest bytea, by_agent text, lease interval)
RETURNS TABLE (id uuid, worker_run_id uuid, process_id uuid, attempt smallint, chunk smallint, chunks smallint, command text, model_version_id uuid,
  use_gpu boolean)
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  candidate record;
  claimed task;
  given process;
  source integer;
BEGIN
  LOOP
    SELECT t.id, t.process_id, t.worker_run_id, p.corpus_id INTO candidate FROM task t
      JOIN process p ON p.tenant_id = own_tenant() AND p.id = t.process_id
      WHERE t.tenant_id = own_tenant() AND t.state = 'pending' AND (of_process IS NULL OR t.process_id = of_process)
      ORDER BY t.created, t.id LIMIT 1;
    IF NOT FOUND THEN RETURN; END IF;
    -- The source before the process, and the process before its tasks, as whoever deletes, stops or ends them locks. A deletion of the run's
    -- results waits until the lease is there for it to see; after one, the next generation is opened.
    source := open_source(candidate.worker_run_id, candidate.corpus_id);
    SELECT * INTO given FROM process p WHERE p.tenant_id = own_tenant() AND p.id = candidate.process_id FOR UPDATE;
    SELECT t.* INTO claimed FROM task t WHERE t.tenant_id = own_tenant() AND t.id = candidate.id AND t.state = 'pending' FOR UPDATE;
    EXIT WHEN FOUND;
  END LOOP;
  UPDATE task t SET state = 'running', attempt = t.attempt + 1, token_digest = digest, lease_until = now() + lease, agent = by_agent,
    started = now(), finished = NULL, exit_code = NULL, log_pieces = 0, source_id = source
    WHERE t.tenant_id = own_tenant() AND t.id = claimed.id RETURNING * INTO claimed;
  PERFORM settle_process(claimed.process_id);
  RETURN QUERY SELECT claimed.id, claimed.worker_run_id, claimed.process_id, claimed.attempt, claimed.chunk, given.chunks, v.command, r.model_version_id,
      run_uses_gpu(v.gpu_usage, given.use_gpu)
    FROM worker_run r JOIN worker_version v ON v.tenant_id = own_tenant() AND v.id = r.worker_version_id
    WHERE r.tenant_id = own_tenant() AND r.id = claimed.worker_run_id;
END $$;

-- Whether a run of a version works on a GPU: when it must, or when it can and its process was started so.
CREATE OR REPLACE FUNCTION run_uses_gpu(usage text, wanted boolean) RETURNS boolean LANGUAGE sql IMMUTABLE AS
  $$ SELECT usage = 'required' OR (usage = 'supported' AND wanted) $$;

-- Keeps the lease of one attempt. Answers whether it should go on: false when it is to stop, null when the lease is lost.
CREATE OR REPLACE FUNCTION renew_task(wanted uuid, of_attempt smallint, lease interval) RETURNS boolean LANGUAGE sql AS $$
  UPDATE task t SET lease_until = now() + lease WHERE t.tenant_id = own_tenant() AND t.id = wanted AND t.attempt = of_attempt
    AND t.state IN ('running', 'stopping') AND t.lease_until > now()
  RETURNING t.state = 'running'
$$;

-- Adds to the log. Pieces are numbered from 1 within an attempt: one that is sent again, because its answer was lost, is not kept twice.
CREATE OR REPLACE FUNCTION append_task_log(wanted uuid, of_attempt smallint, piece integer, more text) RETURNS void LANGUAGE sql AS $$
  UPDATE task t SET logs = right(t.logs || more, 1000000), log_pieces = piece
    WHERE t.tenant_id = own_tenant() AND t.id = wanted AND t.attempt = of_attempt AND t.log_pieces < piece
$$;

-- Whoever hands work to a task or takes a report of it holds this shared to the end of the transaction, and looks at the task only then; whoever
-- ends an attempt holds it alone. So what a task has begun is there to be swept up when it ends. It is taken after the process.
CREATE OR REPLACE FUNCTION task_lock(task uuid) RETURNS bigint LANGUAGE sql IMMUTABLE AS
  $$ SELECT hashtextextended(task::text, 17) $$;

-- Ends an attempt: its token is good for a minute, and only for what the task leaves (see enter). What it had
-- started counts as an error, and what waited for it may run.
CREATE OR REPLACE FUNCTION end_task(wanted uuid, of_attempt smallint, outcome text, code integer) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE ended task;
BEGIN
  SELECT * INTO ended FROM task t WHERE t.tenant_id = own_tenant() AND t.id = wanted;
  PERFORM FROM process p WHERE p.tenant_id = own_tenant() AND p.id = ended.process_id FOR UPDATE;
  PERFORM pg_advisory_xact_lock(task_lock(wanted));
  UPDATE task t SET state = CASE WHEN t.state = 'stopping' AND outcome <> 'completed' THEN 'stopped' ELSE outcome END, exit_code = code,
    finished = now(), lease_until = NULL
    WHERE t.tenant_id = own_tenant() AND t.id = wanted AND t.attempt = of_attempt AND t.state IN ('running', 'stopping') RETURNING * INTO ended;
  IF NOT FOUND THEN RETURN false; END IF;
  UPDATE worker_activity a SET state = 'error', updated = now() WHERE a.tenant_id = own_tenant() AND a.task_id = wanted AND a.state = 'started';
  PERFORM settle_process(ended.process_id);
  RETURN true;
END $$;

-- Gives an attempt back before its time, when the one who runs it has to stop: it does not count against the task.
CREATE OR REPLACE FUNCTION release_task(wanted uuid, of_attempt smallint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  of_process uuid := (SELECT t.process_id FROM task t WHERE t.tenant_id = own_tenant() AND t.id = wanted);
  most_attempts CONSTANT smallint := 1000;
BEGIN
  PERFORM FROM process p WHERE p.tenant_id = own_tenant() AND p.id = of_process FOR UPDATE;
  PERFORM pg_advisory_xact_lock(task_lock(wanted));
  -- One that is given back again and again would keep all that wait behind it.
  UPDATE task t SET lease_until = NULL, token_digest = NULL, max_attempts = t.max_attempts + 1,
    state = CASE WHEN t.state = 'stopping' THEN 'stopped' WHEN t.attempt < most_attempts THEN 'pending' ELSE 'error' END,
    finished = CASE WHEN t.state = 'stopping' OR t.attempt >= most_attempts THEN now() END,
    logs = CASE WHEN t.state = 'stopping' OR t.attempt < most_attempts THEN t.logs
      ELSE right(t.logs || format(E'\nGiven back %s times: it is not handed out any more.\n', t.attempt), 1000000) END
    WHERE t.tenant_id = own_tenant() AND t.id = wanted AND t.attempt = of_attempt AND t.state IN ('running', 'stopping');
  IF NOT FOUND THEN RETURN; END IF;
  UPDATE worker_activity a SET state = 'queued', task_id = NULL, source_id = NULL, started = NULL, updated = now()
    WHERE a.tenant_id = own_tenant() AND a.task_id = wanted AND a.state = 'started';
  PERFORM settle_process(of_process);
END $$;

-- What a task says of its own end. Said again, because its answer was lost, it is the same end; another end comes too late.
CREATE OR REPLACE FUNCTION end_own_task(wanted uuid, outcome text, code integer) RETURNS void LANGUAGE plpgsql AS $$
DECLARE had task;
BEGIN
  IF own_task() IS DISTINCT FROM wanted THEN
    PERFORM refuse(403, 'permission_denied', 'Only the task itself may end it: authenticate with its own token.');
  END IF;
  SELECT * INTO had FROM task t WHERE t.tenant_id = own_tenant() AND t.id = wanted;
  IF end_task(wanted, had.attempt, outcome, code) THEN RETURN; END IF;
  SELECT * INTO had FROM task t WHERE t.tenant_id = own_tenant() AND t.id = wanted;
  IF had.state <> outcome AND (had.state <> 'stopped' OR outcome = 'completed') THEN
    PERFORM refuse(409, 'wrong_state', format('This task has ended already, as %s.', had.state), '["state"]');
  ELSIF had.exit_code IS DISTINCT FROM code THEN
    PERFORM refuse(409, 'wrong_state', format('This task has ended already, with the exit code %s.', coalesce(had.exit_code::text, 'unknown')),
      '["exit_code"]');
  END IF;
END $$;

-- Tasks whose lease ran out: what they had started is queued again; they are tried again until their attempts are spent.
CREATE OR REPLACE FUNCTION reap_tasks() RETURNS SETOF uuid LANGUAGE plpgsql AS $$
DECLARE lost task;
BEGIN
  FOR lost IN SELECT t.* FROM task t WHERE t.tenant_id = own_tenant() AND t.state IN ('running', 'stopping') AND t.lease_until < now()
    ORDER BY t.process_id, t.id LOOP
    PERFORM FROM process p WHERE p.tenant_id = own_tenant() AND p.id = lost.process_id FOR UPDATE;
    PERFORM pg_advisory_xact_lock(task_lock(lost.id));
    SELECT t.* INTO lost FROM task t WHERE t.tenant_id = own_tenant() AND t.id = lost.id
      AND t.state IN ('running', 'stopping') AND t.lease_until < now() FOR UPDATE;
    CONTINUE WHEN NOT FOUND;
    UPDATE task t SET lease_until = NULL, token_digest = NULL,
      state = CASE WHEN t.state = 'stopping' THEN 'stopped' WHEN t.attempt < t.max_attempts THEN 'pending' ELSE 'error' END,
      finished = CASE WHEN t.state = 'running' AND t.attempt < t.max_attempts THEN NULL ELSE now() END,
      logs = right(t.logs || E'\nThe agent was lost: the lease of this attempt ran out.\n', 1000000)
      WHERE t.tenant_id = own_tenant() AND t.id = lost.id;
    UPDATE worker_activity a SET state = 'queued', task_id = NULL, source_id = NULL, started = NULL, updated = now()
      WHERE a.tenant_id = own_tenant() AND a.task_id = lost.id AND a.state = 'started';
    PERFORM settle_process(lost.process_id);
    RETURN NEXT lost.id;
  END LOOP;
END $$;

-- Tries a task of the last round again that failed, was stopped or ended in error. Its process goes on, or begins anew.
CREATE OR REPLACE FUNCTION restart_task(wanted uuid) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  given process;
  again task;
  above text[];
BEGIN
  PERFORM hold_corpus_of_process((SELECT t.process_id FROM task t WHERE t.tenant_id = own_tenant() AND t.id = wanted));
  SELECT p.* INTO given FROM process p JOIN task t ON t.tenant_id = own_tenant() AND t.process_id = p.id
    WHERE p.tenant_id = own_tenant() AND t.id = wanted FOR UPDATE OF p;
  SELECT * INTO again FROM task t WHERE t.tenant_id = own_tenant() AND t.id = wanted;
  IF again.round <> given.round THEN
    PERFORM refuse(409, 'wrong_round', 'This task belongs to an earlier round of its process.');
  ELSIF again.state NOT IN ('failed', 'error', 'stopped') OR given.state = 'stopping' THEN
    PERFORM refuse(409, 'wrong_state', format('Only a task that failed or was stopped can be restarted; this one is %s, its process %s.',
      again.state, given.state));
  END IF;
  -- It would wait for ever for what does not come.
  above := ARRAY(SELECT format('%s (%s)', parent.slug, parent.state) FROM task_parent p
      JOIN task parent ON parent.tenant_id = own_tenant() AND parent.id = p.parent_id
    WHERE p.tenant_id = own_tenant() AND p.task_id = wanted AND parent.state NOT IN ('completed', 'unscheduled', 'pending', 'running') ORDER BY 1);
  IF above <> '{}' THEN
    PERFORM refuse(409, 'parents_ended', format('Restart first what this task waits for: %s.', array_to_string(above, ', ')));
  END IF;
  PERFORM lock_parts(given.id);
  PERFORM refuse_faults((SELECT run_faults(r.worker_version_id, r.model_version_id, r.configuration_id, '[]', true)
      || element_type_faults(given.corpus_id, r.worker_version_id, r.configuration_id, '[]') FROM worker_run r
    WHERE r.tenant_id = own_tenant() AND r.id = again.worker_run_id));
  UPDATE worker_activity a SET state = 'queued', task_id = NULL, source_id = NULL, started = NULL, updated = now()
    WHERE a.tenant_id = own_tenant() AND a.worker_run_id = again.worker_run_id AND a.chunk = again.chunk
      AND (a.state IN ('started', 'error') OR activity_state(a.state, a.source_id) <> a.state);
  IF given.mode = 'workers' AND NOT has_work(again.worker_run_id, again.chunk) THEN
    PERFORM refuse(409, 'nothing_to_do', 'No element of this task is left to work on: each has been processed, or was deleted.');
  END IF;
  UPDATE task t SET state = 'unscheduled', max_attempts = t.attempt + 3, exit_code = NULL, finished = NULL
    WHERE t.tenant_id = own_tenant() AND t.id = wanted;
  UPDATE process p SET state = 'pending', finished = NULL
    WHERE p.tenant_id = own_tenant() AND p.id = given.id AND p.state NOT IN ('pending', 'running');
  PERFORM settle_process(given.id);
END $$;
