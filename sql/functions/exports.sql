-- Exports: a corpus or a dataset as rows of an SQLite file. They are read in batches, each of one snapshot, under the policies that hide what
-- deletions have taken away.

CREATE OR REPLACE TRIGGER corpus_export_file_let_go AFTER DELETE OR UPDATE OF digest ON corpus_export
  FOR EACH ROW EXECUTE FUNCTION file_let_go('digest');

-- The deletions that stand in a corpus: an export is of the corpus as it is while these are the same.
CREATE OR REPLACE FUNCTION standing_deletions(in_corpus uuid) RETURNS uuid[] LANGUAGE sql STABLE AS $$
  SELECT ARRAY(SELECT d.id FROM deletion d WHERE d.tenant_id = own_tenant() AND d.corpus_id = in_corpus AND d.state <> 'restored' ORDER BY d.id)
$$;

-- The state follows from the job, which may fail, be cancelled and be dismissed without knowing of the export. Not everybody who sees the export
-- sees the job: tasks and guests do not.
CREATE OR REPLACE FUNCTION export_state(given corpus_export) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT CASE WHEN given.digest IS NOT NULL THEN 'done' ELSE coalesce(
    (SELECT CASE WHEN j.state IN ('failed', 'cancelled', 'done') THEN 'failed' WHEN j.attempt = 0 THEN 'created' ELSE 'running' END
      FROM job j WHERE j.tenant_id = own_tenant() AND j.id = given.job_id), 'failed') END
$$;

CREATE OR REPLACE FUNCTION start_export(of_corpus uuid, of_dataset uuid) RETURNS uuid LANGUAGE plpgsql AS $$
DECLARE
  made uuid := uuid7();
  called text;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtextextended(of_corpus::text, 19));
  IF of_dataset IS NULL THEN
    SELECT format('Export the project %s', c.name) INTO called FROM corpus c WHERE c.tenant_id = own_tenant() AND c.id = of_corpus;
  ELSE
    SELECT format('Export the dataset %s', d.name) INTO called FROM dataset d
      WHERE d.tenant_id = own_tenant() AND d.id = of_dataset AND d.corpus_id = of_corpus;
    IF NOT FOUND THEN PERFORM refuse(400, 'does_not_exist', 'This corpus has no dataset with this id.', '["dataset_id"]'); END IF;
  END IF;
  IF EXISTS (SELECT FROM corpus_export x WHERE x.tenant_id = own_tenant() AND x.corpus_id = of_corpus
    AND x.dataset_id IS NOT DISTINCT FROM of_dataset AND export_state(x) IN ('created', 'running')) THEN
    PERFORM refuse(400, 'running_export', 'An export of this is being made already.');
  END IF;
  IF EXISTS (SELECT FROM corpus_export x WHERE x.tenant_id = own_tenant() AND x.corpus_id = of_corpus
    AND x.dataset_id IS NOT DISTINCT FROM of_dataset AND x.digest IS NOT NULL AND x.updated > now() - interval '6 hours'
    AND x.deletions = standing_deletions(of_corpus)) THEN
    PERFORM refuse(400, 'existing_export', 'An export of this was made in the last six hours.');
  END IF;
  INSERT INTO corpus_export (tenant_id, id, corpus_id, dataset_id, creator_id, job_id)
  VALUES (own_tenant(), made, of_corpus, of_dataset, own_user(), enqueue_job('export_corpus', called, of_corpus, NULL, jsonb_build_object('export', made)));
  RETURN made;
END $$;

-- Where a finished export can be fetched.
CREATE OR REPLACE FUNCTION locate_export(wanted uuid) RETURNS text LANGUAGE plpgsql AS $$
DECLARE given corpus_export;
BEGIN
  SELECT * INTO given FROM corpus_export x WHERE x.tenant_id = own_tenant() AND x.id = wanted;
  IF given.digest IS NULL THEN
    PERFORM refuse(409, 'not_done', format('This export is %s; only one that is done can be fetched.', export_state(given)));
  END IF;
  IF given.deletions <> standing_deletions(given.corpus_id) THEN
    PERFORM refuse(410, 'outdated', 'Results were deleted, or brought back, since this export was made: start another one.');
  END IF;
  RETURN capability_url('/api/v1/export/' || wanted || '/file/', 'export', 'GET', wanted::text, capability_until('1 hour'));
END $$;

-- The file behind such an address; none when it is outdated by now.
CREATE OR REPLACE FUNCTION find_export(wanted uuid, OUT digest text, OUT name text) LANGUAGE plpgsql STABLE AS $$
BEGIN
  SELECT encode(x.digest, 'hex'), coalesce(d.name, c.name) INTO digest, name FROM corpus_export x
    JOIN corpus c ON c.tenant_id = own_tenant() AND c.id = x.corpus_id
    LEFT JOIN dataset d ON d.tenant_id = own_tenant() AND d.id = x.dataset_id
    WHERE x.tenant_id = own_tenant() AND x.id = wanted AND x.digest IS NOT NULL AND x.deletions = standing_deletions(x.corpus_id);
END $$;

-- What an export is of, and as it is at its beginning.
CREATE OR REPLACE FUNCTION begin_export(wanted uuid) RETURNS TABLE (corpus_id uuid, dataset_id uuid, deletions uuid[], total bigint) LANGUAGE sql STABLE AS $$
  SELECT x.corpus_id, x.dataset_id, standing_deletions(x.corpus_id), CASE WHEN x.dataset_id IS NULL THEN
    (SELECT coalesce(sum(k.n), 0)::bigint FROM result_count k WHERE k.tenant_id = own_tenant() AND k.corpus_id = x.corpus_id AND k.kind = 'element') END
  FROM corpus_export x WHERE x.tenant_id = own_tenant() AND x.id = wanted
$$;

-- Keeps the file, unless what it should show has changed on the way.
CREATE OR REPLACE FUNCTION finish_export(wanted uuid, began uuid[], its_digest text, its_md5 text, its_size bigint) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE given corpus_export;
BEGIN
  SELECT * INTO given FROM corpus_export x WHERE x.tenant_id = own_tenant() AND x.id = wanted FOR UPDATE;
  IF NOT FOUND THEN RETURN true; END IF;
  IF began <> standing_deletions(given.corpus_id) THEN RETURN false; END IF;
  UPDATE corpus_export x SET digest = keep_file(its_digest, its_md5, its_size), size = its_size, deletions = began, updated = now()
    WHERE x.tenant_id = own_tenant() AND x.id = wanted;
  RETURN true;
END $$;

CREATE OR REPLACE FUNCTION forget_old_exports() RETURNS void LANGUAGE sql AS $$
  DELETE FROM corpus_export x WHERE x.tenant_id = own_tenant() AND x.updated < now() - interval '14 days' AND export_state(x) IN ('done', 'failed')
$$;

-- The places of a dataset's elements after a place, in order: with all that is below, they are what its export has.
CREATE OR REPLACE FUNCTION export_roots(of_dataset uuid, after bytea, most integer) RETURNS TABLE (key bytea) LANGUAGE sql STABLE AS $$
  SELECT DISTINCT p.key FROM dataset_element m
    JOIN element e ON e.tenant_id = own_tenant() AND e.id = m.element_id
    JOIN element_path p ON p.tenant_id = own_tenant() AND p.element_id = m.element_id
  WHERE m.tenant_id = own_tenant() AND m.dataset_id = of_dataset AND (after IS NULL OR p.key > after)
  ORDER BY p.key LIMIT most
$$;

-- Planned anew for each batch: a plan for any arrays and any range goes through whole tables, which made an export of 50,000 elements ten times as slow.
-- The next elements with a place from one on and before another, with all that hangs on them, as rows of the tables of an export. item is the table, or
-- 'next' for the place to go on from, null at the end, 'count' for how many, and 'run' for the runs that these rows name.
CREATE OR REPLACE FUNCTION export_batch(in_corpus uuid, of_dataset uuid, from_place bytea, before bytea, most integer)
RETURNS TABLE (item text, content jsonb) LANGUAGE plpgsql STABLE SET plan_cache_mode = force_custom_plan AS $$
#variable_conflict use_column
DECLARE
  places bytea[];
  ids uuid[];
  -- What worker run made a row, 0 for none: read once.
  runs jsonb;
BEGIN
  SELECT array_agg(p.key ORDER BY p.key), array_agg(DISTINCT p.element_id) INTO places, ids FROM (
    SELECT p.key, p.element_id FROM element_path p WHERE p.tenant_id = own_tenant() AND p.corpus_id = in_corpus
      AND p.key >= from_place AND (before IS NULL OR p.key < before) ORDER BY p.key LIMIT most) AS p;
  RETURN QUERY SELECT 'next'::text, CASE WHEN cardinality(places) = most THEN to_jsonb(encode(places[most] || '\x00', 'hex')) ELSE 'null' END;
  IF ids IS NULL THEN RETURN; END IF;
  SELECT coalesce(jsonb_object_agg(s.id, s.worker_run_id), '{}') INTO runs FROM source s
    WHERE s.tenant_id = own_tenant() AND s.corpus_id = in_corpus AND s.id <> ALL (hidden_sources());
  RETURN QUERY SELECT 'count'::text, to_jsonb(cardinality(ids));
  RETURN QUERY SELECT 'image'::text, jsonb_agg(DISTINCT jsonb_build_array(i.id, jsonb_build_array(v.id, image_server_address(v.local, v.url), v.display_name,
      v.max_width, v.max_height, v.version), image_server_address(v.local, v.url) || '/' || CASE WHEN v.local THEN i.id::text ELSE i.path END, i.width, i.height))
    FROM element e JOIN image i ON i.tenant_id = own_tenant() AND i.id = e.image_id JOIN image_server v ON v.tenant_id = own_tenant() AND v.id = i.server_id
    WHERE e.tenant_id = own_tenant() AND e.id = ANY (ids);
  RETURN QUERY SELECT 'element'::text, jsonb_agg(jsonb_build_array(e.id, e.name, t.slug, e.image_id, to_jsonb(e.polygon)::text, e.confidence, e.rotation_angle,
      e.mirrored::integer, runs->>e.source_id::text, extract(epoch FROM e.created), extract(epoch FROM e.updated)))
    FROM element e JOIN element_type t ON t.tenant_id = own_tenant() AND t.corpus_id = e.corpus_id AND t.number = e.type_number
    WHERE e.tenant_id = own_tenant() AND e.id = ANY (ids);
  RETURN QUERY SELECT 'element_path'::text, jsonb_agg(jsonb_build_array(md5(p.parent_id::text || p.element_id)::uuid, p.parent_id, p.element_id, p.ordering))
    FROM (SELECT DISTINCT ON (p.parent_id, p.element_id) p.* FROM element_path p WHERE p.tenant_id = own_tenant() AND p.corpus_id = in_corpus
      AND p.key = ANY (places) AND p.parent_id IS NOT NULL) AS p;
  RETURN QUERY SELECT 'transcription'::text, jsonb_agg(jsonb_build_array(r.id, r.orientation, r.text, r.confidence, r.element_id, runs->>r.source_id::text))
    FROM transcription r WHERE r.tenant_id = own_tenant() AND r.element_id = ANY (ids);
  RETURN QUERY SELECT 'transcription_entity'::text, jsonb_agg(jsonb_build_array(r.id, r.type_id, r.length, r."offset", r.confidence, r.transcription_id,
      runs->>r.source_id::text))
    FROM transcription_entity r WHERE r.tenant_id = own_tenant() AND r.element_id = ANY (ids);
  -- What a person has chosen or confirmed is certain; what they have rejected is not so.
  RETURN QUERY SELECT 'classification'::text, jsonb_agg(jsonb_build_array(r.id, m.name, coalesce(r.confidence, 1), r.element_id, runs->>r.source_id::text))
    FROM classification r JOIN ml_class m ON m.tenant_id = own_tenant() AND m.id = r.ml_class_id
    WHERE r.tenant_id = own_tenant() AND r.element_id = ANY (ids) AND r.state <> 'rejected';
  RETURN QUERY SELECT 'metadata'::text, jsonb_agg(jsonb_build_array(r.id, r.name, r.value, r.type, r.element_id, runs->>r.source_id::text))
    FROM metadata r WHERE r.tenant_id = own_tenant() AND r.element_id = ANY (ids);
  -- One whose run was purged has none to name, which the layout asks for.
  RETURN QUERY SELECT 'embedding'::text, jsonb_agg(jsonb_build_array(r.id, extract(epoch FROM r.created), extract(epoch FROM r.updated), r.element_id,
      runs->>r.source_id::text, to_jsonb(r.value)::text))
    FROM embedding r WHERE r.tenant_id = own_tenant() AND r.element_id = ANY (ids) AND runs ? r.source_id::text;
  RETURN QUERY SELECT 'dataset_element'::text, jsonb_agg(jsonb_build_array(md5(m.set_id::text || m.element_id)::uuid, m.element_id, m.dataset_id, s.name))
    FROM dataset_element m JOIN dataset_set s ON s.tenant_id = own_tenant() AND s.id = m.set_id
    WHERE m.tenant_id = own_tenant() AND m.element_id = ANY (ids) AND (of_dataset IS NULL OR m.dataset_id = of_dataset);
END $$;

-- What the rows of a corpus refer to. Everybody who reads the corpus may fetch the file: the values of a configuration are in it only where all of them may
-- see them anyway, and never those of secret fields. Workers are named whether or not who asked for the export has access to them, as everybody who reads a
-- result is told who made it; nobody has any to the one of user worker runs.
CREATE OR REPLACE FUNCTION export_frame(in_corpus uuid, of_dataset uuid) RETURNS TABLE (item text, content jsonb)
LANGUAGE sql STABLE AS $$
  WITH used AS (
    SELECT r.*, worker_version_card(r.worker_version_id) AS version, is_open_to_all(r.worker_version_id) AS open FROM worker_run r
    WHERE r.tenant_id = own_tenant() AND EXISTS (SELECT FROM source s WHERE s.tenant_id = own_tenant() AND s.worker_run_id = r.id AND s.corpus_id = in_corpus
      AND s.id <> ALL (hidden_sources()))
  )
  SELECT 'worker_version', (SELECT jsonb_agg(DISTINCT jsonb_build_array(r.worker_version_id, r.version #> '{worker,slug}', r.version #> '{worker,name}',
      r.version #> '{worker,repository_url}', r.version->'revision_url', r.version->'version', r.version #> '{worker,type}'))
    FROM used r)
  UNION ALL
  SELECT 'worker_run', (SELECT jsonb_agg(jsonb_build_array(r.id, r.worker_version_id, r.model_version_id, m.id, m.name, r.configuration_id,
      CASE WHEN r.configuration_id IS NOT NULL THEN
        CASE WHEN r.open THEN configuration_card(r.configuration_id, r.worker_version_id)->'configuration' ELSE '{}' END::text END))
    FROM used r LEFT JOIN model_version mv ON mv.tenant_id = own_tenant() AND mv.id = r.model_version_id
      LEFT JOIN model m ON m.tenant_id = own_tenant() AND m.id = mv.model_id)
  UNION ALL
  SELECT 'entity_type', (SELECT jsonb_agg(jsonb_build_array(t.id, t.color, t.name)) FROM entity_type t
    WHERE t.tenant_id = own_tenant() AND t.corpus_id = in_corpus)
  UNION ALL
  SELECT 'dataset', (SELECT jsonb_agg(jsonb_build_array(d.id, d.name, d.description,
      (SELECT string_agg(s.name, ',' ORDER BY s.id) FROM dataset_set s WHERE s.tenant_id = own_tenant() AND s.dataset_id = d.id)))
    FROM dataset d WHERE d.tenant_id = own_tenant() AND d.corpus_id = in_corpus AND (of_dataset IS NULL OR d.id = of_dataset))
$$;
