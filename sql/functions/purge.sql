-- Removing what a deletion has hidden, in batches. While it lasts the rows that hide it stay, so no reader sees any of it; they go with the
-- counters in the last transaction. What people worked on is detached from its source instead, and looks the same before and after.
--
-- Each batch is a transaction that holds the job's row (so that a holder which lost its lease cannot go on) and then the purges of the
-- corpus (so that two of them do not meet). Elements before what stands on them, as everybody locks. All of it runs as the owner,
-- whom the policies that hide rows do not hold, and names the tenant.

-- What becomes of each table that can hold results of a run, or names an element or a transcription. A test holds it against the catalogue.
--   result      made by a run on an element: goes with its source and with its element
--   on_element  goes with its element
--   element, place, activity, counter   each has a step of its own
--   record      stays: it says what was done, not what was found
CREATE OR REPLACE FUNCTION erasure_plans() RETURNS TABLE (place smallint, table_name text, how text) LANGUAGE sql IMMUTABLE AS $$
  VALUES (1::smallint, 'transcription_entity', 'result'), (2, 'transcription', 'result'), (3, 'classification', 'result'), (4, 'metadata', 'result'), (5, 'embedding', 'result'),
    (10, 'dataset_element', 'on_element'), (11, 'selected_element', 'on_element'), (12, 'process_element', 'on_element'), (20, 'worker_activity', 'activity'), (30, 'element', 'element'), (31, 'element_path', 'place'), (40, 'result_count', 'counter'),
    (50, 'hidden_source', 'record'), (51, 'task', 'record'), (52, 'process', 'record')
$$;

-- Purges of one corpus take turns, batch by batch.
CREATE OR REPLACE FUNCTION purge_lock(corpus uuid) RETURNS bigint LANGUAGE sql IMMUTABLE AS
  $$ SELECT hashtextextended(corpus::text, 17) $$;

-- Begins, or goes on with, a purge; false when there is nothing to do because the deletion was undone or is purged. From here on
-- it cannot be undone.
CREATE OR REPLACE FUNCTION begin_purge(wanted uuid, for_job uuid) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE given deletion;
BEGIN
  -- Whoever is giving rows other sources or lineages is waited for: what comes later is noticed in the end.
  PERFORM change_visibility((SELECT d.corpus_id FROM deletion d WHERE d.tenant_id = own_tenant() AND d.id = wanted));
  SELECT * INTO given FROM deletion d WHERE d.tenant_id = own_tenant() AND d.id = wanted FOR UPDATE;
  IF NOT FOUND OR given.state IN ('restored', 'purged') THEN RETURN false; END IF;
  IF given.state = 'purging' THEN RETURN true; END IF;
  IF given.undo_until > now() THEN
    PERFORM refuse(409, 'not_due', format('This deletion can be undone until %s.', given.undo_until));
  END IF;
  UPDATE deletion d SET state = 'purging' WHERE d.tenant_id = own_tenant() AND d.id = wanted;
  INSERT INTO purge_cursor (tenant_id, deletion_id, since) VALUES (own_tenant(), wanted, nextval('deletion_moved'));
  PERFORM advance_job(for_job, 0, hidden_by(wanted));
  RETURN true;
END $$;

-- How many objects a deletion hides, from the counters.
CREATE OR REPLACE FUNCTION hidden_by(wanted uuid) RETURNS bigint LANGUAGE sql STABLE AS $$
  SELECT coalesce(sum(k.n), 0)::bigint FROM counters_hidden_by(wanted) AS k
$$;

CREATE OR REPLACE FUNCTION counters_hidden_by(wanted uuid) RETURNS SETOF result_count
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT k.* FROM deletion d JOIN result_count k ON k.tenant_id = own_tenant() AND k.corpus_id = d.corpus_id
  WHERE d.tenant_id = own_tenant() AND d.id = wanted AND (d.filter ? 'corpus'
    OR EXISTS (SELECT FROM hidden_lineage h WHERE h.tenant_id = own_tenant() AND h.deletion_id = wanted AND h.lineage_id = k.lineage_id
      AND (h.everything OR NOT k.element_kept))
    OR EXISTS (SELECT FROM hidden_source h WHERE h.tenant_id = own_tenant() AND h.deletion_id = wanted AND (
      (h.source_id = k.source_id AND (h.everything OR NOT k.kept))
      OR (h.source_id = k.transcription_source_id AND (h.everything OR NOT k.transcription_kept)))))
$$;

-- One batch of at most so many rows of one kind. Tells how many objects are gone with it, and whether that was the last.
CREATE OR REPLACE FUNCTION purge_batch(wanted uuid, for_job uuid, most integer) RETURNS TABLE (objects bigint, finished boolean)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  given deletion;
  place purge_cursor;
  plan record;
  at integer;
  from_id uuid;
  gone bigint;
BEGIN
  SELECT * INTO given FROM deletion d WHERE d.tenant_id = own_tenant() AND d.id = wanted AND d.state = 'purging';
  IF NOT FOUND THEN RETURN QUERY SELECT 0::bigint, true; RETURN; END IF;
  PERFORM pg_advisory_xact_lock(purge_lock(given.corpus_id));
  SELECT * INTO place FROM purge_cursor c WHERE c.tenant_id = own_tenant() AND c.deletion_id = wanted FOR UPDATE;
  FOR plan IN SELECT p.place, p.table_name, p.how FROM erasure_plans() AS p
      WHERE p.place >= place.step AND p.how IN ('result', 'element', 'place', 'activity') ORDER BY p.place LOOP
    FOREACH at IN ARRAY purge_members(given, plan.how) LOOP
      CONTINUE WHEN plan.place = place.step AND at < place.member;
      from_id := CASE WHEN plan.place = place.step AND at = place.member THEN place.last_id ELSE everyone() END;
      CASE plan.how
        WHEN 'result' THEN SELECT b.gone, b.last_id INTO gone, from_id FROM purge_results(given, plan.table_name, at, from_id, most) AS b;
        WHEN 'activity' THEN SELECT b.gone, b.last_id INTO gone, from_id FROM purge_activities(given, at, from_id, most) AS b;
        WHEN 'element' THEN SELECT b.gone, b.last_id INTO gone, from_id FROM purge_elements(given, at, from_id, most) AS b;
        WHEN 'place' THEN SELECT b.gone, b.last_id INTO gone, from_id FROM purge_places(given, at, most) AS b;
      END CASE;
      IF from_id IS NOT NULL THEN
        UPDATE purge_cursor c SET step = plan.place, member = at, last_id = from_id WHERE c.tenant_id = own_tenant() AND c.deletion_id = wanted;
        PERFORM advance_job(for_job, gone);
        RETURN QUERY SELECT gone, false;
        RETURN;
      END IF;
    END LOOP;
  END LOOP;
  IF end_purge(given, place.since) THEN RETURN QUERY SELECT 0::bigint, true; RETURN; END IF;
  -- Something may be left over: a row that was given another source or lineage while a batch passed by. From the start.
  UPDATE purge_cursor c SET step = 1, member = 0, last_id = DEFAULT, since = nextval('deletion_moved') WHERE c.tenant_id = own_tenant() AND c.deletion_id = wanted;
  RETURN QUERY SELECT 0::bigint, false;
END $$;

-- The sources or lineages that a step goes through. Where elements of a source have come to stand that the deletion does not hide, by moving
-- what people had worked on, is for the counters to say.
CREATE OR REPLACE FUNCTION purge_members(given deletion, how text) RETURNS integer[] LANGUAGE sql STABLE AS $$
  SELECT CASE WHEN how IN ('result', 'activity')
    THEN ARRAY(SELECT h.source_id FROM hidden_source h WHERE h.tenant_id = own_tenant() AND h.deletion_id = given.id ORDER BY 1)
    WHEN given.filter ? 'corpus' THEN
      ARRAY(SELECT 0 UNION ALL SELECT l.id FROM lineage l WHERE l.tenant_id = own_tenant() AND l.corpus_id = given.corpus_id ORDER BY 1)
    ELSE ARRAY(SELECT h.lineage_id FROM hidden_lineage h WHERE h.tenant_id = own_tenant() AND h.deletion_id = given.id
      UNION SELECT k.lineage_id FROM hidden_source h JOIN result_count k ON k.tenant_id = own_tenant() AND k.source_id = h.source_id
        AND k.kind = 'element' AND k.n > 0
        WHERE how = 'element' AND h.tenant_id = own_tenant() AND h.deletion_id = given.id
      ORDER BY 1) END
$$;

-- Each of these takes one batch after a row, and tells the last row that it dealt with: null when there was none.

-- Results of a source: those that people worked on are detached, the others go, one range of an index at a time. What stands on transcriptions
-- goes before them; the counters, which stay to the end, say whether any ever did.
CREATE OR REPLACE FUNCTION purge_results(given deletion, from_table text, source integer, after uuid, most integer, OUT gone bigint, OUT last_id uuid)
LANGUAGE plpgsql AS $$
DECLARE
  taken text := format('FROM %I t WHERE t.tenant_id = own_tenant() AND t.corpus_id = $1 AND t.source_id = $2 AND t.source_id <> 0 AND t.id > $3', from_table);
  ids uuid[];
  staying uuid[];
  own bigint;
BEGIN
  gone := 0;
  EXECUTE format('SELECT coalesce((SELECT t.id %1$s ORDER BY t.id LIMIT 1 OFFSET $4 - 1), (SELECT t.id %1$s ORDER BY t.id DESC LIMIT 1))', taken)
    INTO last_id USING given.corpus_id, source, after, most;
  IF last_id IS NULL THEN RETURN; END IF;
  taken := taken || ' AND t.id <= $4';
  IF from_table = 'transcription' AND EXISTS (SELECT FROM result_count k WHERE k.tenant_id = own_tenant() AND k.corpus_id = given.corpus_id
      AND k.kind = 'transcription_entity' AND k.transcription_source_id = source AND k.n > 0) THEN
    EXECUTE format('SELECT ARRAY(SELECT t.id %s AND NOT (t.kept AND $5))', taken) INTO ids USING given.corpus_id, source, after, last_id, given.keep_manual;
    DELETE FROM transcription_entity e WHERE e.ctid = ANY (ARRAY(SELECT t.ctid FROM transcription_entity t
      WHERE t.tenant_id = own_tenant() AND t.transcription_id = ANY (ids) LIMIT most));
    GET DIAGNOSTICS gone = ROW_COUNT;
    -- More than a batch stood on these: they go with the next, after what is still on them.
    IF gone = most THEN last_id := after; RETURN; END IF;
  END IF;
  IF given.keep_manual THEN
    EXECUTE format('SELECT array_agg(t.id) %s AND t.kept', taken) INTO staying USING given.corpus_id, source, after, last_id;
    IF staying IS NOT NULL THEN PERFORM detach_results(from_table, staying, source); END IF;
  END IF;
  EXECUTE format('DELETE %s AND NOT (t.kept AND $5)', taken) USING given.corpus_id, source, after, last_id, given.keep_manual;
  GET DIAGNOSTICS own = ROW_COUNT;
  gone := gone + own;
END $$;

-- What was kept becomes work by hand that remembers its run. Counters move with it, in key order.
CREATE OR REPLACE FUNCTION detach_results(from_table text, ids uuid[], source integer) RETURNS void LANGUAGE plpgsql AS $$
DECLARE run uuid := (SELECT s.worker_run_id FROM source s WHERE s.tenant_id = own_tenant() AND s.id = source);
BEGIN
  EXECUTE format('SELECT FROM element e WHERE e.tenant_id = own_tenant() AND e.id IN (SELECT t.element_id FROM %I t
    WHERE t.tenant_id = own_tenant() AND t.id = ANY ($1)) ORDER BY e.id FOR SHARE', from_table) USING ids;
  IF from_table = 'transcription' THEN
    PERFORM FROM transcription t WHERE t.tenant_id = own_tenant() AND t.id = ANY (ids) ORDER BY t.id FOR UPDATE;
    WITH moved AS (
      UPDATE transcription_entity e SET transcription_source_id = 0
        WHERE e.tenant_id = own_tenant() AND e.transcription_id = ANY (ids) AND e.transcription_source_id = source RETURNING e.*
    )
    INSERT INTO result_count AS counted (tenant_id, corpus_id, lineage_id, element_kept, source_id, kept, kind, transcription_source_id,
      transcription_kept, n)
    SELECT own_tenant(), b.corpus_id, b.lineage_id, b.kept, m.source_id, m.kept, 'transcription_entity', side.source, m.transcription_kept, sum(side.sign)
    FROM moved m JOIN element b ON b.tenant_id = own_tenant() AND b.id = m.element_id CROSS JOIN (VALUES (source, -1), (0, 1)) AS side (source, sign)
    GROUP BY 2, 3, 4, 5, 6, 8, 9 ORDER BY 2, 3, 4, 5, 6, 7, 8, 9
    ON CONFLICT ON CONSTRAINT result_count_pkey DO UPDATE SET n = counted.n + excluded.n;
  END IF;
  EXECUTE format('WITH moved AS (
      UPDATE %1$I t SET source_id = 0, detached_from = $2, detached_source_id = $3
        WHERE t.tenant_id = own_tenant() AND t.id = ANY ($1) AND t.source_id = $3 RETURNING t.*
    )
    INSERT INTO result_count AS counted (tenant_id, corpus_id, lineage_id, element_kept, source_id, kept, kind, transcription_source_id,
      transcription_kept, n)
    SELECT own_tenant(), b.corpus_id, b.lineage_id, b.kept, side.source, m.kept, %1$L, %2$s, sum(side.sign)
    FROM moved m JOIN element b ON b.tenant_id = own_tenant() AND b.id = m.element_id CROSS JOIN (VALUES ($3, -1), (0, 1)) AS side (source, sign)
    GROUP BY 2, 3, 4, 5, 6, 8, 9 ORDER BY 2, 3, 4, 5, 6, 7, 8, 9
    ON CONFLICT ON CONSTRAINT result_count_pkey DO UPDATE SET n = counted.n + excluded.n', from_table,
    CASE from_table WHEN 'transcription_entity' THEN 'm.transcription_source_id, m.transcription_kept' ELSE '0, true' END) USING ids, run, source;
END $$;

-- Elements of a lineage with all that stands on them; of those that stay, the ones of the run's own sources are detached. Where the
-- deletion does not hide the lineage, these alone are dealt with.
CREATE OR REPLACE FUNCTION purge_elements(given deletion, lineage integer, after uuid, most integer, OUT gone bigint, OUT last_id uuid)
LANGUAGE plpgsql AS $$
DECLARE
  ids uuid[];
  staying uuid[];
  looked_at uuid[];
  plan record;
  n bigint;
  hides boolean := given.filter ? 'corpus'
    OR EXISTS (SELECT FROM hidden_lineage h WHERE h.tenant_id = own_tenant() AND h.deletion_id = given.id AND h.lineage_id = lineage);
  own integer[] := ARRAY(SELECT h.source_id FROM hidden_source h WHERE h.tenant_id = own_tenant() AND h.deletion_id = given.id);
BEGIN
  gone := 0;
  -- Held against whoever would still stand something on them; each further statement sees what was there by then.
  SELECT array_agg(b.id) FILTER (WHERE NOT b.stays), array_agg(b.id) FILTER (WHERE b.stays), array_agg(b.id) INTO ids, staying, looked_at
  FROM (SELECT e.id, NOT hides OR e.kept AND given.keep_manual AS stays FROM element e
    WHERE e.tenant_id = own_tenant() AND e.corpus_id = given.corpus_id AND e.lineage_id = lineage AND e.id > after
      AND (hides OR e.source_id = ANY (own)) ORDER BY e.id LIMIT most FOR UPDATE) AS b;
  IF looked_at IS NULL THEN RETURN; END IF;
  last_id := looked_at[cardinality(looked_at)];
  IF staying IS NOT NULL THEN PERFORM detach_elements(given, staying); END IF;
  IF ids IS NULL THEN RETURN; END IF;
  FOR plan IN SELECT p.table_name, p.how FROM erasure_plans() AS p WHERE p.how IN ('result', 'on_element', 'activity', 'place') ORDER BY p.place LOOP
    EXECUTE format('DELETE FROM %1$I r WHERE r.ctid = ANY (ARRAY(SELECT t.ctid FROM %1$I t
      WHERE t.tenant_id = own_tenant() AND t.element_id = ANY ($1) LIMIT $2))', plan.table_name) USING ids, most;
    GET DIAGNOSTICS n = ROW_COUNT;
    IF plan.how = 'result' THEN gone := gone + n; END IF;
    -- More than a batch stands on them: they go with a later one.
    IF n = most THEN last_id := after; RETURN; END IF;
  END LOOP;
  DELETE FROM element e WHERE e.tenant_id = own_tenant() AND e.id = ANY (ids);
  GET DIAGNOSTICS n = ROW_COUNT;
  gone := gone + n;
END $$;

CREATE OR REPLACE FUNCTION detach_elements(given deletion, ids uuid[]) RETURNS void LANGUAGE sql AS $$
  UPDATE element_path p SET source_id = 0 WHERE p.tenant_id = own_tenant() AND p.element_id = ANY (ids)
    AND p.source_id IN (SELECT h.source_id FROM hidden_source h WHERE h.tenant_id = own_tenant() AND h.deletion_id = given.id);
  WITH moved AS (
    UPDATE element e SET source_id = 0, detached_from = s.worker_run_id, detached_source_id = s.id
      FROM source s WHERE s.tenant_id = own_tenant() AND s.id = e.source_id AND e.tenant_id = own_tenant() AND e.id = ANY (ids)
        AND s.id IN (SELECT h.source_id FROM hidden_source h WHERE h.tenant_id = own_tenant() AND h.deletion_id = given.id)
      RETURNING e.corpus_id, e.lineage_id, e.kept, s.id AS source
  )
  INSERT INTO result_count AS counted (tenant_id, corpus_id, lineage_id, element_kept, source_id, kept, kind, n)
  SELECT own_tenant(), m.corpus_id, m.lineage_id, m.kept, side.source, m.kept, 'element', sum(side.sign)
  FROM moved m CROSS JOIN LATERAL (VALUES (m.source, -1), (0, 1)) AS side (source, sign) GROUP BY 2, 3, 4, 5, 6 ORDER BY 2, 3, 4, 5, 6
  ON CONFLICT ON CONSTRAINT result_count_pkey DO UPDATE SET n = counted.n + excluded.n
$$;

-- Places along a hidden lineage: where a task had linked something that stays elsewhere.
CREATE OR REPLACE FUNCTION purge_places(given deletion, lineage integer, most integer, OUT gone bigint, OUT last_id uuid) LANGUAGE plpgsql AS $$
DECLARE n bigint;
BEGIN
  gone := 0;
  DELETE FROM element_path p WHERE p.ctid = ANY (ARRAY(SELECT t.ctid FROM element_path t WHERE t.tenant_id = own_tenant()
    AND t.corpus_id = given.corpus_id AND t.lineage_id = lineage AND NOT (t.kept AND given.keep_manual) LIMIT most));
  GET DIAGNOSTICS n = ROW_COUNT;
  -- Nothing is passed over, so no cursor is needed but to go on.
  IF n > 0 THEN last_id := everyone(); END IF;
END $$;

-- The elements of these activities wait again, and nothing remembers that they were processed.
CREATE OR REPLACE FUNCTION purge_activities(given deletion, source integer, after uuid, most integer, OUT gone bigint, OUT last_id uuid)
LANGUAGE plpgsql AS $$
BEGIN
  gone := 0;
  WITH reset AS (
    UPDATE worker_activity a SET state = 'queued', task_id = NULL, source_id = NULL, started = NULL, updated = now()
      WHERE a.ctid = ANY (ARRAY(SELECT t.ctid FROM worker_activity t WHERE t.tenant_id = own_tenant() AND t.source_id = source ORDER BY t.element_id
        LIMIT most FOR UPDATE)) AND a.source_id = source
      RETURNING a.element_id
  )
  SELECT max(r.element_id::text)::uuid INTO last_id FROM reset r;
END $$;

-- The last transaction: whatever hid what is gone goes too, and its counters. False, and nothing changed, when something may be left because another
-- deletion gave rows other sources or lineages since this pass began; nobody else writes what is hidden. Looking for it would be to read all that
-- is gone once more, while nobody can write in the corpus.
CREATE OR REPLACE FUNCTION end_purge(given deletion, since bigint) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
  PERFORM change_visibility(given.corpus_id);
  IF given.filter ? 'corpus' THEN RETURN end_corpus_purge(given); END IF;
  IF EXISTS (SELECT FROM deletion d WHERE d.tenant_id = own_tenant() AND d.corpus_id = given.corpus_id AND d.id <> given.id AND d.moved > since) THEN
    RETURN false;
  ELSIF EXISTS (SELECT FROM hidden_source h JOIN result_count k ON k.tenant_id = own_tenant() AND k.source_id = h.source_id AND k.kind = 'element' AND k.n > 0
    WHERE h.tenant_id = own_tenant() AND h.deletion_id = given.id AND NOT EXISTS (SELECT FROM hidden_lineage l
      WHERE l.tenant_id = own_tenant() AND l.deletion_id = given.id AND l.lineage_id = k.lineage_id)) THEN
    -- Moved to where this pass had been already.
    RETURN false;
  END IF;
  DELETE FROM result_count k USING counters_hidden_by(given.id) AS h WHERE k.tenant_id = own_tenant() AND (k.corpus_id, k.lineage_id, k.element_kept,
    k.source_id, k.kept, k.kind, k.transcription_source_id, k.transcription_kept) = (h.corpus_id, h.lineage_id, h.element_kept, h.source_id, h.kept, h.kind,
    h.transcription_source_id, h.transcription_kept);
  UPDATE source s SET purged = now() FROM hidden_source h WHERE h.tenant_id = own_tenant() AND h.deletion_id = given.id
    AND s.tenant_id = own_tenant() AND s.id = h.source_id;
  DELETE FROM hidden_lineage h WHERE h.tenant_id = own_tenant() AND h.deletion_id = given.id;
  DELETE FROM hidden_source h WHERE h.tenant_id = own_tenant() AND h.deletion_id = given.id;
  DELETE FROM purge_cursor c WHERE c.tenant_id = own_tenant() AND c.deletion_id = given.id;
  UPDATE deletion d SET state = 'purged', ended = now() WHERE d.tenant_id = own_tenant() AND d.id = given.id;
  PERFORM note_event('results_purged', jsonb_build_object('deletion', given.id, 'worker_runs', run_cards(given.worker_runs)), given.corpus_id);
  RETURN true;
END $$;

-- Of a corpus the row stays, without its name: processes and worker runs are the record of what was done.
CREATE OR REPLACE FUNCTION end_corpus_purge(given deletion) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT FROM element e WHERE e.tenant_id = own_tenant() AND e.corpus_id = given.corpus_id) THEN RETURN false; END IF;
  DELETE FROM result_count k WHERE k.tenant_id = own_tenant() AND k.corpus_id = given.corpus_id;
  DELETE FROM hidden_lineage h WHERE h.tenant_id = own_tenant() AND h.corpus_id = given.corpus_id;
  DELETE FROM hidden_source h WHERE h.tenant_id = own_tenant() AND h.corpus_id = given.corpus_id;
  DELETE FROM purge_cursor c USING deletion d WHERE c.tenant_id = own_tenant() AND d.tenant_id = own_tenant() AND d.id = c.deletion_id
    AND d.corpus_id = given.corpus_id;
  UPDATE source s SET purged = coalesce(s.purged, now()), open = false WHERE s.tenant_id = own_tenant() AND s.corpus_id = given.corpus_id;
  -- The other deletions in it have nothing left to do, or to undo.
  UPDATE deletion d SET state = 'purged', ended = now() WHERE d.tenant_id = own_tenant() AND d.corpus_id = given.corpus_id
    AND d.state IN ('preparing', 'hidden', 'purging');
  UPDATE corpus c SET name = 'Deleted', description = '' WHERE c.tenant_id = own_tenant() AND c.id = given.corpus_id;
  PERFORM note_event('corpus_purged', jsonb_build_object('deletion', given.id), given.corpus_id);
  RETURN true;
END $$;

-- Brings the purge forward: what could still be undone cannot any more.
CREATE OR REPLACE FUNCTION purge_now(wanted uuid) RETURNS void LANGUAGE plpgsql AS $$
DECLARE given deletion;
BEGIN
  PERFORM FROM job j JOIN deletion d ON d.tenant_id = own_tenant() AND d.job_id = j.id WHERE j.tenant_id = own_tenant() AND d.id = wanted FOR UPDATE OF j;
  SELECT * INTO given FROM deletion d WHERE d.tenant_id = own_tenant() AND d.id = wanted FOR UPDATE;
  IF NOT FOUND THEN PERFORM refuse(404, 'not_found', 'There is no deletion with this id.'); END IF;
  IF given.state IN ('restored', 'purged') THEN PERFORM refuse(409, 'wrong_state', format('This deletion is %s.', given.state)); END IF;
  UPDATE deletion d SET undo_until = least(d.undo_until, now()) WHERE d.tenant_id = own_tenant() AND d.id = wanted;
  UPDATE job j SET state = 'queued', run_at = now(), failures = 0, error = NULL, finished = NULL
    WHERE j.tenant_id = own_tenant() AND j.id = given.job_id AND j.state IN ('queued', 'failed');
END $$;
