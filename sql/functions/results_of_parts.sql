-- What runs made with a worker version, a model version or a configuration, wherever in the tenant: a part cannot be deleted before it.

-- The runs that name a part. kind is the part's table.
CREATE OR REPLACE FUNCTION runs_with(kind text, part uuid) RETURNS SETOF uuid
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  CASE kind
    WHEN 'worker_version' THEN RETURN QUERY SELECT r.id FROM worker_run r WHERE r.tenant_id = own_tenant() AND r.worker_version_id = part;
    WHEN 'model_version' THEN RETURN QUERY SELECT r.id FROM worker_run r WHERE r.tenant_id = own_tenant() AND r.model_version_id = part;
    WHEN 'worker_configuration' THEN RETURN QUERY SELECT r.id FROM worker_run r WHERE r.tenant_id = own_tenant() AND r.configuration_id = part;
  END CASE;
END $$;

-- Refuses while results of such a run exist, those included that are deleted and not yet purged: the counts are of all corpora, the runs
-- named are those that the caller may read. Refuses also while one of them is at work, since it will have results in a moment.
-- The part's row must be locked FOR UPDATE: whoever selects or starts waits for that.
CREATE OR REPLACE FUNCTION refuse_while_used(kind text, part uuid) RETURNS void
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  called text := replace(kind, '_', ' ');
  counts jsonb;
  named jsonb;
BEGIN
  counts := results_of_runs(ARRAY(SELECT runs_with(kind, part)));
  IF counts = '{}' THEN
    IF EXISTS (SELECT FROM runs_with(kind, part) AS u (run_id)
      JOIN worker_run r ON r.tenant_id = own_tenant() AND r.id = u.run_id
      JOIN process p ON p.tenant_id = own_tenant() AND p.id = r.process_id
      WHERE p.state IN ('pending', 'running', 'stopping')) THEN
      PERFORM refuse(409, 'in_use', format('A process that has not ended uses this %s: stop it first.', called));
    END IF;
    RETURN;
  END IF;
  SELECT coalesce(jsonb_agg(jsonb_build_object('id', r.id, 'summary', r.summary, 'process_id', r.process_id) ORDER BY r.id), '[]') INTO named
    FROM runs_with(kind, part) AS u (run_id) JOIN worker_run r ON r.tenant_id = own_tenant() AND r.id = u.run_id
    WHERE run_has_results(r.id) AND process_level(r.process_id) IS NOT NULL;
  PERFORM refuse(409, 'has_results', format('Worker runs with this %s have results: delete these first.', called), NULL,
    jsonb_build_object('results', counts, 'worker_runs', named));
END $$;

-- Whether a part has to stay as a tombstone, because runs still name it.
CREATE OR REPLACE FUNCTION is_named_by_runs(kind text, part uuid) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS
  $$ SELECT EXISTS (SELECT FROM runs_with(kind, part)) $$;
