-- Taking back what worker runs made. Hiding is a few rows, whatever they hide: the sources of the runs, and every lineage that contains
-- one. docs/deletion.md says what goes and what stays, docs/states.md who may move a deletion and in which order rows are locked.

-- The kinds of results as answers name them, each with a number.
CREATE OR REPLACE FUNCTION kind_counts(found jsonb) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
  SELECT jsonb_object_agg(k.plural, coalesce((found->>k.kind)::bigint, 0)) FROM (VALUES ('element', 'elements'), ('transcription', 'transcriptions'),
    ('classification', 'classifications'), ('metadata', 'metadata'), ('transcription_entity', 'transcription_entities'),
    ('embedding', 'embeddings')) AS k (kind, plural)
$$;

CREATE OR REPLACE FUNCTION sum_of_counts(counts jsonb) RETURNS bigint LANGUAGE sql IMMUTABLE AS
  $$ SELECT coalesce(sum(value::bigint), 0)::bigint FROM jsonb_each_text(counts) $$;

-- The runs that a filter means, with or without results: one of them, or all of a version, perhaps only with this model version or
-- configuration, or with none where the filter says false.
CREATE OR REPLACE FUNCTION runs_of_filter(filter jsonb) RETURNS SETOF uuid LANGUAGE sql STABLE AS $$
  SELECT r.id FROM worker_run r WHERE r.tenant_id = own_tenant()
    AND (filter->>'worker_run_id' IS NULL OR r.id = (filter->>'worker_run_id')::uuid)
    AND (filter->>'worker_version_id' IS NULL OR r.worker_version_id = (filter->>'worker_version_id')::uuid)
    AND (filter->>'model_version_id' IS NULL OR CASE filter->>'model_version_id' WHEN 'false' THEN r.model_version_id IS NULL
      ELSE r.model_version_id = (filter->>'model_version_id')::uuid END)
    AND (filter->>'configuration_id' IS NULL OR CASE filter->>'configuration_id' WHEN 'false' THEN r.configuration_id IS NULL
      ELSE r.configuration_id = (filter->>'configuration_id')::uuid END)
    -- Whatever calls this, no filter never means all.
    AND num_nonnulls(filter->>'worker_run_id', filter->>'worker_version_id') = 1
$$;

-- What of these runs in a corpus is neither hidden nor gone already.
CREATE OR REPLACE FUNCTION sources_to_delete(corpus uuid, filter jsonb) RETURNS integer[] LANGUAGE sql STABLE AS $$
  SELECT ARRAY(SELECT s.id FROM source s WHERE s.tenant_id = own_tenant() AND s.corpus_id = corpus AND s.purged IS NULL
    AND s.id <> ALL (hidden_sources()) AND s.worker_run_id IN (SELECT runs_of_filter(filter)) ORDER BY s.id)
$$;

-- What a deletion of these sources would take and leave, exact, from the counters: as many rows as there are combinations, not results. Where it
-- is limited to elements, from what is there.
--   results     what the runs made and nobody has worked on: goes in any case
--   manual      work by hand that stands there: what people made, edited, validated; stays unless everything is to go
--   other_runs  what other runs made on or below it and would go with it
CREATE OR REPLACE FUNCTION deletion_numbers(corpus uuid, chosen integer[], keep_manual boolean, tops uuid[] DEFAULT NULL) RETURNS jsonb LANGUAGE sql STABLE AS $$
  WITH counters AS (
    SELECT k.kind, k.source_id, k.kept, k.element_kept, k.transcription_source_id, k.transcription_kept, k.n, coalesce(l.hand, 0) AS hand,
      coalesce(l.sources && chosen, false) AS below, true AS within
    FROM result_count k LEFT JOIN lineage l ON l.tenant_id = own_tenant() AND l.id = k.lineage_id
    WHERE tops IS NULL AND k.tenant_id = own_tenant() AND k.corpus_id = corpus AND k.n <> 0
    UNION ALL SELECT * FROM counts_within(corpus, chosen, tops) WHERE tops IS NOT NULL
  ), counted AS (
    SELECT k.kind, k.source_id, k.n, k.within AND k.source_id = ANY (chosen) AS own, k.below, k.within AND k.transcription_source_id = ANY (chosen) AS on_text,
      k.kept OR (is_hand(k.source_id) AND NOT (k.within AND k.source_id = ANY (chosen))) AS by_hand,
      k.below AND NOT (keep_manual AND (k.element_kept OR (k.hand <> 0 AND k.hand <> ALL (chosen)))) AS element_goes,
      k.within AND k.transcription_source_id = ANY (chosen) AND NOT (keep_manual AND k.transcription_kept) AS text_goes
    FROM counters k
  ), own AS (
    SELECT coalesce(jsonb_object_agg(kind, n), '{}') AS found FROM (SELECT kind, sum(n) AS n FROM counted WHERE own AND NOT by_hand GROUP BY 1) AS sums
  ), manual AS (
    SELECT coalesce(jsonb_object_agg(kind, n), '{}') AS found FROM (
      SELECT kind, sum(n) AS n FROM counted WHERE by_hand AND (own OR below OR on_text) GROUP BY 1) AS sums
  ), others AS (
    SELECT worker_run_id, jsonb_object_agg(kind, n) AS found FROM (
      SELECT s.worker_run_id, c.kind, sum(c.n) AS n FROM counted c JOIN source s ON s.tenant_id = own_tenant() AND s.id = c.source_id
      WHERE NOT c.own AND NOT c.by_hand AND (c.element_goes OR c.text_goes) GROUP BY 1, 2) AS sums GROUP BY 1
  )
  SELECT jsonb_build_object('results', kind_counts(own.found), 'manual', kind_counts(manual.found), 'other_runs', coalesce((
    SELECT jsonb_agg(jsonb_build_object('worker_run', jsonb_build_object('id', r.id, 'summary', r.summary), 'results', kind_counts(o.found)) ORDER BY r.id)
    FROM others o JOIN worker_run r ON r.tenant_id = own_tenant() AND r.id = o.worker_run_id), '[]'))
  FROM own, manual
$$;

-- Whether most elements of a corpus are hidden. As the owner, whose counters are not.
CREATE OR REPLACE FUNCTION mostly_hidden(corpus uuid) RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  IF nothing_hidden() THEN RETURN false; END IF;
  RETURN (SELECT coalesce(sum(k.n) FILTER (WHERE is_seen(k.lineage_id, k.element_kept)) * 2 < sum(k.n), false) FROM result_count k
    WHERE k.tenant_id = own_tenant() AND k.corpus_id = mostly_hidden.corpus AND k.kind = 'element');
END $$;

-- How many objects go.
CREATE OR REPLACE FUNCTION deletion_total(numbers jsonb, keep_manual boolean) RETURNS bigint LANGUAGE sql IMMUTABLE AS $$
  SELECT (sum_of_counts(numbers->'results') + CASE WHEN keep_manual THEN 0 ELSE sum_of_counts(numbers->'manual') END
    + coalesce((SELECT sum(sum_of_counts(o->'results')) FROM jsonb_array_elements(numbers->'other_runs') AS o), 0))::bigint
$$;

CREATE OR REPLACE FUNCTION run_cards(runs uuid[]) RETURNS jsonb LANGUAGE sql STABLE AS $$
  SELECT coalesce(jsonb_agg(jsonb_build_object('id', r.id, 'summary', r.summary) ORDER BY r.id), '[]') FROM worker_run r
  WHERE r.tenant_id = own_tenant() AND r.id = ANY (runs)
$$;

-- Refuses a filter that means nothing here. Parts that are wrong in themselves have been refused before.
CREATE OR REPLACE FUNCTION require_runs(corpus uuid, filter jsonb) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM source s WHERE s.tenant_id = own_tenant() AND s.corpus_id = corpus AND s.worker_run_id IN (SELECT runs_of_filter(filter))) THEN
    PERFORM refuse(404, 'not_found', 'No worker run that this filter means has ever published in this corpus; nothing was deleted.');
  END IF;
END $$;

-- What a deletion would do, and a token to do exactly that with.
CREATE OR REPLACE FUNCTION preview_deletion(corpus uuid, filter jsonb, keep boolean)
RETURNS TABLE (token uuid, results jsonb, manual jsonb, other_runs jsonb, worker_runs jsonb, keep_manual boolean, expires timestamptz)
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  made uuid := gen_random_uuid();
  until timestamptz := now() + interval '1 hour';
  chosen integer[];
  tops uuid[];
  numbers jsonb;
BEGIN
  PERFORM require_runs(corpus, filter);
  PERFORM hold_visibility(corpus);
  chosen := sources_to_delete(corpus, filter);
  tops := tops_of_filter(corpus, filter);
  numbers := deletion_numbers(corpus, chosen, keep, tops);
  DELETE FROM deletion_preview p WHERE p.tenant_id = own_tenant() AND p.expires < now();
  INSERT INTO deletion_preview (tenant_id, id, corpus_id, creator_id, scope, numbers, expires)
  VALUES (own_tenant(), made, corpus, own_user(), jsonb_build_object('filter', pinned_filter(filter, tops), 'keep_manual', keep), numbers, until);
  RETURN QUERY SELECT made, numbers->'results', numbers->'manual', numbers->'other_runs',
    run_cards(ARRAY(SELECT DISTINCT s.worker_run_id FROM source s WHERE s.tenant_id = own_tenant() AND s.id = ANY (chosen))), keep, until;
END $$;

-- Whether what is there now is what the preview showed: other runs may have grown by less than one in a hundred.
CREATE OR REPLACE FUNCTION preview_holds(shown jsonb, found jsonb) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
  SELECT shown->'results' = found->'results' AND shown->'manual' = found->'manual' AND NOT EXISTS (
    SELECT FROM jsonb_array_elements(shown->'other_runs') AS before FULL JOIN jsonb_array_elements(found->'other_runs') AS after
      ON after->'worker_run'->>'id' = before->'worker_run'->>'id'
    WHERE before IS NULL OR after IS NULL OR EXISTS (
      SELECT FROM jsonb_each_text(before->'results') AS b (kind, n) JOIN jsonb_each_text(after->'results') AS a (kind, n) USING (kind)
      WHERE a.n::bigint < b.n::bigint OR (a.n::bigint > b.n::bigint AND a.n::bigint * 100 >= b.n::bigint * 101)))
$$;

CREATE OR REPLACE FUNCTION check_preview(given uuid, corpus uuid, scope jsonb, actual jsonb) RETURNS void LANGUAGE plpgsql AS $$
DECLARE shown deletion_preview;
BEGIN
  SELECT * INTO shown FROM deletion_preview p WHERE p.tenant_id = own_tenant() AND p.id = given;
  IF NOT FOUND OR shown.corpus_id <> corpus THEN
    PERFORM refuse(400, 'unknown_token', 'This is no token of a preview in this corpus, or it has long expired: ask for a new preview.', '["token"]');
  ELSIF shown.scope <> scope THEN
    PERFORM refuse(400, 'other_scope', 'This token is that of another deletion: its filter or keep_manual differ.', '["token"]');
  ELSIF shown.expires < now() THEN
    PERFORM refuse(409, 'preview_expired', 'The preview is more than an hour old: ask for a new one.', '["token"]', jsonb_build_object('preview', actual));
  ELSIF NOT preview_holds(shown.numbers, actual) THEN
    PERFORM refuse(409, 'preview_outdated', 'What would be deleted has changed since the preview: ask for a new one.', '["token"]',
      jsonb_build_object('preview', actual));
  END IF;
END $$;

-- A preview is good for one deletion; null is none.
CREATE OR REPLACE FUNCTION use_preview(given uuid, corpus uuid, scope jsonb, actual jsonb) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF given IS NULL THEN RETURN; END IF;
  PERFORM check_preview(given, corpus, scope, actual);
  DELETE FROM deletion_preview p WHERE p.tenant_id = own_tenant() AND p.id = given;
END $$;

CREATE OR REPLACE FUNCTION runs_of_sources(chosen integer[]) RETURNS uuid[] LANGUAGE sql STABLE AS $$
  SELECT ARRAY(SELECT DISTINCT s.worker_run_id FROM source s WHERE s.tenant_id = own_tenant() AND s.id = ANY (chosen) ORDER BY 1)
$$;

-- Hides at once what the runs made in a corpus, or within elements of it, and asks for its purge; where too much is there, lets a job set it apart
-- first. Everything is decided while nobody else writes in the corpus.
CREATE OR REPLACE FUNCTION delete_worker_results(corpus uuid, filter jsonb, keep boolean, preview uuid)
RETURNS TABLE (deletion uuid, job uuid, undo_until timestamptz) LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  chosen integer[];
  tops uuid[];
  asked jsonb;
  split record;
  runs uuid[];
  numbers jsonb;
  made uuid := uuid7();
BEGIN
  PERFORM require_runs(corpus, filter);
  PERFORM change_visibility(corpus);
  tops := tops_of_filter(corpus, filter);
  asked := pinned_filter(filter, tops);
  -- Its places get other lineages.
  IF tops IS NOT NULL THEN PERFORM pg_advisory_xact_lock(structure_lock(corpus)); END IF;
  chosen := sources_to_delete(corpus, filter);
  -- Whoever claims a task or publishes with one of them either has ended, or will find it closed.
  PERFORM FROM source s WHERE s.tenant_id = own_tenant() AND s.id = ANY (chosen) ORDER BY s.id FOR UPDATE;
  IF tops IS NOT NULL THEN
    RETURN QUERY SELECT d.id, d.job_id, d.undo_until FROM deletion d WHERE d.tenant_id = own_tenant() AND d.corpus_id = corpus
      AND d.filter = asked AND d.keep_manual = keep AND d.state = 'preparing';
    IF FOUND THEN RETURN; END IF;
    SELECT * INTO split FROM begin_split(corpus, chosen, tops);
    IF split.many <= most_erased() THEN
      PERFORM split_now(corpus, split.used, split.parts, split.inside);
    ELSIF EXISTS (SELECT FROM counts_within(corpus, chosen, tops) AS k WHERE k.within AND k.source_id = ANY (chosen)) THEN
      runs := runs_of_sources(split.parts);
      PERFORM refuse_live_tasks(corpus, runs);
      numbers := deletion_numbers(corpus, chosen, keep, tops);
      PERFORM use_preview(preview, corpus, jsonb_build_object('filter', asked, 'keep_manual', keep), numbers);
      PERFORM prepare_split(made, corpus, split.used, split.parts, tops, cardinality(split.inside), runs, asked, keep, numbers);
      RETURN QUERY SELECT d.id, d.job_id, d.undo_until FROM deletion d WHERE d.tenant_id = own_tenant() AND d.id = made;
      RETURN;
    END IF;
    -- Where all of it is hidden already, nothing is of these parts.
    chosen := split.parts;
  END IF;
  runs := runs_of_sources(chosen);
  PERFORM refuse_live_tasks(corpus, runs);
  IF NOT EXISTS (SELECT FROM result_count k WHERE k.tenant_id = own_tenant() AND k.corpus_id = corpus AND k.source_id = ANY (chosen) AND k.n > 0) THEN
    -- Asked twice, as by a client that lost the first answer.
    RETURN QUERY SELECT d.id, d.job_id, d.undo_until FROM deletion d WHERE d.tenant_id = own_tenant() AND d.corpus_id = corpus
      AND d.filter = asked AND d.keep_manual = keep AND d.state = 'hidden' ORDER BY d.id DESC LIMIT 1;
    IF NOT FOUND THEN
      PERFORM refuse(409, 'nothing_to_delete', CASE WHEN tops IS NULL THEN 'These worker runs have no results in this corpus; nothing was deleted.'
        ELSE 'These worker runs have no results there; nothing was deleted.' END);
    END IF;
    RETURN;
  END IF;
  numbers := deletion_numbers(corpus, chosen, keep);
  PERFORM use_preview(preview, corpus, jsonb_build_object('filter', asked, 'keep_manual', keep), numbers);
  PERFORM hide_sources(made, corpus, chosen, runs, asked, keep, numbers);
  RETURN QUERY SELECT d.id, d.job_id, d.undo_until FROM deletion d WHERE d.tenant_id = own_tenant() AND d.id = made;
END $$;

CREATE OR REPLACE FUNCTION refuse_live_tasks(corpus uuid, runs uuid[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE working uuid := (SELECT t.process_id FROM task t JOIN process p ON p.tenant_id = own_tenant() AND p.id = t.process_id AND p.corpus_id = corpus
  WHERE t.tenant_id = own_tenant() AND t.worker_run_id = ANY (runs) AND t.state IN ('running', 'stopping') AND t.lease_until > now() LIMIT 1);
BEGIN
  IF working IS NOT NULL THEN
    PERFORM refuse(409, 'run_is_working', 'A task of this worker run is at work: stop its process first, and wait until it has stopped.', NULL,
      jsonb_build_object('process', working));
  END IF;
END $$;

-- The rows that hide sources, and the deletion that they belong to, which may have been in preparation. The caller holds the sources, and the
-- corpus alone.
CREATE OR REPLACE FUNCTION hide_sources(made uuid, corpus uuid, chosen integer[], runs uuid[], filter jsonb, keep boolean, numbers jsonb) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
  until timestamptz := now() + (SELECT t.purge_horizon FROM tenant t WHERE t.tenant_id = own_tenant());
  cards jsonb := run_cards(runs);
  work uuid;
BEGIN
  UPDATE source s SET open = false WHERE s.tenant_id = own_tenant() AND s.id = ANY (chosen) AND s.open;
  work := enqueue_job('purge', CASE jsonb_array_length(cards) WHEN 1 THEN format('Purge what %s made', cards->0->>'summary')
      ELSE format('Purge what %s worker runs made', jsonb_array_length(cards)) END,
    corpus, CASE jsonb_array_length(cards) WHEN 1 THEN runs[1] END, jsonb_build_object('deletion', made), until, deletion_total(numbers, keep),
    'A purge cannot be cancelled. Until it begins the deletion can be undone (RestoreWorkerResults).');
  INSERT INTO deletion (tenant_id, id, corpus_id, keep_manual, undo_until, counts, creator_id, filter, worker_runs, job_id, moved)
  VALUES (own_tenant(), made, corpus, keep, until, numbers, own_user(), filter, runs, work,
    CASE WHEN filter ?| '{element_id,selection}' THEN nextval('deletion_moved') ELSE 0 END)
  ON CONFLICT (tenant_id, id) DO UPDATE SET state = 'hidden', undo_until = excluded.undo_until, counts = excluded.counts, job_id = excluded.job_id, tops = NULL;
  INSERT INTO hidden_source (tenant_id, source_id, deletion_id, corpus_id, everything)
  SELECT own_tenant(), id, made, corpus, NOT keep FROM unnest(chosen) AS id;
  -- An element that a person signed is work by hand: it stays when what is above it in the lineage goes, but not when its own run does.
  INSERT INTO hidden_lineage (tenant_id, lineage_id, deletion_id, corpus_id, everything)
  SELECT own_tenant(), l.id, made, corpus, NOT keep FROM lineage l
  WHERE l.tenant_id = own_tenant() AND l.corpus_id = corpus AND l.sources && chosen AND (NOT keep OR l.hand = 0 OR l.hand = ANY (chosen));
  PERFORM note_event('results_deleted', jsonb_build_object('deletion', made, 'worker_runs', cards, 'keep_manual', keep, 'counts', numbers), corpus);
END $$;

-- How long deletions can be undone; null leaves it. As the owner: the tenant's row is nobody's to write otherwise.
CREATE OR REPLACE FUNCTION change_settings(horizon bigint) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE was bigint := (SELECT extract(epoch FROM t.purge_horizon) FROM tenant t WHERE t.tenant_id = own_tenant());
BEGIN
  PERFORM require_instance_administrator();
  IF horizon IS NOT NULL AND horizon <> was THEN
    UPDATE tenant t SET purge_horizon = horizon * interval '1 second' WHERE t.tenant_id = own_tenant();
    PERFORM note_event('settings_changed', jsonb_build_object('purge_horizon', jsonb_build_array(was, horizon)));
  END IF;
  RETURN coalesce(horizon, was);
END $$;

-- Whether a run has published in a corpus after what a deletion hides. As the owner, since a further deletion may hide that too.
CREATE OR REPLACE FUNCTION published_since(wanted uuid) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT EXISTS (SELECT FROM (
      SELECT old.corpus_id, old.worker_run_id, max(old.generation) AS generation FROM hidden_source h
        JOIN source old ON old.tenant_id = own_tenant() AND old.id = h.source_id
      WHERE h.tenant_id = own_tenant() AND h.deletion_id = wanted GROUP BY 1, 2) AS taken
    JOIN source s ON s.tenant_id = own_tenant() AND s.corpus_id = taken.corpus_id AND s.worker_run_id = taken.worker_run_id
      AND s.generation > taken.generation
    JOIN result_count k ON k.tenant_id = own_tenant() AND k.source_id = s.id AND k.n > 0)
$$;

-- Brings back what a deletion hid. What others hide too stays hidden.
CREATE OR REPLACE FUNCTION restore_deletion(corpus uuid, wanted uuid) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE given deletion;
BEGIN
  -- The job before the deletion, as the job itself locks them.
  PERFORM FROM job j JOIN deletion d ON d.tenant_id = own_tenant() AND d.job_id = j.id
    WHERE j.tenant_id = own_tenant() AND d.id = wanted AND d.corpus_id = corpus FOR UPDATE OF j;
  PERFORM change_visibility(corpus);
  SELECT * INTO given FROM deletion d WHERE d.tenant_id = own_tenant() AND d.id = wanted AND d.corpus_id = corpus FOR UPDATE;
  IF NOT FOUND THEN PERFORM refuse(404, 'not_found', 'There is no deletion with this id in this corpus.'); END IF;
  IF given.state = 'restored' THEN RETURN given.counts; END IF;
  -- What is in preparation hides nothing yet: its job finds that there is nothing to do.
  IF given.state <> 'preparing' AND (given.state <> 'hidden' OR given.undo_until <= now()) THEN
    PERFORM refuse(410, 'gone', 'The time in which this deletion could be undone is over.', NULL, jsonb_build_object('undo_until', given.undo_until));
  ELSIF published_since(wanted) THEN
    PERFORM refuse(409, 'republished', 'The worker run has published again in this corpus: delete these newer results first, and let them be purged.');
  END IF;
  DELETE FROM hidden_lineage h WHERE h.tenant_id = own_tenant() AND h.deletion_id = wanted;
  DELETE FROM hidden_source h WHERE h.tenant_id = own_tenant() AND h.deletion_id = wanted;
  UPDATE deletion d SET state = 'restored', ended = now() WHERE d.tenant_id = own_tenant() AND d.id = wanted;
  UPDATE job j SET state = 'cancelled', finished = now() WHERE j.tenant_id = own_tenant() AND j.id = given.job_id AND j.state = 'queued';
  PERFORM note_event('results_restored', jsonb_build_object('deletion', wanted, 'worker_runs', run_cards(given.worker_runs)), corpus);
  RETURN given.counts;
END $$;
