-- Text like [[1,2],[3,4]] to an array of points; PostgreSQL rounds coordinates to whole pixels.
CREATE OR REPLACE FUNCTION points(given jsonb) RETURNS integer[] LANGUAGE sql IMMUTABLE AS
  $$ SELECT CASE WHEN jsonb_typeof(given) = 'array' THEN translate(given::text, '[]', '{}')::numeric[]::integer[] END $$;

-- A polygon in the one form that it has wherever it begins, whichever way it goes round, and whether or not it ends where it began: flat, from
-- its first point by x and y, towards the lesser of that one's neighbours. In PL/pgSQL, as it is asked for every child of an element.
CREATE OR REPLACE FUNCTION canonical_polygon(given integer[]) RETURNS integer[] LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
  size integer := array_length(given, 1);
  start integer := 1;
  step integer;
  at integer;
  after integer;
  before integer;
  form integer[] := '{}';
BEGIN
  WHILE size > 1 AND given[size][1] = given[1][1] AND given[size][2] = given[1][2] LOOP size := size - 1; END LOOP;
  FOR n IN 2..size LOOP
    IF given[n][1] < given[start][1] OR given[n][1] = given[start][1] AND given[n][2] < given[start][2] THEN start := n; END IF;
  END LOOP;
  after := 1 + start % size;
  before := 1 + (start + size - 2) % size;
  step := CASE WHEN given[after][1] < given[before][1] OR given[after][1] = given[before][1] AND given[after][2] <= given[before][2] THEN 1 ELSE size - 1 END;
  at := start;
  FOR n IN 1..size LOOP
    form := form || given[at][1] || given[at][2];
    at := 1 + (at - 1 + step) % size;
  END LOOP;
  RETURN form;
END $$;

-- The faults of items that only the database can see: unknown types, points outside the image.
CREATE OR REPLACE FUNCTION element_faults(corpus uuid, image uuid, items jsonb, place jsonb) RETURNS jsonb LANGUAGE sql STABLE AS $$
  SELECT jsonb_agg(jsonb_build_object('attr', fault.attr, 'code', fault.code, 'detail', fault.detail) ORDER BY i.number)
  FROM jsonb_array_elements(items) WITH ORDINALITY AS i (item, number)
  LEFT JOIN image AS own_image ON own_image.tenant_id = own_tenant() AND own_image.id = coalesce((i.item->>'image')::uuid, element_faults.image)
  CROSS JOIN LATERAL (
    SELECT coalesce(place || to_jsonb(i.number - 1), '[]') || '"type"' AS attr, 'does_not_exist' AS code,
      format('There is no element type %L in this corpus.', i.item->>'type') AS detail
    WHERE NOT EXISTS (SELECT 1 FROM element_type t WHERE t.tenant_id = own_tenant() AND t.corpus_id = corpus AND t.slug = i.item->>'type')
    UNION ALL
    SELECT coalesce(place || to_jsonb(i.number - 1), '[]') || '"image"', 'does_not_exist', 'There is no image with this id.'
    WHERE i.item->>'image' IS NOT NULL AND (own_image.id IS NULL OR image_level(own_image.id) IS NULL)
    UNION ALL
    SELECT coalesce(place || to_jsonb(i.number - 1), '[]') || '"image"', 'image_without_size',
      'The size of this image is not known yet: upload its file, and set its status to checked.'
    WHERE own_image.width = 0 AND image_level(own_image.id) IS NOT NULL
    UNION ALL
    SELECT coalesce(place || to_jsonb(i.number - 1), '[]') || '"polygon"', 'no_image', 'A polygon needs an image: give one, or a parent that has one.'
    WHERE jsonb_typeof(i.item->'polygon') = 'array' AND i.item->>'image' IS NULL AND element_faults.image IS NULL
    UNION ALL
    SELECT coalesce(place || to_jsonb(i.number - 1), '[]') || '"polygon"', 'too_few_points', 'Must have at least three different points.'
    -- Of nearly all polygons the first three points differ.
    WHERE CASE WHEN jsonb_typeof(i.item->'polygon') IS DISTINCT FROM 'array' OR i.item #> '{polygon,0}' <> i.item #> '{polygon,1}'
        AND i.item #> '{polygon,1}' <> i.item #> '{polygon,2}' AND i.item #> '{polygon,2}' <> i.item #> '{polygon,0}' THEN false
      ELSE (SELECT count(DISTINCT point) < 3 FROM jsonb_array_elements(i.item->'polygon') AS point) END
    UNION ALL
    SELECT coalesce(place || to_jsonb(i.number - 1), '[]') || '"polygon"', 'outside_image',
      format('Every point must lie inside the image, between 0, 0 and %s, %s.', own_image.width, own_image.height)
    WHERE jsonb_path_exists(i.item->'polygon', '$[*][0] ? (@ < 0 || @ > $w)', jsonb_build_object('w', own_image.width))
       OR jsonb_path_exists(i.item->'polygon', '$[*][1] ? (@ < 0 || @ > $h)', jsonb_build_object('h', own_image.height))
  ) AS fault
$$;

-- Makes elements, all or none, and gives their ids in the order of the items. place is where the items stand in the request's body.
CREATE OR REPLACE FUNCTION create_elements(corpus uuid, parent uuid, source integer, items jsonb, place jsonb)
RETURNS TABLE (id uuid, number bigint) LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  home element;
  lineage integer;
  by_hand boolean := source = 0;
  faults jsonb;
  first_place integer := 0;
BEGIN
  PERFORM pg_advisory_xact_lock_shared(structure_lock(corpus));
  IF parent IS NOT NULL THEN
    SELECT * INTO home FROM element e WHERE e.tenant_id = own_tenant() AND e.id = parent AND e.corpus_id = corpus FOR KEY SHARE;
    IF NOT FOUND THEN PERFORM refuse(400, 'does_not_exist', 'There is no such element in this corpus.', '["parent"]'); END IF;
    PERFORM refuse_too_deep(parent, 1, coalesce(place, '["parent"]'));
    first_place := 1 + coalesce((SELECT max(p.ordering) FROM element_path p WHERE p.tenant_id = own_tenant() AND p.parent_id = parent), -1);
  END IF;
  PERFORM hold_images(home.image_id || ARRAY(SELECT DISTINCT (i->>'image')::uuid FROM jsonb_array_elements(items) AS i WHERE i->>'image' IS NOT NULL));
  faults := element_faults(corpus, home.image_id, items, place);
  IF faults IS NOT NULL THEN PERFORM refuse_all(400, faults); END IF;
  lineage := lineage_with(corpus, coalesce(home.lineage_id, 0), source);
  IF parent IS NOT NULL THEN PERFORM keep_elements(ARRAY[parent]); END IF;
  RETURN QUERY WITH made AS MATERIALIZED (
    SELECT uuid7(i.number) AS id, i.number, i.name, t.number AS type_number, coalesce(i.image, CASE WHEN i.polygon IS NOT NULL THEN home.image_id END) AS image_id,
      points(i.polygon) AS polygon, as_real(i.confidence) AS confidence, i.rotation_angle::smallint, i.mirrored
    FROM ROWS FROM (jsonb_to_recordset(items) AS (name text, type text, image uuid, polygon jsonb, confidence numeric, rotation_angle numeric, mirrored boolean))
      WITH ORDINALITY AS i (name, type, image, polygon, confidence, rotation_angle, mirrored, number)
    JOIN element_type t ON t.tenant_id = own_tenant() AND t.corpus_id = corpus AND t.slug = i.type
  ), elements AS (
    INSERT INTO element (tenant_id, id, corpus_id, type_number, name, source_id, lineage_id, kept, home_id, image_id, polygon, rotation_angle,
      mirrored, confidence, creator_id)
    SELECT own_tenant(), m.id, corpus, m.type_number, m.name, source, lineage, by_hand, parent, m.image_id,
      coalesce(m.polygon, whole_image(m.image_id)),
      coalesce(m.rotation_angle, 0), coalesce(m.mirrored, false), m.confidence, own_user()
    FROM made m
  ), paths AS (
    INSERT INTO element_path (tenant_id, corpus_id, element_id, parent_id, ordering, type_number, source_id, lineage_id, kept, home, key)
    SELECT own_tenant(), corpus, m.id, parent, first_place + m.number - 1, m.type_number, source, above.lineage_id, by_hand AND above.seen,
      above.home, above.key || substring(int8send(nextval('path_key')) FROM 3)
    FROM made m CROSS JOIN (
      -- Also below the places where a deletion hides the parent, so that its undo finds the children there.
      SELECT p.key, p.home, p.seen,
        CASE WHEN p.home THEN lineage ELSE lineage_below(corpus, p.lineage_id, '{}', source, p.seen) END AS lineage_id FROM paths_of(parent) AS p
      UNION ALL SELECT '', true, true, lineage WHERE parent IS NULL) AS above
  )
  SELECT made.id, made.number FROM made ORDER BY made.number;
  PERFORM count_results(corpus, lineage, by_hand, source, by_hand, 'element', jsonb_array_length(items));
END $$;

-- The same for a request: the structure is held before the source, as the order of locks wants it.
CREATE OR REPLACE FUNCTION publish_elements(run uuid, corpus uuid, parent uuid, items jsonb, place jsonb)
RETURNS TABLE (id uuid, number bigint) LANGUAGE plpgsql AS $$
DECLARE source integer;
BEGIN
  PERFORM hold_visibility(corpus);
  PERFORM pg_advisory_xact_lock_shared(structure_lock(corpus));
  source := source_to_sign(run, corpus);
  RETURN QUERY SELECT * FROM create_elements(corpus, parent, source, items, place);
END $$;

-- What people call the run that made a row, or null for what was made by hand.
-- In PL/pgSQL, as what is below: each row of an answer may ask, and PostgreSQL plans the body of an SQL function anew for every statement.
CREATE OR REPLACE FUNCTION run_of_source(source integer) RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN (SELECT jsonb_build_object('id', r.id, 'summary', r.summary) FROM source s
      JOIN worker_run r ON r.tenant_id = own_tenant() AND r.id = s.worker_run_id
    WHERE s.tenant_id = own_tenant() AND s.id = run_of_source.source AND s.id <> ALL (hidden_sources()));
END $$;

-- A kept row whose run's results are gone still says where it came from.
CREATE OR REPLACE FUNCTION detached_from(source integer, purged_run uuid) RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN (SELECT jsonb_build_object('id', r.id, 'summary', r.summary) FROM worker_run r WHERE r.tenant_id = own_tenant() AND r.id = coalesce(purged_run,
    (SELECT s.worker_run_id FROM source s WHERE s.tenant_id = own_tenant() AND s.id = detached_from.source AND s.id = ANY (hidden_sources()))));
END $$;

-- Type slugs are in lower case, whatever a client sends.
CREATE OR REPLACE FUNCTION lowered_type(item jsonb) RETURNS jsonb LANGUAGE sql IMMUTABLE AS
  $$ SELECT item || jsonb_build_object('type', lower(item->>'type'), 'name', trimmed(item->>'name')) $$;

-- Changes what the body names. An edit by a person is marked as such, and keeps the element; a body that says nothing new does neither.
CREATE OR REPLACE FUNCTION change_element(wanted uuid, body jsonb) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  in_corpus uuid := (SELECT e.corpus_id FROM element e WHERE e.tenant_id = own_tenant() AND e.id = wanted);
  given element;
  changed element;
  faults jsonb;
BEGIN
  PERFORM hold_visibility(in_corpus);
  -- Places are copied where elements are linked: none of the old type may come in between.
  IF body ? 'type' THEN PERFORM pg_advisory_xact_lock_shared(structure_lock(in_corpus)); END IF;
  SELECT * INTO given FROM element e WHERE e.tenant_id = own_tenant() AND e.id = wanted FOR NO KEY UPDATE;
  IF NOT FOUND THEN PERFORM refuse(404, 'not_found', 'There is no element with this id.'); END IF;
  PERFORM refuse_nulls(body, '{type,name,rotation_angle,mirrored}');
  PERFORM hold_images(ARRAY[(body->>'image')::uuid]);
  changed := changed_element(given, body);
  faults := element_faults(given.corpus_id, changed.image_id, jsonb_build_array(body || jsonb_build_object('type', coalesce(lower(body->>'type'),
    (SELECT t.slug FROM element_type t WHERE t.tenant_id = own_tenant() AND t.corpus_id = given.corpus_id AND t.number = given.type_number)))), NULL);
  IF faults IS NOT NULL THEN PERFORM refuse_all(400, faults); END IF;
  IF changed IS NOT DISTINCT FROM given THEN RETURN; END IF;
  PERFORM keep_elements(ARRAY[wanted]);
  UPDATE element e SET type_number = changed.type_number, name = changed.name, image_id = changed.image_id, polygon = changed.polygon,
    confidence = changed.confidence, rotation_angle = changed.rotation_angle, mirrored = changed.mirrored, updated = now(),
    edited_by = coalesce(own_user(), e.edited_by), edited_at = CASE WHEN own_user() IS NULL THEN e.edited_at ELSE now() END
  WHERE e.tenant_id = own_tenant() AND e.id = wanted;
  IF changed.type_number <> given.type_number THEN
    UPDATE element_path p SET type_number = changed.type_number WHERE p.tenant_id = own_tenant() AND p.element_id = wanted;
  END IF;
END $$;

-- An element with what a body says of it. Without a polygon it stays where it is on another image, or is all of that one if it was all of
-- the one before.
CREATE OR REPLACE FUNCTION changed_element(given element, body jsonb) RETURNS element LANGUAGE plpgsql STABLE AS $$
DECLARE changed element := given;
BEGIN
  IF body ? 'type' THEN
    -- An unknown type is named with the other faults.
    changed.type_number := coalesce((SELECT t.number FROM element_type t WHERE t.tenant_id = own_tenant() AND t.corpus_id = given.corpus_id
      AND t.slug = lower(body->>'type')), given.type_number);
  END IF;
  IF body ? 'image' THEN changed.image_id := (body->>'image')::uuid; END IF;
  IF changed.image_id IS NULL THEN
    changed.polygon := NULL;
  ELSIF jsonb_typeof(body->'polygon') = 'array' THEN
    changed.polygon := points(body->'polygon');
  ELSIF given.polygon IS NULL OR changed.image_id <> given.image_id AND given.polygon = whole_image(given.image_id) THEN
    changed.polygon := whole_image(changed.image_id);
  ELSIF changed.image_id <> given.image_id AND EXISTS (SELECT FROM image i CROSS JOIN generate_subscripts(given.polygon, 1) AS n
    WHERE i.tenant_id = own_tenant() AND i.id = changed.image_id AND image_level(i.id) IS NOT NULL AND i.width > 0
      AND (given.polygon[n][1] > i.width OR given.polygon[n][2] > i.height)) THEN
    PERFORM refuse(400, 'outside_image', 'The polygon of this element does not lie inside this image: give another one with it.', '["image"]');
  END IF;
  IF body ? 'name' THEN changed.name := trimmed(body->>'name'); END IF;
  IF body ? 'confidence' THEN changed.confidence := as_real((body->>'confidence')::numeric); END IF;
  IF body ? 'rotation_angle' THEN changed.rotation_angle := as_integer(body->>'rotation_angle'); END IF;
  IF body ? 'mirrored' THEN changed.mirrored := (body->>'mirrored')::boolean; END IF;
  RETURN changed;
END $$;

CREATE OR REPLACE FUNCTION whole_image(image_id uuid) RETURNS integer[] LANGUAGE sql STABLE AS $$
  SELECT ARRAY[[0, 0], [0, i.height], [i.width, i.height], [i.width, 0]] FROM image i WHERE i.tenant_id = own_tenant() AND i.id = image_id
$$;
