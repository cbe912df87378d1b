-- Processes: what they work on, and how they start, stop and end. docs/states.md draws who may move what.

-- What is wrong with a choice of elements, as errors: each filter must speak of something in the corpus.
CREATE OR REPLACE FUNCTION choice_faults(given process) RETURNS jsonb LANGUAGE sql STABLE AS $$
  SELECT coalesce(jsonb_agg(jsonb_build_object('attr', jsonb_build_array(fault.field), 'code', fault.code, 'detail', fault.detail)), '[]')
  FROM (VALUES
    (given.element_id IS NOT NULL AND NOT EXISTS (SELECT FROM element e
      WHERE e.tenant_id = own_tenant() AND e.id = given.element_id AND e.corpus_id = given.corpus_id),
      'element', 'does_not_exist', 'There is no such element in this corpus.'),
    (given.element_type IS NOT NULL AND NOT EXISTS (SELECT FROM element_type t
      WHERE t.tenant_id = own_tenant() AND t.corpus_id = given.corpus_id AND t.slug = given.element_type),
      'element_type', 'does_not_exist', 'There is no such element type in this corpus.'),
    (given.ml_class_id IS NOT NULL AND NOT EXISTS (SELECT FROM ml_class c
      WHERE c.tenant_id = own_tenant() AND c.corpus_id = given.corpus_id AND c.id = given.ml_class_id),
      'ml_class', 'does_not_exist', 'There is no such class in this corpus.'),
    (given.selection AND given.element_id IS NOT NULL, 'selection', 'element_or_selection',
      'A process works on an element or on the selection: name one of the two.'),
    (given.mode IN ('dataset', 'template') AND (given.element_id IS NOT NULL OR given.element_type IS NOT NULL OR given.ml_class_id IS NOT NULL
        OR given.name_contains IS NOT NULL OR given.load_children OR given.selection), 'mode', 'no_elements',
      CASE given.mode WHEN 'dataset' THEN 'A process in mode dataset works on sets of datasets, not on elements that are chosen here.'
        ELSE 'A template says which workers run, and not on what.' END)
  ) AS fault (wrong, field, code, detail) WHERE fault.wrong
$$;

-- Makes the caller's selection in a corpus, as it is now, that of a process.
CREATE OR REPLACE FUNCTION take_selection(of_process uuid, in_corpus uuid) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  DELETE FROM process_element p WHERE p.tenant_id = own_tenant() AND p.process_id = of_process;
  INSERT INTO process_element (tenant_id, process_id, element_id)
    SELECT own_tenant(), of_process, s.element_id FROM selected_element s JOIN element e ON e.tenant_id = own_tenant() AND e.id = s.element_id
    WHERE s.tenant_id = own_tenant() AND s.user_id = own_user() AND s.corpus_id = in_corpus;
  IF NOT FOUND THEN PERFORM refuse(400, 'empty', 'Nothing is selected in this corpus.', '["selection"]'); END IF;
END $$;

-- The model that a process trains: a dataset process may name one, and its tasks make versions of it, as whoever names it may.
CREATE OR REPLACE FUNCTION require_trainable(in_mode text, model uuid) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF model IS NULL THEN RETURN; END IF;
  IF in_mode <> 'dataset' THEN PERFORM refuse(400, 'wrong_mode', 'Only a process in mode dataset trains a model.', '["model_id"]'); END IF;
  PERFORM require_level('model', model, 50, '["model_id"]');
END $$;

CREATE OR REPLACE FUNCTION create_process(in_corpus uuid, in_mode text, called text, over_element uuid, of_type text, containing text,
  of_class uuid, deep boolean, from_selection boolean, sets uuid[], trained_model uuid)
RETURNS uuid LANGUAGE plpgsql AS $$
DECLARE
  made uuid := uuid7();
  given process;
BEGIN
  IF in_mode = 'template' THEN
    PERFORM refuse(400, 'invalid_choice', 'A template is made from a process, with CreateProcessTemplate.', '["mode"]');
  ELSIF in_mode IN ('files', 's3') THEN
    PERFORM refuse(400, 'invalid_choice',
      'This server imports no files by processes: register images with CreateIIIFURL, and make elements with CreateElement.', '["mode"]');
  END IF;
  given.corpus_id := in_corpus; given.mode := in_mode; given.element_id := over_element; given.element_type := lower(of_type);
  given.name_contains := containing; given.ml_class_id := of_class; given.load_children := deep; given.selection := from_selection;
  PERFORM refuse_faults(choice_faults(given));
  PERFORM require_trainable(in_mode, trained_model);
  INSERT INTO process (tenant_id, id, name, mode, corpus_id, creator_id, element_id, element_type, name_contains, ml_class_id, load_children, selection,
    model_id)
  VALUES (own_tenant(), made, called, in_mode, in_corpus, own_user(), over_element, lower(of_type), containing, of_class, deep, from_selection,
    trained_model);
  PERFORM set_process_sets(made, sets);
  IF from_selection THEN PERFORM take_selection(made, in_corpus); END IF;
  RETURN made;
END $$;

-- Changes what the body names: the name at any time, the choice of elements until the start.
CREATE OR REPLACE FUNCTION change_process(wanted uuid, body jsonb) RETURNS void LANGUAGE plpgsql AS $$
DECLARE given process;
BEGIN
  SELECT * INTO given FROM process p WHERE p.tenant_id = own_tenant() AND p.id = wanted FOR UPDATE;
  IF given.state <> 'unstarted' AND body - 'name' <> '{}' THEN
    PERFORM refuse(409, 'process_started', 'This process has been started: nothing but its name can be changed.', NULL,
      jsonb_build_object('state', given.state));
  END IF;
  given.name := CASE WHEN body ? 'name' THEN trimmed(body->>'name') ELSE given.name END;
  given.element_id := CASE WHEN body ? 'element' THEN (body->>'element')::uuid ELSE given.element_id END;
  given.element_type := CASE WHEN body ? 'element_type' THEN lower(body->>'element_type') ELSE given.element_type END;
  given.name_contains := CASE WHEN body ? 'name_contains' THEN body->>'name_contains' ELSE given.name_contains END;
  given.ml_class_id := CASE WHEN body ? 'ml_class' THEN (body->>'ml_class')::uuid ELSE given.ml_class_id END;
  given.load_children := coalesce((body->>'load_children')::boolean, given.load_children);
  given.selection := coalesce((body->>'selection')::boolean, given.selection);
  IF body ? 'model_id' THEN
    given.model_id := (body->>'model_id')::uuid;
    PERFORM require_trainable(given.mode, given.model_id);
  END IF;
  IF body - 'name' <> '{}' THEN
    PERFORM refuse_faults(choice_faults(given));
  END IF;
  UPDATE process p SET name = given.name, element_id = given.element_id, element_type = given.element_type, name_contains = given.name_contains,
    ml_class_id = given.ml_class_id, load_children = given.load_children, selection = given.selection, model_id = given.model_id
    WHERE p.tenant_id = own_tenant() AND p.id = wanted;
  IF jsonb_typeof(body->'dataset_sets') = 'array' THEN
    PERFORM set_process_sets(wanted, ARRAY(SELECT jsonb_array_elements_text(body->'dataset_sets')::uuid));
  END IF;
  IF (body->>'selection')::boolean THEN
    PERFORM take_selection(wanted, given.corpus_id);
  ELSIF NOT given.selection THEN
    DELETE FROM process_element p WHERE p.tenant_id = own_tenant() AND p.process_id = wanted;
  END IF;
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

-- Holds the corpus of a process that is to be set to work, against its deletion: the first of its locks.
CREATE OR REPLACE FUNCTION hold_corpus_of_process(wanted uuid) RETURNS void LANGUAGE plpgsql AS $$
DECLARE of_corpus uuid := (SELECT p.corpus_id FROM process p WHERE p.tenant_id = own_tenant() AND p.id = wanted);
BEGIN
  IF of_corpus IS NULL THEN RETURN; END IF;
  PERFORM hold_visibility(of_corpus);
  IF NOT EXISTS (SELECT FROM corpus c WHERE c.tenant_id = own_tenant() AND c.id = of_corpus AND c.deleted IS NULL) THEN
    PERFORM refuse(404, 'not_found', 'There is no process with this id.');
  END IF;
END $$;

-- What the element of a process, or those that were selected, stand for: a folder for what is directly in it, or everything below with
-- load_children; any other element for itself, and what is below with load_children. And what is in its sets of datasets.
CREATE OR REPLACE FUNCTION named_by_process(given process) RETURNS SETOF uuid LANGUAGE sql STABLE AS $$
  WITH root AS MATERIALIZED (
    SELECT e.id, t.folder FROM (
        SELECT given.element_id AS id WHERE given.element_id IS NOT NULL
        UNION ALL SELECT p.element_id FROM process_element p WHERE p.tenant_id = own_tenant() AND p.process_id = given.id AND given.selection
      ) AS named
      JOIN element e ON e.tenant_id = own_tenant() AND e.id = named.id AND e.corpus_id = given.corpus_id
      JOIN element_type t ON t.tenant_id = own_tenant() AND t.corpus_id = e.corpus_id AND t.number = e.type_number
  )
  SELECT r.id FROM root r WHERE NOT r.folder
  UNION
  SELECT p.element_id FROM root r JOIN element_path p ON p.tenant_id = own_tenant() AND p.parent_id = r.id
    WHERE r.folder AND NOT given.load_children
  UNION
  -- Each range apart, in its order: where it ends is then known before the policies are asked, and looked for in the index.
  SELECT below.element_id FROM root r JOIN element_path above ON above.tenant_id = own_tenant() AND above.element_id = r.id
    CROSS JOIN LATERAL (SELECT p.element_id FROM element_path p WHERE p.tenant_id = own_tenant() AND p.corpus_id = given.corpus_id
      AND p.key > above.key AND p.key < above.key || '\xffffffffffff'::bytea ORDER BY p.key) AS below
    WHERE given.load_children
  UNION
  SELECT m.element_id FROM process_set g JOIN dataset_element m ON m.tenant_id = own_tenant() AND m.set_id = g.set_id
    WHERE g.tenant_id = own_tenant() AND g.process_id = given.id
$$;

-- The elements that a process works on, in the order of their ids: what is named, or the whole corpus, by the process's filters.
-- Of a whole corpus no more is read than a page wants, along an index.
CREATE OR REPLACE FUNCTION elements_of_process(given process, since uuid DEFAULT NULL, at_most integer DEFAULT NULL) RETURNS SETOF uuid
LANGUAGE plpgsql STABLE AS $$
DECLARE
  named boolean := given.element_id IS NOT NULL OR given.selection OR given.mode = 'dataset';
  wanted_type smallint := (SELECT t.number FROM element_type t
    WHERE t.tenant_id = own_tenant() AND t.corpus_id = given.corpus_id AND t.slug = given.element_type);
BEGIN
  since := coalesce(since, '00000000-0000-0000-0000-000000000000');
  IF named THEN
    RETURN QUERY SELECT n.id FROM (SELECT id FROM named_by_process(given) AS n (id) WHERE n.id > since ORDER BY n.id) AS n
      WHERE (SELECT (given.element_type IS NULL OR e.type_number = wanted_type)
        AND (given.name_contains IS NULL OR position(folded(given.name_contains) IN folded(e.name)) > 0)
        AND (given.ml_class_id IS NULL OR EXISTS (SELECT FROM classification k WHERE k.tenant_id = own_tenant() AND k.element_id = e.id
          AND k.ml_class_id = given.ml_class_id AND k.state <> 'rejected'))
        FROM element e WHERE e.tenant_id = own_tenant() AND e.id = n.id)
      ORDER BY n.id LIMIT at_most;
  ELSE
    RETURN QUERY SELECT e.id FROM element e
      WHERE e.tenant_id = own_tenant() AND e.corpus_id = given.corpus_id AND e.id > since AND (given.element_type IS NULL OR e.type_number = wanted_type)
        AND (given.name_contains IS NULL OR position(folded(given.name_contains) IN folded(e.name)) > 0)
        AND (given.ml_class_id IS NULL OR EXISTS (SELECT FROM classification k WHERE k.tenant_id = own_tenant() AND k.element_id = e.id
          AND k.ml_class_id = given.ml_class_id AND k.state <> 'rejected'))
      ORDER BY e.id LIMIT at_most;
  END IF;
END $$;

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
  -- The model that it trains, too.
  PERFORM lock_for_use('model', ARRAY(SELECT v.model_id FROM model_version v WHERE v.tenant_id = own_tenant() AND v.id = ANY (model_versions)
    UNION SELECT p.model_id FROM process p WHERE p.tenant_id = own_tenant() AND p.id = of_process AND p.model_id IS NOT NULL));
  PERFORM lock_for_use('model_version', model_versions);
  PERFORM lock_for_use('worker_configuration', configurations);
END $$;

-- Why a process may not start, as errors: its runs, what it works on, and how it is to be shared. Everything that they are made of is locked.
CREATE OR REPLACE FUNCTION start_faults(given process, wanted_chunks smallint, has_elements boolean) RETURNS jsonb LANGUAGE sql STABLE AS $$
  SELECT process_run_faults(given.id) || coalesce(jsonb_agg(
    jsonb_build_object('attr', jsonb_build_array(fault.field), 'code', fault.code, 'detail', fault.detail)), '[]')
  FROM (VALUES
    (given.mode IN ('workers', 'export') AND NOT has_elements, 'element', 'no_elements', 'The process selects no element: widen its filters.'),
    (given.mode = 'dataset' AND NOT EXISTS (SELECT FROM process_set s WHERE s.tenant_id = own_tenant() AND s.process_id = given.id),
      'dataset_sets', 'no_sets', 'The process has no set of a dataset to work on.'),
    (given.model_id IS NOT NULL AND coalesce(model_level(given.model_id), 0) < 50, 'model_id', 'permission_denied',
      'This needs contributor access to the model that the process trains.'),
    (EXISTS (SELECT FROM model m WHERE m.tenant_id = own_tenant() AND m.id = given.model_id AND m.archived IS NOT NULL), 'model_id', 'archived',
      'The model that the process trains is archived.'),
    (given.mode <> 'workers' AND wanted_chunks > 1, 'chunks', 'not_shared', 'Only a process in mode workers shares its elements among chunks.')
  ) AS fault (wrong, field, code, detail) WHERE fault.wrong
$$;

-- Turns runs into tasks and makes one activity for each element and run. Every reason against it is named at once.
CREATE OR REPLACE FUNCTION start_process(wanted uuid, wanted_chunks smallint, gpu boolean) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  given process;
  chosen uuid[];
BEGIN
  PERFORM hold_corpus_of_process(wanted);
  given := lock_unstarted_process(wanted);
  IF given.mode = 'template' THEN
    PERFORM refuse(400, 'template', 'A template is applied to processes; it never runs.');
  ELSIF given.mode = 'local' THEN
    PERFORM refuse(400, 'local', 'Nobody starts a local process: its creator runs the workers and signs with its worker runs.');
  END IF;
  PERFORM lock_parts(wanted);
  IF given.mode IN ('workers', 'export') THEN chosen := ARRAY(SELECT e.id FROM elements_of_process(given) AS e (id) ORDER BY e.id); END IF;
  PERFORM refuse_faults(start_faults(given, wanted_chunks, cardinality(chosen) > 0));

  -- A chunk without an element would be a task that fails for want of work.
  UPDATE process p SET state = 'pending', started = now(), finished = NULL, round = p.round + 1, use_gpu = gpu,
    chunks = CASE given.mode WHEN 'workers' THEN least(coalesce(wanted_chunks, p.chunks), cardinality(chosen)) ELSE 1 END
    WHERE p.tenant_id = own_tenant() AND p.id = wanted RETURNING * INTO given;
  IF given.mode = 'workers' THEN
    INSERT INTO worker_activity (tenant_id, worker_run_id, element_id, process_id, corpus_id, chunk)
    SELECT own_tenant(), r.id, e.id, wanted, given.corpus_id, 1 + (e.number - 1) % given.chunks
    FROM worker_run r CROSS JOIN unnest(chosen) WITH ORDINALITY AS e (id, number)
    WHERE r.tenant_id = own_tenant() AND r.process_id = wanted;
  END IF;
  PERFORM make_tasks(given);
END $$;

-- The tasks of a round, in the order of runs and chunks: one for each. Where elements are handed out, only those that have one left.
CREATE OR REPLACE FUNCTION make_tasks(given process) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO task (tenant_id, id, process_id, worker_run_id, round, chunk, slug)
  SELECT own_tenant(), uuid7(row_number() OVER (ORDER BY r.id, c)), given.id, r.id, given.round, c, w.slug || CASE WHEN given.chunks > 1 THEN '_' || c ELSE '' END
  FROM worker_run r
    CROSS JOIN LATERAL jsonb_to_record(worker_version_card(r.worker_version_id)->'worker') AS w (slug text)
    CROSS JOIN generate_series(1, given.chunks) AS c
  WHERE r.tenant_id = own_tenant() AND r.process_id = given.id AND (given.mode <> 'workers' OR has_work(r.id, c::smallint));
  IF NOT FOUND THEN
    PERFORM refuse(409, 'nothing_to_do', 
      'No element is left to work on: each has been processed, or was deleted. Delete results to have it process some again, or undo a deletion.');
  END IF;
  INSERT INTO task_parent (tenant_id, task_id, parent_id)
  SELECT own_tenant(), child.id, parent.id FROM task child
    JOIN worker_run_parent p ON p.tenant_id = own_tenant() AND p.worker_run_id = child.worker_run_id
    JOIN task parent ON parent.tenant_id = own_tenant() AND parent.process_id = given.id AND parent.round = given.round AND parent.worker_run_id = p.parent_id
  WHERE child.tenant_id = own_tenant() AND child.process_id = given.id AND child.round = given.round;
  -- Those without parents may run at once.
  PERFORM settle_process(given.id);
END $$;

-- Whether a task of this run and chunk would be given an element: looked for as start_activity does.
CREATE OR REPLACE FUNCTION has_work(run uuid, of_chunk smallint) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT EXISTS (SELECT FROM worker_activity a
    WHERE a.tenant_id = own_tenant() AND a.worker_run_id = run AND a.chunk = of_chunk AND a.state = 'queued'
      AND (SELECT true FROM element e WHERE e.tenant_id = own_tenant() AND e.id = a.element_id))
$$;

-- A new round of tasks over the same runs. Activities that failed or were left over are queued again.
CREATE OR REPLACE FUNCTION retry_process(wanted uuid) RETURNS void LANGUAGE plpgsql AS $$
DECLARE given process;
BEGIN
  PERFORM hold_corpus_of_process(wanted);
  SELECT * INTO given FROM process p WHERE p.tenant_id = own_tenant() AND p.id = wanted FOR UPDATE;
  IF given.state NOT IN ('completed', 'failed', 'stopped') THEN
    PERFORM refuse(409, 'wrong_state', format('Only a process that has ended can be retried; this one is %s.', given.state));
  END IF;
  PERFORM lock_parts(wanted);
  -- It keeps the elements and sets that it was started with.
  PERFORM refuse_faults(start_faults(given, NULL, true));
  UPDATE process p SET state = 'pending', started = now(), finished = NULL, round = p.round + 1
    WHERE p.tenant_id = own_tenant() AND p.id = wanted RETURNING * INTO given;
  UPDATE worker_activity a SET state = 'queued', task_id = NULL, source_id = NULL, started = NULL, updated = now()
    WHERE a.tenant_id = own_tenant() AND a.process_id = wanted
      AND (a.state IN ('started', 'error') OR activity_state(a.state, a.source_id) <> a.state);
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
DECLARE
  runs uuid[] := ARRAY(SELECT r.id FROM worker_run r WHERE r.tenant_id = own_tenant() AND r.process_id = wanted);
  given process;
BEGIN
  PERFORM lock_sources(runs);
  SELECT * INTO given FROM process p WHERE p.tenant_id = own_tenant() AND p.id = wanted FOR UPDATE;
  IF NOT FOUND THEN PERFORM refuse(404, 'not_found', 'There is no process with this id.'); END IF;
  IF given.corpus_id IS NULL THEN
    PERFORM refuse(409, 'user_worker_runs', 'This process holds somebody''s user worker runs: delete these.');
  ELSIF given.state IN ('pending', 'running', 'stopping') THEN
    PERFORM refuse(409, 'wrong_state', format('This process is %s: stop it first.', given.state));
  END IF;
  DELETE FROM worker_activity a WHERE a.tenant_id = own_tenant() AND a.process_id = wanted;
  DELETE FROM process_element e WHERE e.tenant_id = own_tenant() AND e.process_id = wanted;
  DELETE FROM task t WHERE t.tenant_id = own_tenant() AND t.process_id = wanted;
  PERFORM delete_runs(ARRAY(SELECT r.id FROM worker_run r WHERE r.tenant_id = own_tenant() AND r.process_id = wanted));
  DELETE FROM process p WHERE p.tenant_id = own_tenant() AND p.id = wanted;
END $$;
