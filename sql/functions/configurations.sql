-- What a configuration's values are worth: masked for people, checked against a version's fields, completed for a run's task.
-- Values are checked and typed by the server when a configuration is made (SparseForm.swift); what stands here judges the same
-- values once more where rows decide: a run that selects them for another version, under the locks of docs/states.md.

-- Values at these paths replaced by stars.
CREATE OR REPLACE FUNCTION mask_values(given jsonb, paths jsonb) RETURNS jsonb LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE steps text[];
BEGIN
  FOR steps IN SELECT ARRAY(SELECT jsonb_array_elements_text(path)) FROM jsonb_array_elements(paths) AS listed (path) LOOP
    given := jsonb_set(given, steps, '"********"', false);
  END LOOP;
  RETURN given;
END $$;

-- The fields that hold values: those of groups one by one, called group.child, in the order of the file.
CREATE OR REPLACE FUNCTION fields_with_values(fields jsonb) RETURNS TABLE (number bigint, key text, path text[], field jsonb)
LANGUAGE sql IMMUTABLE AS $$
  SELECT row_number() OVER (ORDER BY f.number, coalesce(c.number, 0)),
    concat_ws('.', f.field->>'key', c.field->>'key'), array_remove(ARRAY[f.field->>'key', c.field->>'key'], NULL), coalesce(c.field, f.field)
  FROM jsonb_array_elements(fields) WITH ORDINALITY AS f (field, number)
    LEFT JOIN LATERAL jsonb_array_elements(CASE f.field->>'type' WHEN 'group' THEN f.field->'children' ELSE '[]' END)
      WITH ORDINALITY AS c (field, number) ON true
  WHERE f.field->>'type' <> 'group' OR c.field IS NOT NULL
$$;

-- Whether a value is one that the field may hold. Field.typed says the same in Swift; a test holds the two together.
CREATE OR REPLACE FUNCTION value_fits(given jsonb, field jsonb) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
  kind text := jsonb_typeof(given);
  whole text := given #>> '{}';
BEGIN
  IF (field->>'many')::boolean THEN
    RETURN kind = 'array' AND coalesce((SELECT bool_and(value_fits(item, field || '{"many": false}')) FROM jsonb_array_elements(
      CASE kind WHEN 'array' THEN given ELSE '[]' END) AS items (item)), true);
  END IF;
  CASE field->>'type'
    WHEN 'bool' THEN RETURN kind = 'boolean';
    WHEN 'int' THEN RETURN CASE kind WHEN 'number' THEN whole::numeric % 1 = 0 ELSE false END;
    WHEN 'float' THEN RETURN kind = 'number';
    WHEN 'dict' THEN RETURN kind = 'object' AND NOT jsonb_path_exists(given, '$.keyvalue() ? (@.value.type() != "string")');
    WHEN 'enum' THEN RETURN kind = 'string' AND EXISTS (
      SELECT FROM jsonb_array_elements_text(field->'choices') AS choices (choice) WHERE normalize(choice) = normalize(whole));
    WHEN 'model', 'worker_version', 'corpus_export' THEN RETURN kind = 'string' AND whole ~* '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$';
    ELSE RETURN kind = 'string';
  END CASE;
END $$;

-- To complete "must be …".
CREATE OR REPLACE FUNCTION value_expected(field jsonb) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE WHEN (field->>'many')::boolean THEN 'a list, each item ' ELSE '' END || CASE field->>'type'
    WHEN 'bool' THEN 'true or false' WHEN 'int' THEN 'an integer' WHEN 'float' THEN 'a number' WHEN 'dict' THEN 'an object whose values are strings'
    WHEN 'enum' THEN 'one of ' || coalesce((SELECT string_agg(choice, ', ') FROM jsonb_array_elements_text(field->'choices') AS choices (choice)), '')
    WHEN 'model' THEN 'a UUID' WHEN 'worker_version' THEN 'a UUID' WHEN 'corpus_export' THEN 'a UUID' ELSE 'a string' END
$$;

-- A value in the field's own type: a number that was saved for a float field is an integer to a version that declares one.
CREATE OR REPLACE FUNCTION value_typed(given jsonb, field jsonb) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE
    WHEN NOT value_fits(given, field) OR field->>'type' NOT IN ('int', 'float') THEN given
    WHEN jsonb_typeof(given) = 'array' THEN coalesce(
      (SELECT jsonb_agg(value_typed(item, field || '{"many": false}') ORDER BY number) FROM jsonb_array_elements(given) WITH ORDINALITY AS items (item, number)), '[]')
    WHEN field->>'type' = 'int' THEN to_jsonb(trunc((given #>> '{}')::numeric))
    WHEN scale((given #>> '{}')::numeric) = 0 THEN to_jsonb(round((given #>> '{}')::numeric, 1))
    ELSE given END
$$;

-- What JSON holds at a path; null for nothing and for JSON's null alike.
CREATE OR REPLACE FUNCTION value_at(given jsonb, path text[]) RETURNS jsonb LANGUAGE sql IMMUTABLE AS
  $$ SELECT nullif(given #> path, 'null') $$;

-- A model's value for a field: workers write their models' configurations nested or flat.
CREATE OR REPLACE FUNCTION model_value(model jsonb, path text[], key text) RETURNS jsonb LANGUAGE sql IMMUTABLE AS
  $$ SELECT coalesce(value_at(model, path), value_at(model, ARRAY[key])) $$;

-- Why a configuration, or none, cannot be what a version runs with, as errors at the configuration below place: a value of the wrong type,
-- a required one that neither the field, nor the model, nor the configuration gives. Without a configuration only a run that is about to
-- start (complete) is held to what is required. Names fields, never values.
CREATE OR REPLACE FUNCTION configuration_faults(version_id uuid, model_version_id uuid, configuration_id uuid, place jsonb, complete boolean)
RETURNS jsonb LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  WITH used AS (
    SELECT v.fields, coalesce(m.configuration, '{}') AS model, coalesce(c.configuration, '{}') AS chosen, c.id IS NOT NULL AS selected
    FROM worker_version v
      LEFT JOIN model_version m ON m.tenant_id = own_tenant() AND m.id = configuration_faults.model_version_id
      LEFT JOIN worker_configuration c ON c.tenant_id = own_tenant() AND c.id = configuration_faults.configuration_id
        AND c.worker_id = v.worker_id AND c.tombstone IS NULL
    WHERE v.tenant_id = own_tenant() AND v.id = version_id AND v.tombstone IS NULL
  ), judged AS (
    SELECT d.number, d.key, d.field, value_at(used.chosen, d.path) AS given, used.selected,
      coalesce(value_at(used.chosen, d.path), model_value(used.model, d.path, d.key), value_at(d.field, '{default}')) AS value
    FROM used CROSS JOIN LATERAL fields_with_values(used.fields) AS d
  )
  SELECT coalesce(jsonb_agg(jsonb_build_object('attr', place || '["configuration_id"]', 'code', fault.code, 'detail', fault.detail)
    ORDER BY judged.number), '[]')
  FROM judged CROSS JOIN LATERAL (VALUES
    (judged.given IS NOT NULL AND NOT value_fits(judged.given, judged.field), 'invalid', format('The value of %s must be %s for this worker version.', judged.key, value_expected(judged.field))),
    (judged.given IS NOT NULL AND value_fits(judged.given, judged.field) AND NOT (judged.field->>'editable')::boolean
        AND judged.given IS DISTINCT FROM value_at(judged.field, '{default}'),
      'not_editable', format('The value of %s cannot be changed for this worker version.', judged.key)),
    (judged.value IS NULL AND (judged.field->>'required')::boolean AND (judged.field->>'editable')::boolean AND (judged.selected OR complete),
      'required', format('This worker version needs a value for %s: choose a configuration that has one.', judged.key))
  ) AS fault (wrong, code, detail) WHERE fault.wrong
$$;

-- Element types that a configuration names for a version and that a corpus does not have, as errors at the configuration below place. A
-- configuration is made once and used in many projects. Names fields, never values.
CREATE OR REPLACE FUNCTION element_type_faults(in_corpus uuid, version_id uuid, configuration_id uuid, place jsonb) RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT coalesce(jsonb_agg(jsonb_build_object('attr', place || '["configuration_id"]', 'code', 'does_not_exist',
    'detail', format('The value of %s is no element type of this project: add the type, or choose another configuration.', d.key)) ORDER BY d.number), '[]')
  FROM worker_version v
    JOIN worker_configuration c ON c.tenant_id = own_tenant() AND c.id = element_type_faults.configuration_id AND c.worker_id = v.worker_id
      AND c.tombstone IS NULL
    CROSS JOIN LATERAL fields_with_values(v.fields) AS d
  WHERE v.tenant_id = own_tenant() AND v.id = version_id AND d.field->>'type' = 'element_type' AND in_corpus IS NOT NULL
    AND EXISTS (SELECT FROM jsonb_path_query(value_at(c.configuration, d.path), 'lax $[*] ? (@.type() == "string")') AS named (slug)
      WHERE NOT EXISTS (SELECT FROM element_type t
        WHERE t.tenant_id = own_tenant() AND t.corpus_id = in_corpus AND t.slug = named.slug #>> '{}'))
$$;

-- Keys of a configuration that a version does not have: they are passed over, and whoever selects the configuration is told.
-- Nobody without access to the worker learns them.
CREATE OR REPLACE FUNCTION configuration_warnings(version_id uuid, configuration_id uuid)
RETURNS jsonb LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT coalesce(jsonb_agg(jsonb_build_object('key', array_to_string(saved.path, '.'), 'code', 'unknown',
    'detail', format('This worker version has no field %s: its value is passed over.', array_to_string(saved.path, '.'))) ORDER BY saved.path), '[]')
  FROM worker_configuration c
    JOIN worker_version v ON v.tenant_id = own_tenant() AND v.id = version_id AND v.tombstone IS NULL
    CROSS JOIN LATERAL (
      SELECT ARRAY[outside.key] AS path FROM jsonb_each(c.configuration) AS outside
      WHERE NOT EXISTS (SELECT FROM jsonb_array_elements(v.fields) AS f (field) WHERE f.field->>'key' = outside.key)
      UNION ALL
      SELECT ARRAY[f.field->>'key', inside.key] FROM jsonb_array_elements(v.fields) AS f (field)
        CROSS JOIN LATERAL jsonb_each(CASE jsonb_typeof(c.configuration->(f.field->>'key')) WHEN 'object' THEN c.configuration->(f.field->>'key') ELSE '{}' END) AS inside
      WHERE f.field->>'type' = 'group' AND NOT f.field->'children' @> jsonb_build_array(jsonb_build_object('key', inside.key))
    ) AS saved
  WHERE c.tenant_id = own_tenant() AND c.id = configuration_id AND worker_level(c.worker_id) IS NOT NULL
$$;

-- What a run really works with: the defaults of its version's fields, then the model version's configuration, then the values of the
-- configuration that was chosen. A child of a group is listed as group.child. Values that either the version or the configuration
-- calls secret are shown to the run's own task alone.
CREATE OR REPLACE FUNCTION effective_configuration(run uuid) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  used record;
  by_its_task boolean := own_task() IS NOT NULL AND EXISTS (
    SELECT FROM task t WHERE t.tenant_id = own_tenant() AND t.id = own_task() AND t.worker_run_id = run);
BEGIN
  SELECT v.fields, coalesce(m.configuration, '{}') AS model, coalesce(c.configuration, '{}') AS chosen, coalesce(c.secrets, '[]') AS secrets, v.worker_id
    INTO used FROM worker_run r
      JOIN worker_version v ON v.tenant_id = own_tenant() AND v.id = r.worker_version_id
      LEFT JOIN model_version m ON m.tenant_id = own_tenant() AND m.id = r.model_version_id
      LEFT JOIN worker_configuration c ON c.tenant_id = own_tenant() AND c.id = r.configuration_id
    WHERE r.tenant_id = own_tenant() AND r.id = run;
  IF NOT by_its_task AND worker_level(used.worker_id) IS NULL THEN
    PERFORM refuse(403, 'permission_denied', 'This needs guest access to the worker.');
  END IF;
  RETURN (
    WITH valued AS (
      SELECT d.number, d.key, d.field->>'type' = 'secret' OR (value_at(used.chosen, d.path) IS NOT NULL AND used.secrets @> jsonb_build_array(to_jsonb(d.path))) AS secret,
        coalesce(value_typed(coalesce(value_at(used.chosen, d.path), model_value(used.model, d.path, d.key)), d.field), d.field->'default', 'null') AS value
      FROM fields_with_values(used.fields) AS d
      UNION ALL
      -- What a model brings beyond the declared fields reaches the worker too.
      SELECT 1000000, extra.key, false, extra.value FROM jsonb_each(used.model) AS extra
      WHERE NOT EXISTS (SELECT FROM fields_with_values(used.fields) AS d WHERE extra.key IN (d.path[1], d.key))
    )
    SELECT coalesce(jsonb_agg(jsonb_build_object('key', v.key, 'secret', v.secret,
      'value', CASE WHEN v.secret AND v.value <> 'null' AND NOT by_its_task THEN '"********"' ELSE v.value END)
      ORDER BY v.number, v.key), '[]')
    FROM valued v);
END $$;
