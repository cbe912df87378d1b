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
  PERFORM hold_visibility(corpus);
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

-- Whether a source is a user worker run's: what is signed with it counts as work by hand.
CREATE OR REPLACE FUNCTION is_hand(source integer) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT EXISTS (SELECT FROM source s JOIN worker_run r ON r.tenant_id = own_tenant() AND r.id = s.worker_run_id AND r.owner_id IS NOT NULL
    WHERE s.tenant_id = own_tenant() AND s.id = source)
$$;

-- The interned lineage of what stands below a lineage, with the sources on the way and its own last.
-- survives: what it stands below is seen, perhaps although its sources are hidden, because people worked on it. Then the deletions that
-- hide these do not hide what comes to stand there afterwards.
CREATE OR REPLACE FUNCTION lineage_below(corpus uuid, base integer, along integer[], own integer, survives boolean) RETURNS integer
LANGUAGE plpgsql AS $$
DECLARE
  above record;
  members integer[];
  passed uuid[];
  by_hand integer := 0;
  interned integer;
BEGIN
  SELECT coalesce(l.sources, '{}') AS sources, coalesce(l.survived, '{}') AS survived, coalesce(l.hand, 0) AS hand INTO above
    FROM (VALUES (1)) AS always LEFT JOIN lineage l ON l.tenant_id = own_tenant() AND l.id = base;
  members := ARRAY(SELECT DISTINCT member FROM unnest(above.sources || along || own) AS member WHERE member <> 0 ORDER BY member);
  passed := above.survived;
  IF survives AND members && hidden_sources() THEN
    passed := ARRAY(SELECT unnest(passed) UNION SELECT h.deletion_id FROM hidden_source h
      WHERE h.tenant_id = own_tenant() AND h.source_id = ANY (members) AND NOT h.everything ORDER BY 1);
  END IF;
  IF own <> 0 THEN by_hand := CASE WHEN is_hand(own) THEN own ELSE 0 END; END IF;
  -- What is made by hand carries the mark itself, so it may share the lineage of what it stands below.
  IF members = above.sources AND passed = above.survived AND (own = 0 OR by_hand = above.hand) THEN RETURN base; END IF;
  LOOP
    SELECT l.id INTO interned FROM lineage l WHERE l.tenant_id = own_tenant() AND l.corpus_id = corpus AND l.sources = members
      AND l.survived = passed AND l.hand = by_hand;
    IF FOUND THEN RETURN interned; END IF;
    PERFORM pg_advisory_xact_lock(hashtextextended(corpus::text, 11));
    INSERT INTO lineage (tenant_id, corpus_id, sources, survived, hand) VALUES (own_tenant(), corpus, members, passed, by_hand)
      ON CONFLICT DO NOTHING RETURNING lineage.id INTO interned;
    -- What comes to stand below something hidden is hidden by the same deletions.
    INSERT INTO hidden_lineage (tenant_id, lineage_id, deletion_id, corpus_id, everything)
      SELECT DISTINCT own_tenant(), interned, h.deletion_id, corpus, h.everything FROM hidden_source h
      WHERE interned IS NOT NULL AND h.tenant_id = own_tenant() AND h.corpus_id = corpus AND h.source_id = ANY (members)
        AND h.deletion_id <> ALL (passed) AND (h.everything OR by_hand = 0 OR EXISTS (SELECT FROM hidden_source own_too
          WHERE own_too.tenant_id = own_tenant() AND own_too.deletion_id = h.deletion_id AND own_too.source_id = by_hand));
  END LOOP;
END $$;

-- The lineage of an element that is made below one of this lineage.
CREATE OR REPLACE FUNCTION lineage_with(corpus uuid, base integer, source integer) RETURNS integer LANGUAGE sql AS
  $$ SELECT lineage_below(corpus, base, '{}', source, true) $$;

-- Adds to a counter. Callers that touch several go in key order.
CREATE OR REPLACE FUNCTION count_results(corpus uuid, lineage integer, on_kept boolean, source integer, is_kept boolean, what text, more bigint,
  text_source integer DEFAULT 0, text_kept boolean DEFAULT true)
RETURNS void LANGUAGE sql AS $$
  INSERT INTO result_count AS counted (tenant_id, corpus_id, lineage_id, element_kept, source_id, kept, kind, transcription_source_id,
    transcription_kept, n)
  VALUES (own_tenant(), corpus, lineage, on_kept, source, is_kept, what, text_source, text_kept, more)
  ON CONFLICT ON CONSTRAINT result_count_pkey DO UPDATE SET n = counted.n + excluded.n
$$;

-- A person has worked on these elements: they and what they stand on survive the deletion of the runs that made them.
-- A task's work keeps nothing.
CREATE OR REPLACE FUNCTION keep_elements(ids uuid[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF own_task() IS NULL THEN PERFORM keep_with_ancestors(ids); END IF;
END $$;

-- Marks these elements as kept, and what they are at home in, up to what is kept already: that has its ancestors kept.
CREATE OR REPLACE FUNCTION keep_with_ancestors(ids uuid[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE changed uuid[];
BEGIN
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
  PERFORM count_kept(changed);
END $$;

-- Moves the counts of what stands on elements that have just become kept. As the owner: what is hidden there moves too, or its undo
-- would find the counters wrong.
CREATE OR REPLACE FUNCTION count_kept(changed uuid[]) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  INSERT INTO result_count AS counted (tenant_id, corpus_id, lineage_id, element_kept, source_id, kept, kind, transcription_source_id,
    transcription_kept, n)
  SELECT own_tenant(), e.corpus_id, e.lineage_id, side.after, r.source_id, CASE r.kind WHEN 'element' THEN side.after ELSE r.kept END, r.kind,
    r.transcription_source_id, r.transcription_kept, sum(side.sign)
  FROM element e CROSS JOIN LATERAL standing_on(e.id, e.source_id, e.kept) AS r CROSS JOIN (VALUES (false, -1), (true, 1)) AS side (after, sign)
  WHERE e.tenant_id = own_tenant() AND e.id = ANY (changed)
  GROUP BY 2, 3, 4, 5, 6, 7, 8, 9 ORDER BY 2, 3, 4, 5, 6, 7, 8, 9
  ON CONFLICT ON CONSTRAINT result_count_pkey DO UPDATE SET n = counted.n + excluded.n
$$;
REVOKE ALL ON FUNCTION count_kept(uuid[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION count_kept(uuid[]) TO palimpsest_app;

-- What counts with an element: itself, and every result on it.
CREATE OR REPLACE FUNCTION standing_on(element uuid, source integer, is_kept boolean)
RETURNS TABLE (source_id integer, kept boolean, kind text, transcription_source_id integer, transcription_kept boolean) LANGUAGE sql STABLE AS $$
  SELECT source, is_kept, 'element', 0, true
  UNION ALL SELECT t.source_id, t.kept, 'transcription', 0, true FROM transcription t WHERE t.tenant_id = own_tenant() AND t.element_id = element
  UNION ALL SELECT c.source_id, c.kept, 'classification', 0, true FROM classification c WHERE c.tenant_id = own_tenant() AND c.element_id = element
  UNION ALL SELECT m.source_id, m.kept, 'metadata', 0, true FROM metadata m WHERE m.tenant_id = own_tenant() AND m.element_id = element
  UNION ALL SELECT v.source_id, v.kept, 'embedding', 0, true FROM embedding v WHERE v.tenant_id = own_tenant() AND v.element_id = element
  UNION ALL SELECT t.source_id, t.kept, 'transcription_entity', t.transcription_source_id, t.transcription_kept FROM transcription_entity t
    WHERE t.tenant_id = own_tenant() AND t.element_id = element
$$;

-- A person has worked on this transcription, or on it: it survives the deletion of the run that made it, and what stands on it may too.
CREATE OR REPLACE FUNCTION keep_transcription(wanted uuid) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  given transcription;
  below element;
BEGIN
  IF own_task() IS NOT NULL THEN RETURN; END IF;
  UPDATE transcription t SET kept = true WHERE t.tenant_id = own_tenant() AND t.id = wanted AND NOT t.kept RETURNING * INTO given;
  IF NOT FOUND THEN RETURN; END IF;
  SELECT * INTO below FROM element e WHERE e.tenant_id = own_tenant() AND e.id = given.element_id FOR SHARE;
  PERFORM count_kept_transcription(given, below);
END $$;

-- As the owner, for the entities on it that are hidden.
CREATE OR REPLACE FUNCTION count_kept_transcription(given transcription, below element) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  WITH entities AS (
    UPDATE transcription_entity t SET transcription_kept = true
      WHERE t.tenant_id = own_tenant() AND given.tenant_id = own_tenant() AND t.transcription_id = given.id RETURNING t.*
  ), moved AS (
    SELECT given.source_id AS source_id, side.after AS kept, 'transcription' AS kind, 0 AS text_source, true AS text_kept, side.sign
      FROM (VALUES (false, -1), (true, 1)) AS side (after, sign)
    UNION ALL SELECT t.source_id, t.kept, 'transcription_entity', t.transcription_source_id, side.after, side.sign
      FROM entities t CROSS JOIN (VALUES (false, -1), (true, 1)) AS side (after, sign)
  )
  INSERT INTO result_count AS counted (tenant_id, corpus_id, lineage_id, element_kept, source_id, kept, kind, transcription_source_id,
    transcription_kept, n)
  SELECT own_tenant(), below.corpus_id, below.lineage_id, below.kept, m.source_id, m.kept, m.kind, m.text_source, m.text_kept, sum(m.sign)
  FROM moved m GROUP BY 5, 6, 7, 8, 9 ORDER BY 5, 6, 7, 8, 9
  ON CONFLICT ON CONSTRAINT result_count_pkey DO UPDATE SET n = counted.n + excluded.n
$$;
REVOKE ALL ON FUNCTION count_kept_transcription(transcription, element) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION count_kept_transcription(transcription, element) TO palimpsest_app;
