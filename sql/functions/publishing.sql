-- Results are published in two steps of one transaction: first the source is held open, then rows are inserted under a fresh snapshot,
-- joined to elements that are still there. docs/states.md says why in this order.

-- Held shared by whoever inserts elements, exclusively by whoever links, unlinks or moves them.
CREATE OR REPLACE FUNCTION structure_lock(corpus uuid) RETURNS bigint LANGUAGE sql IMMUTABLE AS
  $$ SELECT hashtextextended(corpus::text, 7) $$;

-- The source that results are signed with, held open until the end of the transaction; 0 is by hand.
CREATE OR REPLACE FUNCTION source_to_sign(run uuid, corpus uuid) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
  running record;
  signing record;
BEGIN
  PERFORM require_level('corpus', corpus, 50);
  IF own_task() IS NOT NULL THEN
    SELECT t.worker_run_id, t.source_id INTO running FROM task t WHERE t.tenant_id = own_tenant() AND t.id = own_task();
    IF run IS DISTINCT FROM running.worker_run_id THEN
      PERFORM refuse(400, 'not_its_run', 'A task signs what it publishes with its own worker run.', '["worker_run_id"]');
    END IF;
    PERFORM FROM source s WHERE s.tenant_id = own_tenant() AND s.id = running.source_id AND s.open FOR KEY SHARE;
    IF NOT FOUND THEN
      PERFORM refuse(409, 'run_results_deleted', 'The results of this worker run were deleted while this task was running.');
    END IF;
    RETURN running.source_id;
  END IF;
  IF run IS NULL THEN RETURN 0; END IF;
  SELECT r.owner_id, p.corpus_id INTO signing FROM worker_run r JOIN process p ON p.tenant_id = own_tenant() AND p.id = r.process_id
    WHERE r.tenant_id = own_tenant() AND r.id = run;
  IF NOT FOUND THEN
    PERFORM refuse(400, 'does_not_exist', 'There is no worker run with this id.', '["worker_run_id"]');
  ELSIF signing.owner_id IS DISTINCT FROM own_user() THEN
    PERFORM refuse(400, 'not_your_run', 'Only the running task of a worker run, or the owner of a user worker run, may sign with it.',
      '["worker_run_id"]');
  ELSIF signing.corpus_id <> corpus THEN
    PERFORM refuse(400, 'other_corpus', 'The process of this worker run belongs to another corpus.', '["worker_run_id"]');
  END IF;
  RETURN open_source(run, corpus);
END $$;

-- The open generation of a run in a corpus; opens the next one where a deletion has closed the last.
CREATE OR REPLACE FUNCTION open_source(run uuid, corpus uuid) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE opened integer;
BEGIN
  LOOP
    SELECT s.id INTO opened FROM source s
      WHERE s.tenant_id = own_tenant() AND s.corpus_id = corpus AND s.worker_run_id = run AND s.open FOR KEY SHARE;
    IF FOUND THEN RETURN opened; END IF;
    INSERT INTO source (tenant_id, corpus_id, worker_run_id, generation)
      SELECT own_tenant(), corpus, run, coalesce(max(s.generation), 0) + 1 FROM source s
        WHERE s.tenant_id = own_tenant() AND s.corpus_id = corpus AND s.worker_run_id = run
      ON CONFLICT DO NOTHING;
  END LOOP;
END $$;

-- The interned set of a lineage's sources and one more.
CREATE OR REPLACE FUNCTION lineage_with(corpus uuid, base integer, source integer) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
  members integer[] := coalesce((SELECT l.sources FROM lineage l WHERE l.tenant_id = own_tenant() AND l.id = base), '{}');
  interned integer;
BEGIN
  IF source = 0 OR source = ANY (members) THEN RETURN base; END IF;
  members := ARRAY(SELECT member FROM unnest(members || source) AS member ORDER BY member);
  LOOP
    SELECT l.id INTO interned FROM lineage l WHERE l.tenant_id = own_tenant() AND l.corpus_id = corpus AND l.sources = members;
    IF FOUND THEN RETURN interned; END IF;
    -- A deletion takes this lock while it marks lineages, so a new one cannot slip past it.
    PERFORM pg_advisory_xact_lock(hashtextextended(corpus::text, 11));
    INSERT INTO lineage (tenant_id, corpus_id, sources) VALUES (own_tenant(), corpus, members) ON CONFLICT DO NOTHING;
  END LOOP;
END $$;

-- Adds to a counter. Callers that touch several go in key order.
CREATE OR REPLACE FUNCTION count_results(corpus uuid, lineage integer, on_kept boolean, source integer, is_kept boolean, what text, more bigint)
RETURNS void LANGUAGE sql AS $$
  INSERT INTO result_count AS counted (tenant_id, corpus_id, lineage_id, element_kept, source_id, kept, kind, n)
  VALUES (own_tenant(), corpus, lineage, on_kept, source, is_kept, what, more)
  ON CONFLICT (tenant_id, corpus_id, lineage_id, element_kept, source_id, kept, kind) DO UPDATE SET n = counted.n + excluded.n
$$;

-- A person has worked on these elements: they and what they stand on survive the deletion of the runs that made them.
-- A task's work keeps nothing.
CREATE OR REPLACE FUNCTION keep_elements(ids uuid[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE changed uuid[];
BEGIN
  IF own_task() IS NOT NULL THEN RETURN; END IF;
  WITH RECURSIVE upwards AS (
    SELECT e.id, e.home_id, e.kept FROM element e WHERE e.tenant_id = own_tenant() AND e.id = ANY (ids)
    UNION
    SELECT e.id, e.home_id, e.kept FROM upwards u JOIN element e ON e.tenant_id = own_tenant() AND e.id = u.home_id WHERE NOT u.kept
  ), marked AS (
    UPDATE element e SET kept = true FROM upwards u WHERE e.tenant_id = own_tenant() AND e.id = u.id AND NOT e.kept RETURNING e.id
  )
  SELECT array_agg(marked.id) INTO changed FROM marked;
  IF changed IS NULL THEN RETURN; END IF;
  UPDATE element_path p SET kept = true WHERE p.tenant_id = own_tenant() AND p.element_id = ANY (changed) AND p.home;
  INSERT INTO result_count AS counted (tenant_id, corpus_id, lineage_id, element_kept, source_id, kept, kind, n)
  SELECT own_tenant(), e.corpus_id, e.lineage_id, side.after, r.source_id, CASE r.kind WHEN 'element' THEN side.after ELSE r.kept END, r.kind,
    sum(side.sign)
  FROM element e
  CROSS JOIN LATERAL (
    SELECT e.source_id, false AS kept, 'element' AS kind
    UNION ALL SELECT t.source_id, t.kept, 'transcription' FROM transcription t WHERE t.tenant_id = own_tenant() AND t.element_id = e.id
    UNION ALL SELECT c.source_id, c.kept, 'classification' FROM classification c WHERE c.tenant_id = own_tenant() AND c.element_id = e.id
    UNION ALL SELECT m.source_id, m.kept, 'metadata' FROM metadata m WHERE m.tenant_id = own_tenant() AND m.element_id = e.id
    UNION ALL SELECT t.source_id, t.kept, 'transcription_entity' FROM transcription_entity t
      WHERE t.tenant_id = own_tenant() AND t.element_id = e.id
  ) AS r
  CROSS JOIN (VALUES (false, -1), (true, 1)) AS side (after, sign)
  WHERE e.tenant_id = own_tenant() AND e.id = ANY (changed)
  GROUP BY 2, 3, 4, 5, 6, 7 ORDER BY 2, 3, 4, 5, 6, 7
  ON CONFLICT (tenant_id, corpus_id, lineage_id, element_kept, source_id, kept, kind) DO UPDATE SET n = counted.n + excluded.n;
END $$;
