-- Bodies of bulk requests come as they are. The shape that describes them is compiled to a path that finds any violation;
-- only where it does are the faults named, one by one.

-- Gives the body back, so that what uses it cannot run before the check.
CREATE OR REPLACE FUNCTION check_body(body jsonb, shape jsonb, violation jsonpath) RETURNS jsonb LANGUAGE plpgsql AS $$
BEGIN
  -- The path would take a list apart and look at its items, of which there may be none.
  IF jsonb_typeof(body) = 'array' OR jsonb_path_exists(body, violation) THEN
    PERFORM refuse_all(400, coalesce(
      (SELECT jsonb_agg(jsonb_build_object('attr', f.attr, 'code', f.code, 'detail', f.detail)) FROM body_faults(body, shape, '[]') f),
      '[{"attr": null, "code": "invalid", "detail": "The body does not have the form that this operation describes."}]'));
  END IF;
  RETURN body;
END $$;

CREATE OR REPLACE FUNCTION body_faults(given jsonb, shape jsonb, place jsonb)
RETURNS TABLE (attr jsonb, code text, detail text) LANGUAGE plpgsql STABLE AS $$
DECLARE
  kind text := shape->>'type';
  text_value text := given #>> '{}';
  right_type boolean := CASE kind
    WHEN 'integer' THEN CASE jsonb_typeof(given) WHEN 'number' THEN text_value::numeric % 1 = 0 ELSE false END
    WHEN 'dictionary' THEN jsonb_typeof(given) = 'object'
    ELSE jsonb_typeof(given) = kind END;
  fault record;
BEGIN
  IF kind = 'any' OR (jsonb_typeof(given) = 'null' AND (shape->>'nullable')::boolean) THEN RETURN; END IF;
  IF jsonb_typeof(given) = 'null' THEN
    RETURN QUERY SELECT place, 'null', 'This field may not be null.';
  ELSIF NOT right_type THEN
    RETURN QUERY SELECT place, 'invalid', 'Must be ' || CASE kind WHEN 'array' THEN 'a list' WHEN 'object' THEN 'an object'
      WHEN 'dictionary' THEN 'an object' WHEN 'integer' THEN 'an integer' WHEN 'boolean' THEN 'true or false' ELSE 'a ' || kind END || '.';
  ELSIF kind IN ('integer', 'number') THEN
    IF text_value::numeric < (shape->>'minimum')::numeric OR text_value::numeric > (shape->>'maximum')::numeric THEN
      RETURN QUERY SELECT place, 'out_of_range', format('Must be between %s and %s.', shape->>'minimum', shape->>'maximum');
    END IF;
  ELSIF kind = 'string' THEN
    RETURN QUERY SELECT place, f.code, f.detail FROM text_fault(text_value, shape) f;
  ELSIF kind = 'array' THEN
    IF jsonb_array_length(given) < (shape->>'minItems')::integer OR jsonb_array_length(given) > (shape->>'maxItems')::integer THEN
      RETURN QUERY SELECT place, 'length', format('Must hold at least %s items%s.', shape->>'minItems',
        coalesce(' and at most ' || (shape->>'maxItems'), ''));
    END IF;
    FOR fault IN SELECT item, number - 1 AS index FROM jsonb_array_elements(given) WITH ORDINALITY AS items (item, number) LOOP
      RETURN QUERY SELECT * FROM body_faults(fault.item, shape->'items', place || to_jsonb(fault.index));
    END LOOP;
  ELSIF kind = 'object' THEN
    FOR fault IN SELECT property FROM jsonb_array_elements(shape->'properties') AS properties (property) LOOP
      IF given ? (fault.property->>'name') THEN
        RETURN QUERY SELECT * FROM body_faults(given->(fault.property->>'name'), fault.property->'shape', place || (fault.property->'name'));
      ELSIF (fault.property->>'required')::boolean THEN
        RETURN QUERY SELECT place || (fault.property->'name'), 'required', 'This field is required.';
      END IF;
    END LOOP;
  END IF;
END $$;

-- A name as it is kept: without the white space around it. All that Unicode calls so, whatever the collation.
CREATE OR REPLACE FUNCTION trimmed(given text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT btrim(given, E'\t\n\u000b\f\r \u0085\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000')
$$;

CREATE OR REPLACE FUNCTION text_fault(given text, shape jsonb) RETURNS TABLE (code text, detail text) LANGUAGE sql STABLE AS $$
  SELECT f.code, f.detail FROM (VALUES
    (shape->'enum' <> 'null' AND NOT shape->'enum' ? given, 'invalid_choice',
      'Must be one of ' || (SELECT string_agg(choice, ', ') FROM jsonb_array_elements_text(nullif(shape->'enum', 'null')) AS choices (choice)) || '.'),
    (shape->>'format' = 'uuid' AND given !~* '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$', 'invalid', 'Must be a UUID.'),
    (given = '' AND (shape->>'minLength')::integer > 0 OR NOT (shape->>'mayBeBlank')::boolean AND trimmed(given) = '', 'blank', 'This field may not be blank.'),
    (length(given) < (shape->>'minLength')::integer, 'min_length', format('Must have at least %s characters.', shape->>'minLength')),
    (length(given) > (shape->>'maxLength')::integer, 'max_length', format('Must have at most %s characters.', shape->>'maxLength')),
    (given !~ ('^(' || (shape->>'pattern') || ')$'), 'invalid', format('Must match %s.', shape->>'pattern'))
  ) AS f (wrong, code, detail) WHERE f.wrong LIMIT 1
$$;

-- A number as a column of 4 bytes can hold it. What is nearer to zero than any other is zero, as a probability may well be, and not a fault.
CREATE OR REPLACE FUNCTION as_real(given numeric) RETURNS real LANGUAGE sql IMMUTABLE AS
  $$ SELECT CASE WHEN given > 1e-45 THEN given::real WHEN given < -1e-45 THEN given::real WHEN given IS NOT NULL THEN 0::real END $$;

-- A number that was checked to be whole, however it is written: 90, 90.0 or 9e1.
CREATE OR REPLACE FUNCTION as_integer(given text) RETURNS integer LANGUAGE sql IMMUTABLE AS $$ SELECT given::numeric::integer $$;

-- For changes, where what is left out stays: a null is something else.
CREATE OR REPLACE FUNCTION refuse_nulls(body jsonb, fields text[]) RETURNS void LANGUAGE sql AS $$
  SELECT refuse_all(400, wrong.errors) FROM (
    SELECT jsonb_agg(jsonb_build_object('attr', jsonb_build_array(field), 'code', 'null', 'detail', 'This field may not be null.')) AS errors
    FROM unnest(fields) AS field WHERE body->field = 'null') AS wrong
  WHERE wrong.errors IS NOT NULL
$$;

-- Whether a body says of one of these fields anything but what is there.
CREATE OR REPLACE FUNCTION says_anything_new(body jsonb, there jsonb, fields text[]) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
  SELECT EXISTS (SELECT FROM unnest(fields) AS field WHERE body ? field AND CASE
    WHEN field = 'confidence' THEN as_real((body->>field)::numeric) IS DISTINCT FROM as_real((there->>field)::numeric)
    WHEN jsonb_typeof(there->field) = 'number' THEN (body->>field)::numeric IS DISTINCT FROM (there->>field)::numeric
    ELSE body->>field IS DISTINCT FROM there->>field END)
$$;
