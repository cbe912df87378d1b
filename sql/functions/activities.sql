-- Activities: the queue of elements that the tasks of a run share.

-- What an activity stands for: when the work it tells of is hidden, or gone, the element waits again.
CREATE OR REPLACE FUNCTION activity_state(state text, source integer) RETURNS text LANGUAGE sql STABLE AS
  $$ SELECT CASE WHEN source = ANY (hidden_sources()) THEN 'queued' ELSE state END $$;

-- Takes one queued element for the caller's task, whoever else asks at the same time. The row is looked for by the queue's index alone: as a
-- join, the look at the element may be planned over everything that was processed before. Run and chunk are compared as a row, and ordered by:
-- no other index has this order. Compared one by one, with the elements as the order, the index of all activities by element did as well while
-- everything was queued, and a plan made then went on to read whatever had been processed since.
CREATE OR REPLACE FUNCTION start_activity() RETURNS TABLE (id uuid, name text, type_id uuid) LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  mine record;
  taken uuid;
BEGIN
  PERFORM pg_advisory_xact_lock_shared(task_lock(own_task()));
  SELECT t.worker_run_id, t.chunk, t.source_id INTO mine FROM task t WHERE t.tenant_id = own_tenant() AND t.id = own_task() AND t.state = 'running';
  -- Found first and changed then: in the FROM of an UPDATE it could be run again for each row of the other side, and lock another one each time.
  SELECT q.element_id INTO taken FROM worker_activity q
    WHERE q.tenant_id = own_tenant() AND (q.worker_run_id, q.chunk) >= (mine.worker_run_id, mine.chunk)
      AND (q.worker_run_id, q.chunk) <= (mine.worker_run_id, mine.chunk) AND q.state = 'queued'
      -- What a deletion has hidden meanwhile is passed over: an answer that there is nothing would end the worker's queue.
      AND (SELECT true FROM element e WHERE e.tenant_id = own_tenant() AND e.id = q.element_id)
    ORDER BY q.worker_run_id, q.chunk, q.element_id LIMIT 1 FOR UPDATE SKIP LOCKED;
  IF NOT FOUND THEN PERFORM refuse(404, 'not_found', 'No element is left to process.'); END IF;
  UPDATE worker_activity a SET state = 'started', task_id = own_task(), source_id = mine.source_id, started = now(), updated = now()
    WHERE a.tenant_id = own_tenant() AND a.worker_run_id = mine.worker_run_id AND a.element_id = taken;
  RETURN QUERY SELECT e.id, e.name, t.id FROM element e
    JOIN element_type t ON t.tenant_id = own_tenant() AND t.corpus_id = e.corpus_id AND t.number = e.type_number
    WHERE e.tenant_id = own_tenant() AND e.id = taken;
END $$;

-- Moves an activity. Starting it fails with 409 where another task has it, or where it is done.
CREATE OR REPLACE FUNCTION update_activity(run uuid, on_element uuid, of_process uuid, wanted text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE held worker_activity;
BEGIN
  IF own_task() IS NOT NULL THEN
    PERFORM pg_advisory_xact_lock_shared(task_lock(own_task()));
    IF NOT EXISTS (SELECT FROM task t WHERE t.tenant_id = own_tenant() AND t.id = own_task() AND t.state IN ('running', 'stopping')) THEN
      PERFORM refuse(401, 'authentication_failed', 'This task token is not valid, or its task has ended.');
    END IF;
  END IF;
  SELECT * INTO held FROM worker_activity a WHERE a.tenant_id = own_tenant() AND a.worker_run_id = run AND a.element_id = on_element FOR UPDATE;
  IF NOT FOUND OR held.process_id <> of_process THEN
    PERFORM refuse(404, 'not_found', 'This process has no activity for this worker run and element.');
  END IF;
  held.state := activity_state(held.state, held.source_id);
  IF own_task() IS NOT NULL AND NOT EXISTS (SELECT FROM task t WHERE t.tenant_id = own_tenant() AND t.id = own_task() AND t.worker_run_id = run) THEN
    PERFORM refuse(403, 'permission_denied', 'A task may only report on its own worker run.');
  END IF;
  -- A worker that was given its elements by hand reports the end without a start: allowed while nobody else has the element.
  IF wanted = 'started' AND held.state NOT IN ('queued', 'error') THEN
    PERFORM refuse(409, 'already_started', format('This activity is %s already.', held.state));
  ELSIF wanted <> 'started' AND held.state IN ('started', 'processed') AND own_task() IS NOT NULL AND held.task_id IS DISTINCT FROM own_task() THEN
    PERFORM refuse(409, 'already_started', 'Another task has this element.');
  END IF;
  UPDATE worker_activity a SET state = wanted, updated = now(), task_id = coalesce(own_task(), a.task_id),
    source_id = CASE WHEN own_task() IS NOT NULL THEN (SELECT t.source_id FROM task t WHERE t.tenant_id = own_tenant() AND t.id = own_task())
      ELSE (SELECT s.id FROM source s WHERE s.tenant_id = own_tenant() AND s.corpus_id = a.corpus_id AND s.worker_run_id = run AND s.open) END,
    started = CASE WHEN wanted = 'started' THEN now() ELSE a.started END
    WHERE a.tenant_id = own_tenant() AND a.worker_run_id = run AND a.element_id = on_element;
END $$;
