-- Processes, their runs and their tasks. docs/states.md draws who may move what.

-- What people read under every result of a run.
CREATE OR REPLACE FUNCTION summary_of(version_id uuid, model_version_id uuid, configuration_id uuid) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT format('Worker %s @ %s', w.name, coalesce(v.version::text, left(v.id::text, 6)))
    || coalesce((SELECT format(' with model %s @ %s', m.name, left(mv.id::text, 6)) FROM model_version mv
      JOIN model m ON m.tenant_id = own_tenant() AND m.id = mv.model_id
      WHERE mv.tenant_id = own_tenant() AND mv.id = summary_of.model_version_id), '')
    || coalesce((SELECT format(' using configuration ''%s''', c.name) FROM worker_configuration c
      WHERE c.tenant_id = own_tenant() AND c.id = summary_of.configuration_id), '')
  FROM worker_version v JOIN worker w ON w.tenant_id = own_tenant() AND w.id = v.worker_id
  WHERE v.tenant_id = own_tenant() AND v.id = version_id
$$;

-- Why these parts may not make a run, as errors with paths below place; empty when they may. complete also asks for a required model.
CREATE OR REPLACE FUNCTION run_faults(version_id uuid, model_version_id uuid, configuration_id uuid, place jsonb, complete boolean)
RETURNS jsonb LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT coalesce(jsonb_agg(jsonb_build_object('attr', place || to_jsonb(fault.field), 'code', fault.code, 'detail', fault.detail)), '[]')
  FROM worker_version v
  JOIN worker w ON w.tenant_id = own_tenant() AND w.id = v.worker_id
  LEFT JOIN model_version mv ON mv.tenant_id = own_tenant() AND mv.id = run_faults.model_version_id AND mv.tombstone IS NULL
  LEFT JOIN model m ON m.tenant_id = own_tenant() AND m.id = mv.model_id
  LEFT JOIN worker_configuration c ON c.tenant_id = own_tenant() AND c.id = run_faults.configuration_id AND c.tombstone IS NULL
  CROSS JOIN LATERAL (VALUES
    (v.tombstone IS NOT NULL, 'worker_version_id', 'deleted', 'This worker version was deleted.'),
    (w.archived IS NOT NULL, 'worker_version_id', 'archived', format('The worker %s is archived.', w.name)),
    (v.state <> 'available', 'worker_version_id', 'unavailable', format('This worker version is %s, not available.', v.state)),
    (run_faults.model_version_id IS NOT NULL AND mv.id IS NULL, 'model_version_id', 'does_not_exist', 'There is no model version with this id.'),
    (mv.id IS NOT NULL AND v.model_usage = 'disabled', 'model_version_id', 'model_not_supported', 'This worker version does not use models.'),
    (mv.id IS NOT NULL AND mv.state <> 'available', 'model_version_id', 'unavailable', format('This model version is %s, not available.', mv.state)),
    (m.archived IS NOT NULL, 'model_version_id', 'archived', format('The model %s is archived.', m.name)),
    (mv.id IS NOT NULL AND model_level(m.id) IS NULL AND own_user() IS NOT NULL, 'model_version_id', 'does_not_exist', 'There is no model version with this id.'),
    (mv.id IS NOT NULL AND mv.tag IS NULL AND model_level(m.id) < 50, 'model_version_id', 'untagged', 'Guests of a model may only use its tagged versions.'),
    (complete AND mv.id IS NULL AND v.model_usage = 'required', 'model_version_id', 'model_required', 'This worker version needs a model version.'),
    (run_faults.configuration_id IS NOT NULL AND (c.id IS NULL OR c.worker_id <> w.id), 'configuration_id', 'does_not_exist',
      'This worker has no configuration with this id.'),
    (c.archived IS NOT NULL AND c.worker_id = w.id, 'configuration_id', 'archived', format('The configuration %s is archived.', c.name))
  ) AS fault (wrong, field, code, detail)
  WHERE v.tenant_id = own_tenant() AND v.id = version_id AND fault.wrong
$$;

-- Parents must be runs of the same process and may not lead back to the run.
CREATE OR REPLACE FUNCTION set_run_parents(run uuid, parents uuid[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE of_process uuid := (SELECT r.process_id FROM worker_run r WHERE r.tenant_id = own_tenant() AND r.id = run);
BEGIN
  IF EXISTS (SELECT FROM unnest(parents) AS wanted (id) WHERE NOT EXISTS (
    SELECT FROM worker_run r WHERE r.tenant_id = own_tenant() AND r.process_id = of_process AND r.id = wanted.id)) THEN
    PERFORM refuse(400, 'does_not_exist', 'Every parent must be a worker run of the same process.', '["parents"]');
  END IF;
  DELETE FROM worker_run_parent p WHERE p.tenant_id = own_tenant() AND p.worker_run_id = run;
  IF EXISTS (
    WITH RECURSIVE above AS (
      SELECT wanted.id FROM unnest(parents) AS wanted (id)
      UNION SELECT p.parent_id FROM above a JOIN worker_run_parent p ON p.tenant_id = own_tenant() AND p.worker_run_id = a.id
    ) SELECT FROM above WHERE above.id = run) THEN
    PERFORM refuse(400, 'cycle', 'Parents may not lead back to the worker run itself.', '["parents"]');
  END IF;
  INSERT INTO worker_run_parent (tenant_id, worker_run_id, parent_id) SELECT own_tenant(), run, wanted.id FROM (SELECT DISTINCT unnest(parents) AS id) AS wanted;
END $$;

-- The process, locked, while its runs may still change.
CREATE OR REPLACE FUNCTION lock_unstarted_process(wanted uuid) RETURNS process LANGUAGE plpgsql AS $$
DECLARE locked process;
BEGIN
  SELECT * INTO locked FROM process p WHERE p.tenant_id = own_tenant() AND p.id = wanted FOR UPDATE;
  IF NOT FOUND THEN PERFORM refuse(404, 'not_found', 'There is no process with this id.'); END IF;
  IF locked.state <> 'unstarted' THEN
    PERFORM refuse(409, 'process_started', 'This process has been started: its worker runs can no longer be changed.', NULL, jsonb_build_object('state', locked.state));
  END IF;
  RETURN locked;
END $$;

-- Adds a run, or changes one: the same checks, the same uniqueness, "none" counting as a value.
CREATE OR REPLACE FUNCTION save_worker_run(run uuid, of_process uuid, version_id uuid, model_version uuid, configuration uuid, parents uuid[])
RETURNS uuid LANGUAGE plpgsql AS $$
DECLARE
  saved uuid := coalesce(run, uuid7());
  twin uuid;
  faults jsonb;
BEGIN
  PERFORM lock_unstarted_process(of_process);
  PERFORM require_level('worker_version', version_id, 50, '["worker_version_id"]');
  PERFORM lock_for_use('worker', ARRAY(SELECT v.worker_id FROM worker_version v WHERE v.tenant_id = own_tenant() AND v.id = version_id));
  PERFORM lock_for_use('worker_version', ARRAY[version_id]);
  PERFORM lock_for_use('model_version', ARRAY[model_version]);
  PERFORM lock_for_use('worker_configuration', ARRAY[configuration]);
  faults := run_faults(version_id, model_version, configuration, '[]', false);
  IF faults <> '[]' THEN PERFORM refuse_all(400, faults); END IF;
  -- The process is locked, so nobody adds a twin between this look and the insert; the unique index stands behind it all the same.
  SELECT r.id INTO twin FROM worker_run r WHERE r.tenant_id = own_tenant() AND r.process_id = of_process AND r.worker_version_id = version_id
    AND r.model_version_id IS NOT DISTINCT FROM model_version AND r.configuration_id IS NOT DISTINCT FROM configuration AND r.id <> saved;
  IF FOUND THEN
    PERFORM refuse(409, 'worker_run_exists',
      'This process already has a worker run with this version, model version and configuration: choose another model version or configuration.',
      NULL, jsonb_build_object('existing_id', twin));
  END IF;
  INSERT INTO worker_run AS r (tenant_id, id, process_id, worker_version_id, model_version_id, configuration_id, summary, creator_id)
  VALUES (own_tenant(), saved, of_process, version_id, model_version, configuration, summary_of(version_id, model_version, configuration), own_user())
  ON CONFLICT (tenant_id, id) DO UPDATE SET worker_version_id = excluded.worker_version_id, model_version_id = excluded.model_version_id,
    configuration_id = excluded.configuration_id, summary = excluded.summary;
  IF parents IS NOT NULL THEN PERFORM set_run_parents(saved, parents); END IF;
  RETURN saved;
END $$;

-- The elements that a process works on. A folder stands for what is directly in it, or everything below with load_children; any other
-- element for itself.
CREATE OR REPLACE FUNCTION elements_of_process(given process) RETURNS SETOF uuid LANGUAGE sql STABLE AS $$
  SELECT DISTINCT e.id FROM element e
    JOIN element_type t ON t.tenant_id = own_tenant() AND t.corpus_id = e.corpus_id AND t.number = e.type_number
  WHERE e.tenant_id = own_tenant() AND e.corpus_id = given.corpus_id
    AND (given.element_type IS NULL OR t.slug = given.element_type)
    AND (given.name_contains IS NULL OR position(lower(given.name_contains) IN lower(e.name)) > 0)
    AND (given.element_id IS NULL OR EXISTS (
      SELECT FROM element_path folder JOIN element_path p ON p.tenant_id = own_tenant() AND p.element_id = e.id
        AND p.key > folder.key AND p.key < folder.key || '\xffffffffffff'::bytea
      WHERE folder.tenant_id = own_tenant() AND folder.element_id = given.element_id
        AND (given.load_children OR p.parent_id = given.element_id)
    ) OR (e.id = given.element_id AND NOT t.folder))
$$;

-- Turns runs into tasks and makes one activity for each element and run. Every reason against it is named at once.
CREATE OR REPLACE FUNCTION start_process(wanted uuid, wanted_chunks smallint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  given process;
  faults jsonb;
  version_ids uuid[];
  element_count bigint;
BEGIN
  given := lock_unstarted_process(wanted);
  IF given.mode = 'template' THEN PERFORM refuse(400, 'template', 'A template is applied to processes; it never runs.'); END IF;
  version_ids := ARRAY(SELECT r.worker_version_id FROM worker_run r WHERE r.tenant_id = own_tenant() AND r.process_id = wanted);
  PERFORM lock_for_use('worker', ARRAY(SELECT v.worker_id FROM worker_version v WHERE v.tenant_id = own_tenant() AND v.id = ANY (version_ids)));
  PERFORM lock_for_use('worker_version', version_ids);
  PERFORM lock_for_use('model_version', ARRAY(SELECT r.model_version_id FROM worker_run r WHERE r.tenant_id = own_tenant() AND r.process_id = wanted AND r.model_version_id IS NOT NULL));
  PERFORM lock_for_use('worker_configuration', ARRAY(SELECT r.configuration_id FROM worker_run r WHERE r.tenant_id = own_tenant() AND r.process_id = wanted AND r.configuration_id IS NOT NULL));
  SELECT jsonb_agg(fault) INTO faults FROM (
    SELECT r.*, row_number() OVER (ORDER BY r.id) - 1 AS position FROM worker_run r WHERE r.tenant_id = own_tenant() AND r.process_id = wanted) AS run
    CROSS JOIN LATERAL jsonb_array_elements(run_faults(run.worker_version_id, run.model_version_id, run.configuration_id,
      jsonb_build_array('worker_runs', run.position), true)) AS fault;
  IF version_ids = '{}' THEN
    faults := coalesce(faults, '[]') || jsonb_build_object('attr', '["worker_runs"]'::jsonb, 'code', 'empty', 'detail', 'Add a worker before starting the process.');
  END IF;
  IF faults IS NOT NULL THEN PERFORM refuse_all(400, faults); END IF;

  UPDATE process p SET state = 'pending', started = now(), finished = NULL, round = p.round + 1, chunks = coalesce(wanted_chunks, p.chunks)
    WHERE p.tenant_id = own_tenant() AND p.id = wanted RETURNING * INTO given;
  UPDATE worker_run r SET summary = summary_of(r.worker_version_id, r.model_version_id, r.configuration_id)
    WHERE r.tenant_id = own_tenant() AND r.process_id = wanted;
  IF given.mode = 'workers' THEN
    INSERT INTO worker_activity (tenant_id, worker_run_id, element_id, process_id, corpus_id, chunk)
    SELECT own_tenant(), r.id, chosen.id, wanted, given.corpus_id, 1 + (chosen.number % given.chunks)
    FROM worker_run r CROSS JOIN (SELECT e.id, row_number() OVER (ORDER BY e.id) - 1 AS number FROM elements_of_process(given) AS e (id)) AS chosen
    WHERE r.tenant_id = own_tenant() AND r.process_id = wanted;
    GET DIAGNOSTICS element_count = ROW_COUNT;
    IF element_count = 0 THEN PERFORM refuse(400, 'no_elements', 'The process selects no element: widen its filters.'); END IF;
  END IF;
  PERFORM make_tasks(given);
END $$;

CREATE OR REPLACE FUNCTION make_tasks(given process) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO task (tenant_id, id, process_id, worker_run_id, round, chunk, slug, state)
  SELECT own_tenant(), uuid7(), given.id, r.id, given.round, c, w.slug || CASE WHEN given.chunks > 1 THEN '_' || c ELSE '' END,
    CASE WHEN EXISTS (SELECT FROM worker_run_parent p WHERE p.tenant_id = own_tenant() AND p.worker_run_id = r.id) THEN 'unscheduled' ELSE 'pending' END
  FROM worker_run r
    CROSS JOIN LATERAL jsonb_to_record(worker_version_card(r.worker_version_id)->'worker') AS w (slug text)
    CROSS JOIN generate_series(1, given.chunks) AS c
  WHERE r.tenant_id = own_tenant() AND r.process_id = given.id;
  INSERT INTO task_parent (tenant_id, task_id, parent_id)
  SELECT own_tenant(), child.id, parent.id FROM task child
    JOIN worker_run_parent p ON p.tenant_id = own_tenant() AND p.worker_run_id = child.worker_run_id
    JOIN task parent ON parent.tenant_id = own_tenant() AND parent.process_id = given.id AND parent.round = given.round AND parent.worker_run_id = p.parent_id
  WHERE child.tenant_id = own_tenant() AND child.process_id = given.id AND child.round = given.round;
  PERFORM pg_notify('tasks', '');
END $$;

-- A new round of tasks over the same runs. Activities that failed or were left over are queued again.
CREATE OR REPLACE FUNCTION retry_process(wanted uuid) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  given process;
  faults jsonb;
BEGIN
  SELECT * INTO given FROM process p WHERE p.tenant_id = own_tenant() AND p.id = wanted FOR UPDATE;
  IF given.state NOT IN ('completed', 'failed', 'stopped') THEN
    PERFORM refuse(409, 'wrong_state', format('Only a process that has ended can be retried; this one is %s.', given.state));
  END IF;
  PERFORM lock_for_use('worker_version', ARRAY(SELECT r.worker_version_id FROM worker_run r WHERE r.tenant_id = own_tenant() AND r.process_id = wanted));
  PERFORM lock_for_use('worker_configuration', ARRAY(SELECT r.configuration_id FROM worker_run r WHERE r.tenant_id = own_tenant() AND r.process_id = wanted AND r.configuration_id IS NOT NULL));
  SELECT jsonb_agg(fault) INTO faults FROM (
    SELECT r.*, row_number() OVER (ORDER BY r.id) - 1 AS position FROM worker_run r WHERE r.tenant_id = own_tenant() AND r.process_id = wanted) AS run
    CROSS JOIN LATERAL jsonb_array_elements(run_faults(run.worker_version_id, run.model_version_id, run.configuration_id,
      jsonb_build_array('worker_runs', run.position), true)) AS fault;
  IF faults IS NOT NULL THEN PERFORM refuse_all(400, faults); END IF;
  UPDATE process p SET state = 'pending', started = now(), finished = NULL, round = p.round + 1
    WHERE p.tenant_id = own_tenant() AND p.id = wanted RETURNING * INTO given;
  UPDATE worker_activity a SET state = 'queued', task_id = NULL, started = NULL, updated = now()
    WHERE a.tenant_id = own_tenant() AND a.process_id = wanted AND a.state IN ('started', 'error');
  PERFORM make_tasks(given);
END $$;

CREATE OR REPLACE FUNCTION stop_process(wanted uuid) RETURNS void LANGUAGE plpgsql AS $$
DECLARE given process;
BEGIN
  SELECT * INTO given FROM process p WHERE p.tenant_id = own_tenant() AND p.id = wanted FOR UPDATE;
  IF given.state NOT IN ('pending', 'running') THEN
    PERFORM refuse(409, 'wrong_state', format('Only a process that is pending or running can be stopped; this one is %s.', given.state));
  END IF;
  UPDATE process p SET state = 'stopping' WHERE p.tenant_id = own_tenant() AND p.id = wanted;
  UPDATE task t SET state = CASE t.state WHEN 'running' THEN 'stopping' ELSE 'stopped' END, finished = CASE t.state WHEN 'running' THEN NULL ELSE now() END
    WHERE t.tenant_id = own_tenant() AND t.process_id = wanted AND t.state IN ('unscheduled', 'pending', 'running');
  PERFORM settle_process(wanted);
  PERFORM pg_notify('tasks', '');
END $$;

-- The state of a process follows from the tasks of its last round.
CREATE OR REPLACE FUNCTION settle_process(wanted uuid) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  given process;
  states text[];
  ended boolean;
BEGIN
  SELECT * INTO given FROM process p WHERE p.tenant_id = own_tenant() AND p.id = wanted FOR UPDATE;
  -- Tasks are released by their parents' completion, and stay behind for good when one of them failed.
  UPDATE task t SET state = 'pending' WHERE t.tenant_id = own_tenant() AND t.process_id = wanted AND t.round = given.round AND t.state = 'unscheduled'
    AND NOT EXISTS (SELECT FROM task_parent p JOIN task above ON above.tenant_id = own_tenant() AND above.id = p.parent_id
      WHERE p.tenant_id = own_tenant() AND p.task_id = t.id AND above.state <> 'completed');
  IF FOUND THEN PERFORM pg_notify('tasks', ''); END IF;
  states := ARRAY(SELECT DISTINCT t.state FROM task t WHERE t.tenant_id = own_tenant() AND t.process_id = wanted AND t.round = given.round);
  ended := NOT states && ARRAY['pending', 'running', 'stopping'];
  UPDATE process p SET
    state = CASE
      WHEN ended AND given.state = 'stopping' THEN 'stopped'
      WHEN ended AND states && ARRAY['failed', 'error'] THEN 'failed'
      WHEN ended AND 'stopped' = ANY (states) THEN 'stopped'
      WHEN ended THEN 'completed'
      WHEN given.state = 'pending' AND states && ARRAY['running', 'completed'] THEN 'running'
      ELSE given.state END,
    finished = CASE WHEN ended THEN now() END
  WHERE p.tenant_id = own_tenant() AND p.id = wanted;
END $$;

-- Hands out one pending task, with a source to sign with. digest is that of the token the task will use; nobody can read the token back.
CREATE OR REPLACE FUNCTION claim_task(of_process uuid, digest bytea, by_agent text, lease interval)
RETURNS TABLE (id uuid, worker_run_id uuid, process_id uuid, attempt smallint, chunk smallint, chunks smallint, command text, model_version_id uuid)
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  claimed task;
  given process;
BEGIN
  SELECT t.* INTO claimed FROM task t
    WHERE t.tenant_id = own_tenant() AND t.state = 'pending' AND (of_process IS NULL OR t.process_id = of_process)
    ORDER BY t.created, t.id LIMIT 1 FOR UPDATE SKIP LOCKED;
  IF NOT FOUND THEN RETURN; END IF;
  SELECT * INTO given FROM process p WHERE p.tenant_id = own_tenant() AND p.id = claimed.process_id;
  UPDATE task t SET state = 'running', attempt = t.attempt + 1, token_digest = digest, lease_until = now() + lease, agent = by_agent,
    started = now(), finished = NULL, exit_code = NULL,
    source_id = CASE WHEN given.corpus_id IS NOT NULL THEN open_source(t.worker_run_id, given.corpus_id) END
    WHERE t.tenant_id = own_tenant() AND t.id = claimed.id RETURNING * INTO claimed;
  PERFORM settle_process(claimed.process_id);
  RETURN QUERY SELECT claimed.id, claimed.worker_run_id, claimed.process_id, claimed.attempt, claimed.chunk, given.chunks, v.command, r.model_version_id
    FROM worker_run r JOIN worker_version v ON v.tenant_id = own_tenant() AND v.id = r.worker_version_id
    WHERE r.tenant_id = own_tenant() AND r.id = claimed.worker_run_id;
END $$;

-- Keeps the lease of one attempt. Answers whether it should go on: false when it is to stop, null when the lease is lost.
CREATE OR REPLACE FUNCTION renew_task(wanted uuid, of_attempt smallint, lease interval) RETURNS boolean LANGUAGE sql AS $$
  UPDATE task t SET lease_until = now() + lease WHERE t.tenant_id = own_tenant() AND t.id = wanted AND t.attempt = of_attempt
    AND t.state IN ('running', 'stopping') AND t.lease_until > now()
  RETURNING t.state = 'running'
$$;

CREATE OR REPLACE FUNCTION append_task_log(wanted uuid, of_attempt smallint, more text) RETURNS void LANGUAGE sql AS $$
  UPDATE task t SET logs = right(t.logs || more, 1000000) WHERE t.tenant_id = own_tenant() AND t.id = wanted AND t.attempt = of_attempt
$$;

-- Ends an attempt: its token dies, what it had started counts as an error, and what waited for it may run.
CREATE OR REPLACE FUNCTION end_task(wanted uuid, of_attempt smallint, outcome text, code integer) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE ended task;
BEGIN
  SELECT * INTO ended FROM task t WHERE t.tenant_id = own_tenant() AND t.id = wanted;
  PERFORM FROM process p WHERE p.tenant_id = own_tenant() AND p.id = ended.process_id FOR UPDATE;
  UPDATE task t SET state = CASE WHEN t.state = 'stopping' AND outcome <> 'completed' THEN 'stopped' ELSE outcome END, exit_code = code,
    finished = now(), lease_until = NULL, token_digest = NULL
    WHERE t.tenant_id = own_tenant() AND t.id = wanted AND t.attempt = of_attempt AND t.state IN ('running', 'stopping') RETURNING * INTO ended;
  IF NOT FOUND THEN RETURN false; END IF;
  UPDATE worker_activity a SET state = 'error', updated = now() WHERE a.tenant_id = own_tenant() AND a.task_id = wanted AND a.state = 'started';
  PERFORM settle_process(ended.process_id);
  RETURN true;
END $$;

-- Tasks whose lease ran out: what they had started is queued again; they are tried again until their attempts are spent.
CREATE OR REPLACE FUNCTION reap_tasks() RETURNS SETOF uuid LANGUAGE plpgsql AS $$
DECLARE lost task;
BEGIN
  FOR lost IN SELECT t.* FROM task t WHERE t.tenant_id = own_tenant() AND t.state IN ('running', 'stopping') AND t.lease_until < now()
    ORDER BY t.id FOR UPDATE SKIP LOCKED LOOP
    UPDATE task t SET lease_until = NULL, token_digest = NULL,
      state = CASE WHEN t.state = 'stopping' THEN 'stopped' WHEN t.attempt < t.max_attempts THEN 'pending' ELSE 'error' END,
      finished = CASE WHEN t.state = 'running' AND t.attempt < t.max_attempts THEN NULL ELSE now() END,
      logs = right(t.logs || E'\nThe agent was lost: the lease of this attempt ran out.\n', 1000000)
      WHERE t.tenant_id = own_tenant() AND t.id = lost.id;
    UPDATE worker_activity a SET state = 'queued', task_id = NULL, started = NULL, updated = now()
      WHERE a.tenant_id = own_tenant() AND a.task_id = lost.id AND a.state = 'started';
    PERFORM settle_process(lost.process_id);
    RETURN NEXT lost.id;
  END LOOP;
END $$;

-- Takes one queued element for the caller's task, whoever else asks at the same time.
CREATE OR REPLACE FUNCTION start_activity() RETURNS TABLE (id uuid, name text, type_id uuid) LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE taken uuid;
BEGIN
  IF own_task() IS NULL THEN PERFORM refuse(403, 'task_only', 'Only a running task may start an activity: authenticate with Ponos.'); END IF;
  UPDATE worker_activity a SET state = 'started', task_id = own_task(), started = now(), updated = now()
  FROM (SELECT q.worker_run_id, q.element_id FROM task t JOIN worker_activity q
      ON q.tenant_id = own_tenant() AND q.worker_run_id = t.worker_run_id AND q.chunk = t.chunk AND q.state = 'queued'
    WHERE t.tenant_id = own_tenant() AND t.id = own_task() AND t.state = 'running'
    ORDER BY q.element_id LIMIT 1 FOR UPDATE OF q SKIP LOCKED) AS next
  WHERE a.tenant_id = own_tenant() AND a.worker_run_id = next.worker_run_id AND a.element_id = next.element_id
  RETURNING a.element_id INTO taken;
  IF NOT FOUND THEN PERFORM refuse(404, 'not_found', 'No element is left to process.'); END IF;
  RETURN QUERY SELECT e.id, e.name, t.id FROM element e
    JOIN element_type t ON t.tenant_id = own_tenant() AND t.corpus_id = e.corpus_id AND t.number = e.type_number
    WHERE e.tenant_id = own_tenant() AND e.id = taken;
END $$;

-- Moves an activity. Starting it fails with 409 where another task has it, or where it is done.
CREATE OR REPLACE FUNCTION update_activity(run uuid, on_element uuid, of_process uuid, wanted text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE held worker_activity;
BEGIN
  SELECT * INTO held FROM worker_activity a WHERE a.tenant_id = own_tenant() AND a.worker_run_id = run AND a.element_id = on_element FOR UPDATE;
  IF NOT FOUND OR held.process_id <> of_process THEN
    PERFORM refuse(404, 'not_found', 'This process has no activity for this worker run and element.');
  END IF;
  IF own_task() IS NOT NULL AND NOT EXISTS (SELECT FROM task t WHERE t.tenant_id = own_tenant() AND t.id = own_task() AND t.worker_run_id = run) THEN
    PERFORM refuse(403, 'permission_denied', 'A task may only report on its own worker run.');
  END IF;
  -- A worker that was given its elements by hand reports the end without a start: allowed while nobody else has the element.
  IF wanted = 'started' AND held.state NOT IN ('queued', 'error') THEN
    PERFORM refuse(409, 'already_started', format('This activity is %s already.', held.state));
  ELSIF wanted <> 'started' AND held.state = 'started' AND own_task() IS NOT NULL AND held.task_id IS DISTINCT FROM own_task() THEN
    PERFORM refuse(409, 'already_started', 'Another task has this element.');
  END IF;
  UPDATE worker_activity a SET state = wanted, updated = now(), task_id = coalesce(own_task(), a.task_id),
    started = CASE WHEN wanted = 'started' THEN now() ELSE a.started END
    WHERE a.tenant_id = own_tenant() AND a.worker_run_id = run AND a.element_id = on_element;
END $$;

-- What a running task says of its own end.
CREATE OR REPLACE FUNCTION end_own_task(wanted uuid, outcome text, code integer) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF own_task() IS DISTINCT FROM wanted THEN
    PERFORM refuse(403, 'permission_denied', 'Only the task itself may end it: authenticate with its own token.');
  END IF;
  PERFORM end_task(wanted, (SELECT t.attempt FROM task t WHERE t.tenant_id = own_tenant() AND t.id = wanted), outcome, code);
END $$;

CREATE OR REPLACE FUNCTION create_process(in_corpus uuid, in_mode text, called text, over_element uuid, of_type text, containing text, deep boolean)
RETURNS uuid LANGUAGE plpgsql AS $$
DECLARE made uuid := uuid7();
BEGIN
  IF in_mode NOT IN ('workers', 'dataset', 'export', 'local', 'template') THEN
    PERFORM refuse(400, 'invalid_choice', 'Processes of this mode are not made here.', '["mode"]');
  END IF;
  IF over_element IS NOT NULL AND NOT EXISTS (SELECT FROM element e
    WHERE e.tenant_id = own_tenant() AND e.id = over_element AND e.corpus_id = in_corpus) THEN
    PERFORM refuse(400, 'does_not_exist', 'There is no such element in this corpus.', '["element"]');
  END IF;
  IF of_type IS NOT NULL AND NOT EXISTS (SELECT FROM element_type t
    WHERE t.tenant_id = own_tenant() AND t.corpus_id = in_corpus AND t.slug = lower(of_type)) THEN
    PERFORM refuse(400, 'does_not_exist', 'There is no such element type in this corpus.', '["element_type"]');
  END IF;
  INSERT INTO process (tenant_id, id, name, mode, corpus_id, creator_id, element_id, element_type, name_contains, load_children)
  VALUES (own_tenant(), made, called, in_mode, in_corpus, own_user(), over_element, lower(of_type), containing, deep);
  RETURN made;
END $$;

-- Whether a run has results anywhere, hidden ones included: counters of hidden rows are not readable, sources are.
CREATE OR REPLACE FUNCTION run_has_results(run uuid) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT EXISTS (SELECT FROM source s JOIN result_count k ON k.tenant_id = own_tenant() AND k.source_id = s.id AND k.n > 0
    WHERE s.tenant_id = own_tenant() AND s.worker_run_id = run)
$$;

CREATE OR REPLACE FUNCTION destroy_worker_run(wanted uuid) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM lock_unstarted_process((SELECT r.process_id FROM worker_run r WHERE r.tenant_id = own_tenant() AND r.id = wanted));
  IF run_has_results(wanted) THEN PERFORM refuse(409, 'has_results', 'This worker run has results: delete these first.'); END IF;
  DELETE FROM worker_run r WHERE r.tenant_id = own_tenant() AND r.id = wanted;
END $$;

CREATE OR REPLACE FUNCTION destroy_process(wanted uuid) RETURNS void LANGUAGE plpgsql AS $$
DECLARE given process;
BEGIN
  SELECT * INTO given FROM process p WHERE p.tenant_id = own_tenant() AND p.id = wanted FOR UPDATE;
  IF given.state IN ('pending', 'running', 'stopping') THEN
    PERFORM refuse(409, 'wrong_state', format('This process is %s: stop it first.', given.state));
  END IF;
  IF EXISTS (SELECT FROM worker_run r WHERE r.tenant_id = own_tenant() AND r.process_id = wanted AND run_has_results(r.id)) THEN
    PERFORM refuse(409, 'has_results', 'Worker runs of this process have results: delete these first.');
  END IF;
  IF EXISTS (SELECT FROM source s JOIN worker_run r ON r.tenant_id = own_tenant() AND r.id = s.worker_run_id
    WHERE s.tenant_id = own_tenant() AND r.process_id = wanted) THEN
    PERFORM refuse(409, 'has_run', 'This process has run: it is kept for the record of what it made.');
  END IF;
  DELETE FROM worker_activity a WHERE a.tenant_id = own_tenant() AND a.process_id = wanted;
  DELETE FROM task t WHERE t.tenant_id = own_tenant() AND t.process_id = wanted;
  DELETE FROM worker_run r WHERE r.tenant_id = own_tenant() AND r.process_id = wanted;
  DELETE FROM process p WHERE p.tenant_id = own_tenant() AND p.id = wanted;
END $$;
