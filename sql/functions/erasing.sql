-- Deleting elements and corpora by hand: gone at once, back until the horizon, then purged as the results of a run are.
--
-- A marker is a number like a source's that no row is signed with. It is put into the lineage of every element that goes and of every place that
-- goes; hiding these lineages hides all of it, and what stands on it, in one commit, whatever else hides parts of it too.

-- How many elements go in one request at the most; more are marked by a job first.
CREATE OR REPLACE FUNCTION most_erased() RETURNS integer LANGUAGE sql IMMUTABLE AS $$ SELECT 20000 $$;

-- Deletes elements of a corpus with all that is at home below them; what is linked there from elsewhere loses that place alone.
CREATE OR REPLACE FUNCTION erase_elements(in_corpus uuid, tops uuid[], asked jsonb)
RETURNS TABLE (deletion uuid, job uuid, undo_until timestamptz) LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  made uuid := uuid7();
  until timestamptz := now() + (SELECT t.purge_horizon FROM tenant t WHERE t.tenant_id = own_tenant());
  seen uuid[];
  many bigint;
  work uuid;
BEGIN
  PERFORM change_visibility(in_corpus);
  PERFORM pg_advisory_xact_lock(structure_lock(in_corpus));
  -- Looked at again, now that nobody else writes here.
  seen := ARRAY(SELECT e.id FROM element e WHERE e.tenant_id = own_tenant() AND e.corpus_id = in_corpus AND e.id = ANY (tops));
  IF seen = '{}' THEN PERFORM refuse(404, 'not_found', 'There is no such element; nothing was deleted.'); END IF;
  many := (SELECT count(*) FROM homes_below(in_corpus, seen));
  INSERT INTO deletion (tenant_id, id, corpus_id, keep_manual, state, undo_until, creator_id, filter, counts, marker, tops, marked_to)
  VALUES (own_tenant(), made, in_corpus, false, 'preparing', until, own_user(), asked,
    jsonb_build_object('results', kind_counts(jsonb_build_object('element', many)), 'manual', kind_counts('{}'), 'other_runs', '[]'::jsonb),
    nextval('source_id'), seen, '');
  IF many > most_erased() THEN
    work := enqueue_job('mark_deleted', format('Delete %s elements', many), in_corpus, NULL, jsonb_build_object('deletion', made), now(), many,
      'Until all is marked nothing is hidden: undo the deletion (RestoreWorkerResults) to stop it.');
    UPDATE deletion d SET job_id = work WHERE d.tenant_id = own_tenant() AND d.id = made;
    PERFORM note_event('elements_being_deleted', jsonb_build_object('deletion', made, 'filter', asked, 'elements', many), in_corpus);
  ELSE
    PERFORM mark_places(d, NULL) FROM deletion d WHERE d.tenant_id = own_tenant() AND d.id = made;
    PERFORM hide_marked(made);
  END IF;
  RETURN QUERY SELECT d.id, d.job_id, d.undo_until FROM deletion d WHERE d.tenant_id = own_tenant() AND d.id = made;
END $$;

-- One batch of the marking, or of setting results apart, and in the end the hiding; as the purge, in a transaction of its job. New elements that come below what is marked
-- are marked with it, and what comes elsewhere is found in the end: everything is decided while nobody else writes in the corpus.
CREATE OR REPLACE FUNCTION mark_batch(wanted uuid, for_job uuid, most integer) RETURNS TABLE (objects bigint, finished boolean) LANGUAGE plpgsql AS $$
DECLARE
  given deletion;
  gone bigint;
BEGIN
  PERFORM change_visibility((SELECT d.corpus_id FROM deletion d WHERE d.tenant_id = own_tenant() AND d.id = wanted));
  SELECT * INTO given FROM deletion d WHERE d.tenant_id = own_tenant() AND d.id = wanted AND d.state = 'preparing' FOR UPDATE;
  IF NOT FOUND THEN RETURN QUERY SELECT 0::bigint, true; RETURN; END IF;
  PERFORM pg_advisory_xact_lock(structure_lock(given.corpus_id));
  gone := CASE WHEN given.split_from IS NULL THEN mark_places(given, most) ELSE split_places(given, most) END;
  IF gone IS NULL THEN
    IF given.split_from IS NULL THEN PERFORM hide_marked(wanted); ELSE PERFORM hide_split(wanted); END IF;
    RETURN QUERY SELECT 0::bigint, true;
  ELSE
    PERFORM advance_job(for_job, gone);
    RETURN QUERY SELECT gone, false;
  END IF;
END $$;

-- Gives the next places below what is deleted, most of them or all, the lineages of the deletion's marker, with all places of the elements that
-- are at home there. Tells how many elements that were; null when every place has its mark. As the owner: what other deletions hide goes too.
CREATE OR REPLACE FUNCTION mark_places(given deletion, most integer) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  top bytea;
  reached bytea := given.marked_to;
  keys bytea[] := '{}';
  ids uuid[] := '{}';
  next record;
BEGIN
  IF given.tenant_id <> own_tenant() THEN RETURN NULL; END IF;
  -- One range of keys after the other, each read in its order and only as far as the batch goes.
  FOR top IN SELECT p.key FROM element_path p WHERE p.tenant_id = own_tenant() AND p.corpus_id = given.corpus_id AND p.element_id = ANY (given.tops)
      AND p.key || '\xffffffffffff'::bytea > given.marked_to ORDER BY 1 LOOP
    SELECT array_agg(n.key ORDER BY n.key) AS keys, array_agg(n.element_id) FILTER (WHERE n.home) AS homes INTO next FROM (
      SELECT p.key, p.element_id, p.home FROM element_path p
      WHERE p.tenant_id = own_tenant() AND p.corpus_id = given.corpus_id AND p.key >= top AND p.key < top || '\xffffffffffff'::bytea AND p.key > reached
        AND (SELECT l.sources @> ARRAY[given.marker] FROM lineage l WHERE l.tenant_id = own_tenant() AND l.id = p.lineage_id) IS NOT TRUE
      ORDER BY p.key LIMIT most - cardinality(keys)) AS n;
    CONTINUE WHEN next.keys IS NULL;
    keys := keys || next.keys;
    ids := ids || coalesce(next.homes, '{}');
    reached := keys[cardinality(keys)];
    EXIT WHEN cardinality(keys) >= most;
  END LOOP;
  IF keys = '{}' THEN
    IF given.marked_to = '' THEN RETURN NULL; END IF;
    -- From the start, for what was made or moved there meanwhile.
    UPDATE deletion d SET marked_to = '' WHERE d.tenant_id = own_tenant() AND d.id = given.id;
    RETURN 0;
  END IF;
  UPDATE deletion d SET marked_to = reached, moved = nextval('deletion_moved') WHERE d.tenant_id = own_tenant() AND d.id = given.id;
  PERFORM FROM element e WHERE e.tenant_id = own_tenant() AND e.id = ANY (ids) ORDER BY e.id FOR UPDATE;
  PERFORM count_lineages(ids, -1);
  -- Each lineage there is once more, with the marker, and hidden by whatever hides the one without.
  WITH used AS (
    SELECT p.lineage_id FROM element_path p WHERE p.tenant_id = own_tenant() AND p.corpus_id = given.corpus_id AND p.key = ANY (keys)
    UNION SELECT p.lineage_id FROM element_path p WHERE p.tenant_id = own_tenant() AND p.element_id = ANY (ids)
  ), made AS (
    INSERT INTO lineage (tenant_id, corpus_id, sources, survived, hand)
      SELECT DISTINCT own_tenant(), given.corpus_id, coalesce(l.sources, '{}') || given.marker, coalesce(l.survived, '{}'), coalesce(l.hand, 0)
      FROM used u LEFT JOIN lineage l ON l.tenant_id = own_tenant() AND l.id = u.lineage_id
      WHERE (l.sources @> ARRAY[given.marker]) IS NOT TRUE
    ON CONFLICT DO NOTHING RETURNING id, sources, survived, hand
  )
  INSERT INTO hidden_lineage (tenant_id, lineage_id, deletion_id, corpus_id, everything)
    SELECT own_tenant(), m.id, h.deletion_id, given.corpus_id, h.everything FROM made m
      JOIN lineage l ON l.tenant_id = own_tenant() AND l.corpus_id = given.corpus_id AND l.sources || given.marker = m.sources
        AND l.survived = m.survived AND l.hand = m.hand
      JOIN hidden_lineage h ON h.tenant_id = own_tenant() AND h.lineage_id = l.id;
  UPDATE element_path p SET lineage_id = with_marker(given.corpus_id, p.lineage_id, given.marker)
    WHERE p.tenant_id = own_tenant() AND p.corpus_id = given.corpus_id AND (p.key = ANY (keys) OR p.element_id = ANY (ids));
  UPDATE element e SET lineage_id = with_marker(given.corpus_id, e.lineage_id, given.marker) WHERE e.tenant_id = own_tenant() AND e.id = ANY (ids);
  PERFORM count_lineages(ids, 1);
  PERFORM set_hidden(own_tenant());
  RETURN cardinality(ids);
END $$;

-- Hides what has the marker, in one commit, and asks for its purge. As the owner, to count what is hidden with it.
CREATE OR REPLACE FUNCTION hide_marked(wanted uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  given deletion;
  until timestamptz := now() + (SELECT t.purge_horizon FROM tenant t WHERE t.tenant_id = own_tenant());
  numbers jsonb;
  work uuid;
BEGIN
  SELECT * INTO given FROM deletion d WHERE d.tenant_id = own_tenant() AND d.id = wanted;
  INSERT INTO hidden_lineage (tenant_id, lineage_id, deletion_id, corpus_id, everything)
    SELECT own_tenant(), l.id, given.id, given.corpus_id, true FROM lineage l
    WHERE l.tenant_id = own_tenant() AND l.corpus_id = given.corpus_id AND l.sources @> ARRAY[given.marker];
  SELECT jsonb_build_object('results', kind_counts(coalesce(jsonb_object_agg(kind, n), '{}')), 'manual', kind_counts('{}'), 'other_runs', '[]'::jsonb) INTO numbers
    FROM (SELECT k.kind, sum(k.n) AS n FROM counters_hidden_by(wanted) AS k GROUP BY 1) AS sums;
  work := enqueue_job('purge', format('Purge %s deleted elements', numbers->'results'->>'elements'), given.corpus_id, NULL,
    jsonb_build_object('deletion', wanted), until, sum_of_counts(numbers->'results'),
    'A purge cannot be cancelled. Until it begins the deletion can be undone (RestoreWorkerResults).');
  UPDATE deletion d SET state = 'hidden', counts = numbers, job_id = work, undo_until = until, tops = NULL WHERE d.tenant_id = own_tenant() AND d.id = wanted;
  PERFORM note_event('elements_deleted', jsonb_build_object('deletion', wanted, 'filter', given.filter, 'counts', numbers->'results'), given.corpus_id);
END $$;

-- The lineage with the marker; that which has it already as it is.
CREATE OR REPLACE FUNCTION with_marker(in_corpus uuid, lineage integer, marker integer) RETURNS integer LANGUAGE sql STABLE AS $$
  SELECT CASE WHEN l.sources @> ARRAY[marker] THEN l.id ELSE (
    SELECT marked.id FROM lineage marked WHERE marked.tenant_id = own_tenant() AND marked.corpus_id = in_corpus
      AND marked.sources = coalesce(l.sources, '{}') || marker AND marked.survived = coalesce(l.survived, '{}') AND marked.hand = coalesce(l.hand, 0)) END
  FROM (VALUES (1)) AS always LEFT JOIN lineage l ON l.tenant_id = own_tenant() AND l.id = lineage
$$;

-- Deletes a corpus: one flag, and it is in no list and nothing of it can be read.
CREATE OR REPLACE FUNCTION erase_corpus(wanted uuid) RETURNS TABLE (deletion uuid, job uuid, undo_until timestamptz)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
#variable_conflict use_column
DECLARE
  made uuid := uuid7();
  until timestamptz := now() + (SELECT t.purge_horizon FROM tenant t WHERE t.tenant_id = own_tenant());
  given corpus;
  numbers jsonb;
  work uuid;
BEGIN
  -- The flag is not the caller's to set by hand, so the level is asked here.
  PERFORM require_level('corpus', wanted, 100);
  PERFORM change_visibility(wanted);
  SELECT * INTO given FROM corpus c WHERE c.tenant_id = own_tenant() AND c.id = wanted AND c.deleted IS NULL FOR UPDATE;
  IF NOT FOUND THEN PERFORM refuse(404, 'not_found', 'There is no corpus with this id.'); END IF;
  IF EXISTS (SELECT FROM process p WHERE p.tenant_id = own_tenant() AND p.corpus_id = wanted AND p.state IN ('pending', 'running', 'stopping')) THEN
    PERFORM refuse(409, 'process_running', 'Processes of this corpus have not ended: stop them first.');
  END IF;
  SELECT jsonb_build_object('results', kind_counts(coalesce(jsonb_object_agg(kind, n), '{}')), 'manual', kind_counts('{}'), 'other_runs', '[]'::jsonb) INTO numbers
    FROM (SELECT k.kind, sum(k.n) AS n FROM result_count k WHERE k.tenant_id = own_tenant() AND k.corpus_id = wanted GROUP BY 1) AS sums;
  work := enqueue_job('purge', format('Purge the project %s', given.name), wanted, NULL, jsonb_build_object('deletion', made), until,
    sum_of_counts(numbers->'results'), 'A purge cannot be cancelled. Until it begins the project can be brought back (RestoreCorpus).');
  INSERT INTO deletion (tenant_id, id, corpus_id, keep_manual, undo_until, creator_id, filter, counts, job_id)
  VALUES (own_tenant(), made, wanted, false, until, own_user(), '{"corpus": true}', numbers, work);
  UPDATE corpus c SET deleted = now() WHERE c.tenant_id = own_tenant() AND c.id = wanted;
  PERFORM note_event('corpus_deleted', jsonb_build_object('deletion', made, 'name', given.name, 'counts', numbers->'results'), wanted);
  RETURN QUERY SELECT made, work, until;
END $$;

-- Brings a corpus back: for those who were its administrators. As the owner, since nobody sees it.
CREATE OR REPLACE FUNCTION restore_corpus(wanted uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE given deletion;
BEGIN
  IF NOT unrestricted() AND NOT EXISTS (SELECT FROM corpus_access a WHERE a.tenant_id = own_tenant() AND a.corpus_id = wanted AND a.user_id = own_user()
    AND a.level >= 100) THEN
    PERFORM refuse(404, 'not_found', 'There is no deleted corpus with this id.');
  END IF;
  PERFORM FROM job j JOIN deletion d ON d.tenant_id = own_tenant() AND d.job_id = j.id
    WHERE j.tenant_id = own_tenant() AND d.corpus_id = wanted AND d.filter ? 'corpus' AND d.state = 'hidden' FOR UPDATE OF j;
  SELECT * INTO given FROM deletion d WHERE d.tenant_id = own_tenant() AND d.corpus_id = wanted AND d.filter ? 'corpus' ORDER BY d.id DESC LIMIT 1 FOR UPDATE;
  IF NOT FOUND THEN PERFORM refuse(404, 'not_found', 'There is no deleted corpus with this id.'); END IF;
  IF given.state = 'restored' THEN RETURN; END IF;
  IF given.state <> 'hidden' OR given.undo_until <= now() THEN
    PERFORM refuse(410, 'gone', 'The time in which this deletion could be undone is over.', NULL, jsonb_build_object('undo_until', given.undo_until));
  END IF;
  UPDATE corpus c SET deleted = NULL WHERE c.tenant_id = own_tenant() AND c.id = wanted;
  UPDATE deletion d SET state = 'restored', ended = now() WHERE d.tenant_id = own_tenant() AND d.id = given.id;
  UPDATE job j SET state = 'cancelled', finished = now() WHERE j.tenant_id = own_tenant() AND j.id = given.job_id AND j.state = 'queued';
  PERFORM note_event('corpus_restored', jsonb_build_object('deletion', given.id), wanted);
END $$;

-- Changes what the body names.
CREATE OR REPLACE FUNCTION change_corpus(wanted uuid, called text, described text, is_public boolean) RETURNS void LANGUAGE sql AS $$
  UPDATE corpus c SET name = coalesce(called, c.name), description = coalesce(described, c.description), public = coalesce(is_public, c.public)
  WHERE c.tenant_id = own_tenant() AND c.id = wanted
$$;
