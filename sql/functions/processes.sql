-- Processes: what they work on, and how they start, stop and end. docs/states.md draws who may move what.

CREATE OR REPLACE FUNCTION create_process(in_corpus uuid, in_mode text, called text, over_element uuid, of_type text, containing text, deep boolean)
RETURNS uuid LANGUAGE plpgsql AS $$
DECLARE made uuid := uuid7();
BEGIN
  IF in_mode NOT IN ('workers', 'template') THEN
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
        AND (given.load_children OR (p.parent_id = given.element_id AND EXISTS (SELECT FROM element f
          JOIN element_type ft ON ft.tenant_id = own_tenant() AND ft.corpus_id = f.corpus_id AND ft.number = f.type_number AND ft.folder
          WHERE f.tenant_id = own_tenant() AND f.id = given.element_id)))
    ) OR (e.id = given.element_id AND NOT t.folder))
$$;

-- Holds everything that the runs of a process are made of as it is, in the order of locks, until the end of the transaction.
CREATE OR REPLACE FUNCTION lock_parts(of_process uuid) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  versions uuid[];
  model_versions uuid[];
  configurations uuid[];
BEGIN
  SELECT array_agg(DISTINCT r.worker_version_id), array_agg(DISTINCT r.model_version_id) FILTER (WHERE r.model_version_id IS NOT NULL),
    array_agg(DISTINCT r.configuration_id) FILTER (WHERE r.configuration_id IS NOT NULL)
  INTO versions, model_versions, configurations FROM worker_run r WHERE r.tenant_id = own_tenant() AND r.process_id = of_process;
  PERFORM lock_for_use('worker', ARRAY(SELECT DISTINCT v.worker_id FROM worker_version v WHERE v.tenant_id = own_tenant() AND v.id = ANY (versions)));
  PERFORM lock_for_use('worker_version', versions);
  PERFORM lock_for_use('model', ARRAY(SELECT DISTINCT v.model_id FROM model_version v WHERE v.tenant_id = own_tenant() AND v.id = ANY (model_versions)));
  PERFORM lock_for_use('model_version', model_versions);
  PERFORM lock_for_use('worker_configuration', configurations);
END $$;

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
  PERFORM lock_parts(wanted);
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
  PERFORM lock_parts(wanted);
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
