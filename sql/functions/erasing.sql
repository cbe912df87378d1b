-- Deleting elements and corpora by hand: gone at once, back until the horizon, then purged as the results of a run are.
--
-- A marker is a number like a source's that no row is signed with. It is put into the lineage of every element that goes and of every place that
-- goes; hiding these lineages hides all of it, and what stands on it, in one commit, whatever else hides parts of it too.

-- How many elements go in one request at the most.
CREATE OR REPLACE FUNCTION most_erased() RETURNS integer LANGUAGE sql IMMUTABLE AS $$ SELECT 20000 $$;

-- Deletes elements of a corpus with all that is at home below them; what is linked there from elsewhere loses that place alone.
CREATE OR REPLACE FUNCTION erase_elements(in_corpus uuid, tops uuid[], asked jsonb)
RETURNS TABLE (deletion uuid, job uuid, undo_until timestamptz) LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  made uuid := uuid7();
  until timestamptz := now() + (SELECT t.purge_horizon FROM tenant t WHERE t.tenant_id = own_tenant());
  seen uuid[];
  numbers jsonb;
  work uuid;
BEGIN
  PERFORM change_visibility(in_corpus);
  PERFORM pg_advisory_xact_lock(structure_lock(in_corpus));
  -- Looked at again, now that nobody else writes here.
  seen := ARRAY(SELECT e.id FROM element e WHERE e.tenant_id = own_tenant() AND e.corpus_id = in_corpus AND e.id = ANY (tops));
  IF seen = '{}' THEN PERFORM refuse(404, 'not_found', 'There is no such element; nothing was deleted.'); END IF;
  INSERT INTO deletion (tenant_id, id, corpus_id, keep_manual, undo_until, creator_id, filter)
  VALUES (own_tenant(), made, in_corpus, false, until, own_user(), asked);
  numbers := mark_erased(made, in_corpus, seen);
  work := enqueue_job('purge', format('Purge %s deleted elements', numbers->'results'->>'elements'), in_corpus, NULL, jsonb_build_object('deletion', made),
    until, sum_of_counts(numbers->'results'), 'A purge cannot be cancelled. Until it begins the deletion can be undone (RestoreWorkerResults).');
  UPDATE deletion d SET counts = numbers, job_id = work WHERE d.tenant_id = own_tenant() AND d.id = made;
  PERFORM note_event('elements_deleted', jsonb_build_object('deletion', made, 'filter', asked, 'counts', numbers->'results'), in_corpus);
  RETURN QUERY SELECT made, work, until;
END $$;

-- Gives all that goes its lineages, hides these, and counts what is hidden by kind. As the owner: what other deletions hide there goes too.
CREATE OR REPLACE FUNCTION mark_erased(for_deletion uuid, in_corpus uuid, tops uuid[]) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  marker integer := nextval('source_id');
  ids uuid[];
  hidden jsonb;
BEGIN
  ids := ARRAY(SELECT DISTINCT p.element_id FROM element_path top JOIN element_path p ON p.tenant_id = own_tenant() AND p.corpus_id = in_corpus
      AND p.key >= top.key AND p.key < top.key || '\xffffffffffff'::bytea AND p.home
    WHERE top.tenant_id = own_tenant() AND top.element_id = ANY (tops) AND top.home LIMIT most_erased() + 1);
  IF cardinality(ids) > most_erased() THEN
    PERFORM refuse(400, 'too_many', format('More than %s elements would go: delete what is below in parts first.', most_erased()));
  END IF;
  PERFORM FROM element e WHERE e.tenant_id = own_tenant() AND e.id = ANY (ids) ORDER BY e.id FOR UPDATE;
  PERFORM count_lineages(ids, -1);
  -- Each lineage there is once more, with the marker, and hidden by whatever hides the one without.
  INSERT INTO lineage (tenant_id, corpus_id, sources, survived, hand)
    SELECT DISTINCT own_tenant(), in_corpus, coalesce(l.sources, '{}') || marker, coalesce(l.survived, '{}'), coalesce(l.hand, 0)
    FROM (SELECT e.lineage_id FROM element e WHERE e.tenant_id = own_tenant() AND e.id = ANY (ids)
      UNION SELECT p.lineage_id FROM places_below(in_corpus, tops, ids) AS p) AS used
      LEFT JOIN lineage l ON l.tenant_id = own_tenant() AND l.id = used.lineage_id;
  UPDATE element_path p SET lineage_id = with_marker(in_corpus, p.lineage_id, marker)
    FROM places_below(in_corpus, tops, ids) AS place WHERE p.tenant_id = own_tenant() AND p.corpus_id = in_corpus AND p.key = place.key;
  UPDATE element e SET lineage_id = with_marker(in_corpus, e.lineage_id, marker) WHERE e.tenant_id = own_tenant() AND e.id = ANY (ids);
  PERFORM count_lineages(ids, 1);
  INSERT INTO hidden_lineage (tenant_id, lineage_id, deletion_id, corpus_id, everything)
    SELECT own_tenant(), marked.id, h.deletion_id, in_corpus, h.everything FROM lineage marked
      JOIN lineage l ON l.tenant_id = own_tenant() AND l.corpus_id = in_corpus AND l.sources || marker = marked.sources AND l.survived = marked.survived AND l.hand = marked.hand
      JOIN hidden_lineage h ON h.tenant_id = own_tenant() AND h.lineage_id = l.id
    WHERE marked.tenant_id = own_tenant() AND marked.corpus_id = in_corpus AND marked.sources @> ARRAY[marker]
    UNION ALL
    SELECT own_tenant(), marked.id, for_deletion, in_corpus, true FROM lineage marked
    WHERE marked.tenant_id = own_tenant() AND marked.corpus_id = in_corpus AND marked.sources @> ARRAY[marker];
  SELECT coalesce(jsonb_object_agg(kind, n), '{}') INTO hidden FROM (SELECT k.kind, sum(k.n) AS n FROM counters_hidden_by(for_deletion) AS k GROUP BY 1) AS sums;
  RETURN jsonb_build_object('results', kind_counts(hidden), 'manual', kind_counts('{}'), 'other_runs', '[]'::jsonb);
END $$;

-- Every place of the elements that go, and every place along one of them.
CREATE OR REPLACE FUNCTION places_below(in_corpus uuid, tops uuid[], ids uuid[]) RETURNS TABLE (key bytea, lineage_id integer) LANGUAGE sql STABLE AS $$
  SELECT p.key, p.lineage_id FROM element_path p WHERE p.tenant_id = own_tenant() AND p.element_id = ANY (ids)
  UNION
  SELECT p.key, p.lineage_id FROM element_path top JOIN element_path p ON p.tenant_id = own_tenant() AND p.corpus_id = in_corpus
    AND p.key >= top.key AND p.key < top.key || '\xffffffffffff'::bytea
  WHERE top.tenant_id = own_tenant() AND top.element_id = ANY (tops)
$$;

CREATE OR REPLACE FUNCTION with_marker(in_corpus uuid, lineage integer, marker integer) RETURNS integer LANGUAGE sql STABLE AS $$
  SELECT marked.id FROM (VALUES (1)) AS always LEFT JOIN lineage l ON l.tenant_id = own_tenant() AND l.id = lineage
    JOIN lineage marked ON marked.tenant_id = own_tenant() AND marked.corpus_id = in_corpus AND marked.sources = coalesce(l.sources, '{}') || marker
      AND marked.survived = coalesce(l.survived, '{}') AND marked.hand = coalesce(l.hand, 0)
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
