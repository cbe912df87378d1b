-- Worker runs: what they are called, what they may be made of, and how they change before the start.

-- What people read under every result of a run.
CREATE OR REPLACE FUNCTION summary_of(version_id uuid, model_version_id uuid, configuration_id uuid) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT format('Worker %s @ %s', w.name, coalesce(v.version::text, left(v.id::text, 6)))
    || coalesce((SELECT format(' with model %s @ %s', m.name, left(mv.id::text, 6)) FROM model_version mv
      JOIN model m ON m.tenant_id = own_tenant() AND m.id = mv.model_id
      WHERE mv.tenant_id = own_tenant() AND mv.id = summary_of.model_version_id), '')
    || coalesce((SELECT format(' using configuration ''%s''', c.name) FROM worker_configuration c
      WHERE c.tenant_id = own_tenant() AND c.id = summary_of.configuration_id), '')
  FROM worker_version v JOIN worker w ON w.tenant_id = own_tenant() AND w.id = v.worker_id
  WHERE v.tenant_id = own_tenant() AND v.id = version_id
$$;

-- Why these parts may not make a run, as errors with paths below place; empty when they may. complete also asks for a required model.
CREATE OR REPLACE FUNCTION run_faults(version_id uuid, model_version_id uuid, configuration_id uuid, place jsonb, complete boolean)
RETURNS jsonb LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT coalesce(jsonb_agg(jsonb_build_object('attr', place || to_jsonb(fault.field), 'code', fault.code, 'detail', fault.detail)), '[]')
    || configuration_faults(run_faults.version_id, run_faults.model_version_id, run_faults.configuration_id, place, complete)
  FROM worker_version v
  JOIN worker w ON w.tenant_id = own_tenant() AND w.id = v.worker_id
  LEFT JOIN model_version mv ON mv.tenant_id = own_tenant() AND mv.id = run_faults.model_version_id AND mv.tombstone IS NULL
  LEFT JOIN model m ON m.tenant_id = own_tenant() AND m.id = mv.model_id
  LEFT JOIN worker_configuration c ON c.tenant_id = own_tenant() AND c.id = run_faults.configuration_id AND c.tombstone IS NULL
  CROSS JOIN LATERAL (VALUES
    (own_user() IS NOT NULL AND coalesce(worker_level(w.id), 0) < 50, 'worker_version_id', 'permission_denied',
      'This needs contributor access to the worker.'),
    (v.tombstone IS NOT NULL, 'worker_version_id', 'deleted', 'This worker version was deleted.'),
    (w.archived IS NOT NULL, 'worker_version_id', 'archived', format('The worker %s is archived.', w.name)),
    (v.state <> 'available', 'worker_version_id', 'unavailable', format('This worker version is %s, not available.', v.state)),
    (run_faults.model_version_id IS NOT NULL AND mv.id IS NULL, 'model_version_id', 'does_not_exist', 'There is no model version with this id.'),
    (mv.id IS NOT NULL AND v.model_usage = 'disabled', 'model_version_id', 'model_not_supported', 'This worker version does not use models.'),
    (mv.id IS NOT NULL AND mv.state <> 'available', 'model_version_id', 'unavailable', format('This model version is %s, not available.', mv.state)),
    (m.archived IS NOT NULL, 'model_version_id', 'archived', format('The model %s is archived.', m.name)),
    (mv.id IS NOT NULL AND model_level(m.id) IS NULL AND own_user() IS NOT NULL, 'model_version_id', 'does_not_exist', 'There is no model version with this id.'),
    (mv.id IS NOT NULL AND mv.tag IS NULL AND model_level(m.id) < 50, 'model_version_id', 'untagged', 'Guests of a model may only use its tagged versions.'),
    (complete AND mv.id IS NULL AND v.model_usage = 'required', 'model_version_id', 'model_required', 'This worker version needs a model version.'),
    (run_faults.configuration_id IS NOT NULL AND (c.id IS NULL OR c.worker_id <> w.id), 'configuration_id', 'does_not_exist',
      'This worker has no configuration with this id.'),
    (c.archived IS NOT NULL AND c.worker_id = w.id, 'configuration_id', 'archived', format('The configuration %s is archived.', c.name))
  ) AS fault (wrong, field, code, detail)
  WHERE v.tenant_id = own_tenant() AND v.id = version_id AND fault.wrong
$$;

-- The faults of all runs of a process, each below the place of its run, and that there is none.
CREATE OR REPLACE FUNCTION process_run_faults(of_process uuid) RETURNS jsonb LANGUAGE sql STABLE AS $$
  SELECT CASE WHEN count(*) = 0
    THEN jsonb_build_array(jsonb_build_object('attr', jsonb_build_array('worker_runs'), 'code', 'empty',
      'detail', 'Add a worker before starting the process.'))
    ELSE coalesce(jsonb_agg(fault ORDER BY run.position) FILTER (WHERE fault IS NOT NULL), '[]') END
  FROM (SELECT r.*, row_number() OVER (ORDER BY r.id) - 1 AS position FROM worker_run r
      WHERE r.tenant_id = own_tenant() AND r.process_id = of_process) AS run
    JOIN process p ON p.tenant_id = own_tenant() AND p.id = of_process
    CROSS JOIN LATERAL (SELECT jsonb_build_array('worker_runs', run.position) AS path) AS place
    LEFT JOIN LATERAL jsonb_array_elements(
      run_faults(run.worker_version_id, run.model_version_id, run.configuration_id, place.path, true)
      || element_type_faults(p.corpus_id, run.worker_version_id, run.configuration_id, place.path)) AS fault ON true
$$;

-- Refuses when there are faults: as forbidden when rights are all that is missing.
CREATE OR REPLACE FUNCTION refuse_faults(faults jsonb) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF faults <> '[]' THEN
    PERFORM refuse_all(CASE WHEN faults @? '$[*] ? (@.code != "permission_denied")' THEN 400 ELSE 403 END, faults);
  END IF;
END $$;

-- Parents must be runs of the same process and may not lead back to the run.
CREATE OR REPLACE FUNCTION set_run_parents(run uuid, parents uuid[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE of_process uuid := (SELECT r.process_id FROM worker_run r WHERE r.tenant_id = own_tenant() AND r.id = run);
BEGIN
  IF EXISTS (SELECT FROM unnest(parents) AS wanted (id) WHERE NOT EXISTS (
    SELECT FROM worker_run r WHERE r.tenant_id = own_tenant() AND r.process_id = of_process AND r.id = wanted.id)) THEN
    PERFORM refuse(400, 'does_not_exist', 'Every parent must be a worker run of the same process.', '["parents"]');
  END IF;
  DELETE FROM worker_run_parent p WHERE p.tenant_id = own_tenant() AND p.worker_run_id = run;
  IF EXISTS (
    WITH RECURSIVE above AS (
      SELECT wanted.id FROM unnest(parents) AS wanted (id)
      UNION SELECT p.parent_id FROM above a JOIN worker_run_parent p ON p.tenant_id = own_tenant() AND p.worker_run_id = a.id
    ) SELECT FROM above WHERE above.id = run) THEN
    PERFORM refuse(400, 'cycle', 'Parents may not lead back to the worker run itself.', '["parents"]');
  END IF;
  INSERT INTO worker_run_parent (tenant_id, worker_run_id, parent_id) SELECT own_tenant(), run, wanted.id FROM (SELECT DISTINCT unnest(parents) AS id) AS wanted;
END $$;

-- The run of a process with exactly these parts, none counting as one.
CREATE OR REPLACE FUNCTION twin_of_run(of_process uuid, version_id uuid, model_version uuid, configuration uuid) RETURNS uuid LANGUAGE sql STABLE AS $$
  SELECT r.id FROM worker_run r WHERE r.tenant_id = own_tenant() AND r.process_id = of_process AND r.worker_version_id = version_id
    AND r.model_version_id IS NOT DISTINCT FROM model_version AND r.configuration_id IS NOT DISTINCT FROM configuration
$$;

-- Adds a run, or changes one: the same checks, the same uniqueness, "none" counting as a value.
CREATE OR REPLACE FUNCTION save_worker_run(run uuid, of_process uuid, version_id uuid, model_version uuid, configuration uuid, parents uuid[])
RETURNS uuid LANGUAGE plpgsql AS $$
DECLARE
  saved uuid := coalesce(run, uuid7());
  given process;
  twin uuid;
BEGIN
  PERFORM lock_sources(ARRAY[run]);
  given := lock_unstarted_process(of_process);
  -- Whoever opens its first source waits for this, or is waited for.
  PERFORM FROM worker_run r WHERE r.tenant_id = own_tenant() AND r.id = run FOR UPDATE;
  -- The runs of a local process publish while it is unstarted, and for as long as their creator likes.
  IF runs_have_published(ARRAY[run]) AND EXISTS (SELECT FROM worker_run r WHERE r.tenant_id = own_tenant() AND r.id = run
    AND (r.worker_version_id, r.model_version_id, r.configuration_id) IS DISTINCT FROM (version_id, model_version, configuration)) THEN
    PERFORM refuse(409, 'has_published', 'This worker run has published: what it is made of is the record of where its results came from. Make another.');
  END IF;
  IF given.corpus_id IS NULL AND given.mode = 'local' THEN
    PERFORM refuse(400, 'user_worker_run', 'A user worker run has nothing to choose: it is made with its summary alone.');
  END IF;
  PERFORM require_level('worker_version', version_id, 50, '["worker_version_id"]');
  PERFORM lock_for_use('worker', ARRAY(SELECT v.worker_id FROM worker_version v WHERE v.tenant_id = own_tenant() AND v.id = version_id));
  PERFORM lock_for_use('worker_version', ARRAY[version_id]);
  PERFORM lock_for_use('model', ARRAY(SELECT v.model_id FROM model_version v WHERE v.tenant_id = own_tenant() AND v.id = model_version));
  PERFORM lock_for_use('model_version', ARRAY[model_version]);
  PERFORM lock_for_use('worker_configuration', ARRAY[configuration]);
  PERFORM refuse_faults(run_faults(version_id, model_version, configuration, '[]', false)
    || CASE given.mode WHEN 'template' THEN '[]' ELSE element_type_faults(given.corpus_id, version_id, configuration, '[]') END);
  -- The process is locked, so nobody adds a twin between this look and the insert; the unique index stands behind it all the same.
  twin := twin_of_run(of_process, version_id, model_version, configuration);
  IF twin <> saved THEN
    PERFORM refuse(409, 'worker_run_exists',
      'This process already has a worker run with this version, model version and configuration: choose another model version or configuration.',
      NULL, jsonb_build_object('existing_id', twin));
  END IF;
  -- The runs of a local process are its creator's: nobody else runs them. The summary is written when the parts are chosen, and not again.
  INSERT INTO worker_run AS r (tenant_id, id, process_id, worker_version_id, model_version_id, configuration_id, owner_id, summary, creator_id)
  VALUES (own_tenant(), saved, of_process, version_id, model_version, configuration, CASE given.mode WHEN 'local' THEN given.creator_id END,
    summary_of(version_id, model_version, configuration), own_user())
  ON CONFLICT (tenant_id, id) DO UPDATE SET worker_version_id = excluded.worker_version_id, model_version_id = excluded.model_version_id,
    configuration_id = excluded.configuration_id, summary = excluded.summary
    WHERE (r.worker_version_id, r.model_version_id, r.configuration_id)
      IS DISTINCT FROM (excluded.worker_version_id, excluded.model_version_id, excluded.configuration_id);
  IF parents IS NOT NULL THEN PERFORM set_run_parents(saved, parents); END IF;
  RETURN saved;
END $$;

-- Changes what the body names.
CREATE OR REPLACE FUNCTION change_worker_run(wanted uuid, body jsonb) RETURNS void LANGUAGE plpgsql AS $$
DECLARE given worker_run;
BEGIN
  -- Held before it is read: what the body leaves out is as whoever changed it last left it.
  PERFORM lock_sources(ARRAY[wanted]);
  PERFORM lock_unstarted_process((SELECT r.process_id FROM worker_run r WHERE r.tenant_id = own_tenant() AND r.id = wanted));
  SELECT * INTO given FROM worker_run r WHERE r.tenant_id = own_tenant() AND r.id = wanted;
  PERFORM save_worker_run(wanted, given.process_id, given.worker_version_id,
    CASE WHEN body ? 'model_version_id' THEN (body->>'model_version_id')::uuid ELSE given.model_version_id END,
    CASE WHEN body ? 'configuration_id' THEN (body->>'configuration_id')::uuid ELSE given.configuration_id END,
    CASE WHEN jsonb_typeof(body->'parents') = 'array' THEN ARRAY(SELECT jsonb_array_elements_text(body->'parents')::uuid) END);
END $$;

-- Whether a run has results anywhere, hidden ones included: counters of hidden rows are not readable, sources are.
CREATE OR REPLACE FUNCTION run_has_results(run uuid) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT EXISTS (SELECT FROM source s JOIN result_count k ON k.tenant_id = own_tenant() AND k.source_id = s.id AND k.n > 0
    WHERE s.tenant_id = own_tenant() AND s.worker_run_id = run)
$$;

-- How many results runs have, by kind, in all corpora, hidden ones included.
CREATE OR REPLACE FUNCTION results_of_runs(runs uuid[]) RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT coalesce(jsonb_object_agg(counted.kind, counted.n), '{}') FROM (
    SELECT CASE k.kind WHEN 'metadata' THEN k.kind WHEN 'transcription_entity' THEN 'transcription_entities' ELSE k.kind || 's' END AS kind, sum(k.n) AS n
    FROM source s JOIN result_count k ON k.tenant_id = own_tenant() AND k.source_id = s.id
    WHERE s.tenant_id = own_tenant() AND s.worker_run_id = ANY (runs) GROUP BY 1 HAVING sum(k.n) > 0) AS counted
$$;

-- Whether runs ever published: a purge leaves nothing but closed sources, and what it kept names the run that it came from.
CREATE OR REPLACE FUNCTION runs_have_published(runs uuid[]) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT EXISTS (SELECT FROM source s WHERE s.tenant_id = own_tenant() AND s.worker_run_id = ANY (runs)
    AND (NOT s.open OR EXISTS (SELECT FROM result_count k WHERE k.tenant_id = own_tenant() AND k.source_id = s.id)))
$$;

-- Holds the sources of runs that are to be deleted, so that nobody publishes meanwhile. Sources come before processes in the order of locks.
CREATE OR REPLACE FUNCTION lock_sources(runs uuid[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM FROM source s WHERE s.tenant_id = own_tenant() AND s.worker_run_id = ANY (runs) ORDER BY s.id FOR UPDATE;
END $$;

-- Deletes runs, unless they have or had results. Their sources are locked, and so is their process.
CREATE OR REPLACE FUNCTION delete_runs(runs uuid[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE counts jsonb := results_of_runs(runs);
BEGIN
  IF counts <> '{}' THEN
    PERFORM refuse(409, 'has_results', 'Results of its worker runs exist: delete these first.', NULL, jsonb_build_object('results', counts,
      'worker_runs', (SELECT jsonb_agg(jsonb_build_object('id', r.id, 'summary', r.summary, 'results', results_of_runs(ARRAY[r.id])) ORDER BY r.id)
        FROM worker_run r WHERE r.tenant_id = own_tenant() AND r.id = ANY (runs) AND run_has_results(r.id))));
  ELSIF runs_have_published(runs) THEN
    PERFORM refuse(409, 'has_published', 'Its worker runs have published: they are kept for the record of where things came from.');
  END IF;
  DELETE FROM source s WHERE s.tenant_id = own_tenant() AND s.worker_run_id = ANY (runs);
  DELETE FROM worker_run r WHERE r.tenant_id = own_tenant() AND r.id = ANY (runs);
END $$;

CREATE OR REPLACE FUNCTION destroy_worker_run(wanted uuid) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM lock_sources(ARRAY[wanted]);
  PERFORM lock_unstarted_process((SELECT r.process_id FROM worker_run r WHERE r.tenant_id = own_tenant() AND r.id = wanted));
  PERFORM delete_runs(ARRAY[wanted]);
END $$;

-- A run of somebody's own: it signs what they publish with programs of theirs.
CREATE OR REPLACE FUNCTION create_user_worker_run(called text) RETURNS uuid LANGUAGE plpgsql AS $$
DECLARE
  made uuid := uuid7();
  home record;
BEGIN
  SELECT * INTO home FROM personal_process();
  INSERT INTO worker_run (tenant_id, id, process_id, worker_version_id, owner_id, summary, creator_id)
  VALUES (own_tenant(), made, home.process_id, home.version_id, own_user(), called, own_user());
  RETURN made;
END $$;

-- The caller's level on a run: that on its process, or reading for those who read what a user worker run has signed.
CREATE OR REPLACE FUNCTION run_level(run uuid) RETURNS integer LANGUAGE plpgsql STABLE AS $$
DECLARE given record;
BEGIN
  SELECT process_level(r.process_id) AS level, r.owner_id INTO given FROM worker_run r WHERE r.tenant_id = own_tenant() AND r.id = run;
  IF given.level IS NULL AND given.owner_id IS NOT NULL AND EXISTS (
    SELECT FROM source s WHERE s.tenant_id = own_tenant() AND s.worker_run_id = run AND corpus_level(s.corpus_id) IS NOT NULL) THEN
    RETURN 10;
  END IF;
  RETURN given.level;
END $$;
