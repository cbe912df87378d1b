-- What must see past the caller's own rights, each as narrow as it can be. All name their tenant themselves and fix their search path.

-- Which tenant a Host header means: the one with that host, or the only one there is.
CREATE OR REPLACE FUNCTION tenant_of_host(wanted text) RETURNS uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT CASE WHEN (SELECT count(*) FROM (SELECT FROM tenant LIMIT 2) AS first_two) = 1
    THEN (SELECT t.tenant_id FROM tenant t)
    ELSE (SELECT t.tenant_id FROM tenant t WHERE t.host = lower(wanted)) END
$$;

-- The tenants in which a task waits or has lost its lease; the executor then enters each and looks for itself.
CREATE OR REPLACE FUNCTION tenants_with_tasks() RETURNS SETOF uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT DISTINCT t.tenant_id FROM task t WHERE t.state = 'pending' OR (t.state IN ('running', 'stopping') AND t.lease_until < now())
$$;

-- Whose worker and model a run uses: asked while a task enters, before it has any right. In PL/pgSQL, since every request of a task asks: as an
-- SQL function it was planned anew each time, which cost as much as all else that a task's request does.
CREATE OR REPLACE FUNCTION used_by_run(run uuid, OUT worker_id uuid, OUT model_id uuid)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  SELECT v.worker_id, m.model_id INTO used_by_run.worker_id, used_by_run.model_id FROM worker_run r
    JOIN worker_version v ON v.tenant_id = own_tenant() AND v.id = r.worker_version_id
    LEFT JOIN model_version m ON m.tenant_id = own_tenant() AND m.id = r.model_version_id
  WHERE r.tenant_id = own_tenant() AND r.id = run;
END $$;

-- Locks what a run is made of against archiving and state changes until the end of the transaction, as far as the caller may use it. Row
-- locks obey the policies for UPDATE, which only administrators pass; the level needed to use is asked here instead. What is not locked
-- is missing its level, which run_faults says.
CREATE OR REPLACE FUNCTION lock_for_use(kind text, ids uuid[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  CASE kind
    WHEN 'worker' THEN
      PERFORM FROM worker w WHERE w.tenant_id = own_tenant() AND w.id = ANY (ids) AND level_on('worker', w.id) >= 50
        ORDER BY w.id FOR SHARE;
    WHEN 'worker_version' THEN
      PERFORM FROM worker_version v WHERE v.tenant_id = own_tenant() AND v.id = ANY (ids) AND level_on('worker_version', v.id) >= 50
        ORDER BY v.id FOR SHARE;
    WHEN 'model' THEN
      PERFORM FROM model m WHERE m.tenant_id = own_tenant() AND m.id = ANY (ids) AND level_on('model', m.id) >= 10
        ORDER BY m.id FOR SHARE;
    WHEN 'model_version' THEN
      PERFORM FROM model_version v WHERE v.tenant_id = own_tenant() AND v.id = ANY (ids) AND level_on('model_version', v.id) >= 10
        ORDER BY v.id FOR SHARE;
    WHEN 'worker_configuration' THEN
      PERFORM FROM worker_configuration c WHERE c.tenant_id = own_tenant() AND c.id = ANY (ids) AND level_on('worker_configuration', c.id) >= 10
        ORDER BY c.id FOR SHARE;
  END CASE;
END $$;

-- The hidden process that a person's user worker runs hang on, and the built-in version that they are runs of; both made on demand.
-- Nobody has any access to the built-in worker, so it takes the owner's rights to make it.
CREATE OR REPLACE FUNCTION personal_process(OUT process_id uuid, OUT version_id uuid)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE built_in_worker uuid;
BEGIN
  INSERT INTO worker (tenant_id, id, name, slug, type, description, built_in)
  VALUES (own_tenant(), uuid7(), 'User worker runs', 'user-worker-runs-' || own_tenant(), 'user',
    'Signs what people publish with programs of their own.', true)
  ON CONFLICT (tenant_id) WHERE built_in DO NOTHING;
  SELECT w.id INTO built_in_worker FROM worker w WHERE w.tenant_id = own_tenant() AND w.built_in;
  INSERT INTO worker_version (tenant_id, id, worker_id, version, state) VALUES (own_tenant(), uuid7(), built_in_worker, 1, 'available')
  ON CONFLICT (tenant_id, worker_id, version) WHERE tombstone IS NULL DO NOTHING;
  SELECT v.id INTO version_id FROM worker_version v
    WHERE v.tenant_id = own_tenant() AND v.worker_id = built_in_worker AND v.version = 1 AND v.tombstone IS NULL;
  INSERT INTO process (tenant_id, id, mode, creator_id) VALUES (own_tenant(), uuid7(), 'local', own_user())
  ON CONFLICT (tenant_id, creator_id) WHERE mode = 'local' AND corpus_id IS NULL DO NOTHING;
  SELECT p.id INTO process_id FROM process p
    WHERE p.tenant_id = own_tenant() AND p.creator_id = own_user() AND p.mode = 'local' AND p.corpus_id IS NULL;
END $$;

-- What everyone who reads a result may know of the run that made it: names, never values.
CREATE OR REPLACE FUNCTION worker_version_card(version_id uuid) RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT jsonb_build_object('id', v.id, 'version', v.version, 'revision_url', v.revision_url, 'tag', v.tag, 'branch', v.branch,
    'state', v.state, 'gpu_usage', v.gpu_usage, 'model_usage', v.model_usage, 'docker_image', NULL, 'docker_image_iid', v.docker_image_iid,
    'docker_image_name', NULL, 'revision', NULL, 'feature', v.feature,
    'worker', jsonb_build_object('id', w.id, 'name', w.name, 'slug', w.slug, 'type', w.type, 'repository_url', w.repository_url))
  FROM worker_version v JOIN worker w ON w.tenant_id = own_tenant() AND w.id = v.worker_id
  WHERE v.tenant_id = own_tenant() AND v.id = version_id
$$;

-- What an element is called, whether or not a deletion has hidden it: for the list of deletions, which administrators of the corpus read.
CREATE OR REPLACE FUNCTION deleted_name(in_corpus uuid, element_id uuid) RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  IF element_id IS NULL OR coalesce(level_on('corpus', in_corpus), 0) < 100 THEN RETURN NULL; END IF;
  RETURN (SELECT e.name FROM element e WHERE e.tenant_id = own_tenant() AND e.id = deleted_name.element_id AND e.corpus_id = in_corpus);
END $$;

-- Whether everybody sees what a version's worker was set to, whatever the caller sees: an export is read by others.
CREATE OR REPLACE FUNCTION is_open_to_all(version_id uuid) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT w.public OR (SELECT d.edition FROM deployment d) = 'community'
  FROM worker_version v JOIN worker w ON w.tenant_id = own_tenant() AND w.id = v.worker_id
  WHERE v.tenant_id = own_tenant() AND v.id = version_id
$$;

CREATE OR REPLACE FUNCTION model_version_card(version_id uuid) RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT jsonb_build_object('id', v.id, 'tag', v.tag, 'state', v.state, 'size', v.size,
    'configuration', CASE WHEN model_level(m.id) IS NOT NULL THEN v.configuration ELSE '{}' END,
    'model', jsonb_build_object('id', m.id, 'name', m.name))
  FROM model_version v JOIN model m ON m.tenant_id = own_tenant() AND m.id = v.model_id
  WHERE v.tenant_id = own_tenant() AND v.id = version_id
$$;

-- A configuration with its values for those who have access to the worker; values of secret fields only ever reach the run's own task,
-- through its effective configuration.
CREATE OR REPLACE FUNCTION configuration_card(configuration_id uuid, version_id uuid) RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT jsonb_build_object('id', c.id, 'name', c.name, 'archived', c.archived IS NOT NULL,
    'configuration', CASE WHEN worker_level(c.worker_id) IS NOT NULL THEN mask_values(c.configuration, c.secrets) ELSE '{}' END)
  FROM worker_configuration c WHERE c.tenant_id = own_tenant() AND c.id = configuration_id
$$;
