-- Values of secret fields replaced by stars, one level into groups.
CREATE OR REPLACE FUNCTION mask_secrets(given jsonb, fields jsonb) RETURNS jsonb LANGUAGE sql STABLE AS $$
  SELECT given || coalesce((
    SELECT jsonb_object_agg(field->>'key', CASE field->>'type'
        WHEN 'secret' THEN to_jsonb('********'::text) ELSE mask_secrets(given->(field->>'key'), field->'children') END)
    FROM jsonb_array_elements(fields) AS declared (field)
    WHERE given ? (field->>'key')
      AND (field->>'type' = 'secret' OR (field->>'type' = 'group' AND jsonb_typeof(given->(field->>'key')) = 'object'))), '{}')
$$;

-- What a run really works with: the defaults of its version's fields, then the model version's configuration, then the values of the
-- configuration that was chosen. A child of a group is listed as group.child.
CREATE OR REPLACE FUNCTION effective_configuration(run uuid) RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  WITH used AS (
    SELECT v.fields, coalesce(m.configuration, '{}') AS model, coalesce(c.configuration, '{}') AS chosen, v.worker_id,
      own_task() IS NOT NULL AND EXISTS (
        SELECT 1 FROM task t WHERE t.tenant_id = own_tenant() AND t.id = own_task() AND t.worker_run_id = r.id) AS by_its_task
    FROM worker_run r
      JOIN worker_version v ON v.tenant_id = own_tenant() AND v.id = r.worker_version_id
      LEFT JOIN model_version m ON m.tenant_id = own_tenant() AND m.id = r.model_version_id
      LEFT JOIN worker_configuration c ON c.tenant_id = own_tenant() AND c.id = r.configuration_id
    WHERE r.tenant_id = own_tenant() AND r.id = run
  ), declared AS (
    SELECT f.position, 0 AS inner_position, f.field->>'key' AS key, f.field, NULL::text AS in_group, f.field->>'key' AS own_key
    FROM used, jsonb_array_elements(used.fields) WITH ORDINALITY AS f (field, position) WHERE f.field->>'type' <> 'group'
    UNION ALL
    SELECT f.position, c.position, (f.field->>'key') || '.' || (c.child->>'key'), c.child, f.field->>'key', c.child->>'key'
    FROM used, jsonb_array_elements(used.fields) WITH ORDINALITY AS f (field, position),
      jsonb_array_elements(f.field->'children') WITH ORDINALITY AS c (child, position) WHERE f.field->>'type' = 'group'
  ), valued AS (
    SELECT d.position, d.inner_position, d.key, d.field->>'type' = 'secret' AS secret,
      coalesce(
        CASE WHEN d.in_group IS NULL THEN used.chosen->d.own_key ELSE used.chosen->d.in_group->d.own_key END,
        CASE WHEN d.in_group IS NULL THEN used.model->d.own_key ELSE used.model->d.in_group->d.own_key END,
        d.field->'default', 'null') AS value
    FROM declared d, used
    UNION ALL
    SELECT 1000000, 0, extra.key, false, extra.value FROM used, jsonb_each(used.model) AS extra
    WHERE extra.key NOT IN (SELECT coalesce(d.in_group, d.own_key) FROM declared d)
  )
  SELECT coalesce(jsonb_agg(jsonb_build_object('key', valued.key, 'secret', valued.secret,
      'value', CASE WHEN valued.secret AND valued.value <> 'null' AND NOT used.by_its_task THEN to_jsonb('********'::text) ELSE valued.value END)
      ORDER BY valued.position, valued.inner_position, valued.key), '[]')
  FROM valued, used WHERE used.by_its_task OR worker_level(used.worker_id) IS NOT NULL
$$;
