-- Publishing on elements that exist. All or nothing: an element that is not there, or that the caller may not see, is named by its index.

-- Refuses when some of the elements that items name are not in the corpus.
CREATE OR REPLACE FUNCTION refuse_missing_elements(corpus uuid, items jsonb, place jsonb) RETURNS void LANGUAGE sql AS $$
  SELECT refuse_all(400, missing.errors) FROM (
    SELECT jsonb_agg(jsonb_build_object('attr', place || to_jsonb(i.number - 1) || '"element_id"', 'code', 'does_not_exist',
      'detail', 'There is no such element in this corpus.') ORDER BY i.number) AS errors
    FROM jsonb_array_elements(items) WITH ORDINALITY AS i (item, number)
    WHERE NOT EXISTS (SELECT 1 FROM element e
      WHERE e.tenant_id = own_tenant() AND e.corpus_id = corpus AND e.id = (i.item->>'element_id')::uuid)) AS missing
  WHERE missing.errors IS NOT NULL
$$;

CREATE OR REPLACE FUNCTION create_transcriptions(corpus uuid, source integer, items jsonb, place jsonb)
RETURNS TABLE (id uuid, element_id uuid, text text, confidence real, orientation text) LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  by_hand boolean := source = 0;
  wanted uuid[] := ARRAY(SELECT DISTINCT (i->>'element_id')::uuid FROM jsonb_array_elements(items) AS i ORDER BY 1);
  written bigint;
BEGIN
  PERFORM keep_elements(wanted);
  RETURN QUERY WITH given AS MATERIALIZED (
    SELECT uuid7(i.number) AS id, i.number, i.element_id, i.text, as_real(i.confidence) AS confidence, i.orientation
    FROM ROWS FROM (jsonb_to_recordset(items) AS (element_id uuid, text text, confidence numeric, orientation text))
      WITH ORDINALITY AS i (element_id, text, confidence, orientation, number)
  ), parents AS MATERIALIZED (
    SELECT e.id, e.lineage_id, e.kept FROM element e
    WHERE e.tenant_id = own_tenant() AND e.corpus_id = corpus AND e.id = ANY (wanted) ORDER BY e.id FOR SHARE
  ), inserted AS (
    INSERT INTO transcription (tenant_id, id, corpus_id, element_id, source_id, kept, text, confidence, orientation, creator_id)
    SELECT own_tenant(), g.id, corpus, p.id, source, by_hand, g.text, g.confidence, coalesce(g.orientation, 'horizontal-lr'), own_user()
    FROM given g JOIN parents p ON p.id = g.element_id
  ), counted AS (
    INSERT INTO result_count AS counted (tenant_id, corpus_id, lineage_id, element_kept, source_id, kept, kind, n)
    SELECT own_tenant(), corpus, p.lineage_id, p.kept, source, by_hand, 'transcription', count(*)
    FROM given g JOIN parents p ON p.id = g.element_id GROUP BY 3, 4 ORDER BY 3, 4
    ON CONFLICT ON CONSTRAINT result_count_pkey DO UPDATE SET n = counted.n + excluded.n
  )
  SELECT g.id, g.element_id, g.text, g.confidence, coalesce(g.orientation, 'horizontal-lr')
  FROM given g JOIN parents p ON p.id = g.element_id ORDER BY g.number;
  GET DIAGNOSTICS written = ROW_COUNT;
  IF written <> jsonb_array_length(items) THEN PERFORM refuse_missing_elements(corpus, items, place); END IF;
END $$;

-- The corpus of the first element that bulk items name and the caller may see; elements of another corpus are then refused by index.
CREATE OR REPLACE FUNCTION corpus_of_items(items jsonb, place jsonb) RETURNS uuid LANGUAGE plpgsql STABLE AS $$
DECLARE
  corpus uuid;
  wanted uuid;
BEGIN
  FOR wanted IN SELECT (i->>'element_id')::uuid FROM jsonb_array_elements(items) AS i LOOP
    SELECT e.corpus_id INTO corpus FROM element e
      JOIN corpus c ON c.tenant_id = own_tenant() AND c.id = e.corpus_id
      WHERE e.tenant_id = own_tenant() AND e.id = wanted AND corpus_level(c.id) IS NOT NULL;
    IF FOUND THEN RETURN corpus; END IF;
  END LOOP;
  -- No element is in no corpus: all are named.
  PERFORM refuse_missing_elements(NULL, items, place);
  RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION publish_transcriptions(run uuid, items jsonb)
RETURNS TABLE (id uuid, element_id uuid, text text, confidence real, orientation text) LANGUAGE plpgsql AS $$
DECLARE
  corpus uuid := corpus_of_items(items, '["transcriptions"]');
  source integer := source_to_sign(run, corpus);
BEGIN
  RETURN QUERY SELECT * FROM create_transcriptions(corpus, source, items, '["transcriptions"]');
END $$;

-- Text zones and their transcriptions in one go. A child of the same type with the same polygon is used again.
CREATE OR REPLACE FUNCTION publish_element_transcriptions(run uuid, parent uuid, type_slug text, items jsonb)
RETURNS TABLE (id uuid, element_id uuid, created boolean) LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  page element;
  source integer;
  known uuid[];
  fresh jsonb;
  made uuid[];
BEGIN
  PERFORM hold_visibility((SELECT e.corpus_id FROM element e WHERE e.tenant_id = own_tenant() AND e.id = parent));
  SELECT * INTO page FROM element e WHERE e.tenant_id = own_tenant() AND e.id = parent;
  IF NOT FOUND THEN PERFORM refuse(404, 'not_found', 'There is no element with this id.'); END IF;
  PERFORM pg_advisory_xact_lock_shared(structure_lock(page.corpus_id));
  source := source_to_sign(run, page.corpus_id);
  IF NOT EXISTS (SELECT FROM element_type t WHERE t.tenant_id = own_tenant() AND t.corpus_id = page.corpus_id AND t.slug = type_slug) THEN
    PERFORM refuse(400, 'does_not_exist', format('There is no element type %L in this corpus.', type_slug), '["element_type"]');
  END IF;
  PERFORM refuse_all(400, wrong.faults) FROM (SELECT element_faults(page.corpus_id, page.image_id,
    (SELECT jsonb_agg(jsonb_build_object('type', type_slug, 'polygon', i->'polygon')) FROM jsonb_array_elements(items) AS i), '["transcriptions"]')
    AS faults) AS wrong WHERE wrong.faults IS NOT NULL;
  -- For each item the first item with the same polygon, and the child that already has it.
  WITH given AS (
    SELECT i.number, canonical_polygon(points(i.item->'polygon')) AS form, i.item FROM jsonb_array_elements(items) WITH ORDINALITY AS i (item, number)
  ), children AS (
    SELECT DISTINCT ON (form) canonical_polygon(e.polygon) AS form, e.id FROM element_path p
      JOIN element e ON e.tenant_id = own_tenant() AND e.id = p.element_id
      JOIN element_type t ON t.tenant_id = own_tenant() AND t.corpus_id = page.corpus_id AND t.number = e.type_number AND t.slug = type_slug
    WHERE p.tenant_id = own_tenant() AND p.parent_id = parent AND e.polygon IS NOT NULL ORDER BY form, e.id
  ), matched AS (
    SELECT g.number, g.item, c.id, min(g.number) OVER (PARTITION BY g.form) AS first_number FROM given g LEFT JOIN children c ON c.form = g.form
  )
  SELECT array_agg(m.id ORDER BY m.number),
    jsonb_agg(jsonb_build_object('name', m.number::text, 'type', type_slug, 'polygon', m.item->'polygon', 'confidence', m.item->'element_confidence')
      ORDER BY m.number) FILTER (WHERE m.id IS NULL AND m.first_number = m.number)
  INTO known, fresh FROM matched m;
  IF fresh IS NOT NULL THEN
    made := ARRAY(SELECT c.id FROM create_elements(page.corpus_id, parent, source, fresh, '["transcriptions"]') AS c ORDER BY c.number);
  END IF;
  RETURN QUERY WITH given AS (
    SELECT i.number, canonical_polygon(points(i.item->'polygon')) AS form, i.item FROM jsonb_array_elements(items) WITH ORDINALITY AS i (item, number)
  ), firsts AS (
    SELECT g.number, g.item, known[g.number] AS known_id, min(g.number) OVER (PARTITION BY g.form) AS first_number FROM given g
  ), placed AS (
    SELECT f.number, f.item, f.known_id, f.first_number,
      coalesce(f.known_id, made[dense_rank() OVER (PARTITION BY f.known_id IS NULL ORDER BY f.first_number)]) AS element_id FROM firsts f
  ), written AS (
    SELECT w.id, row_number() OVER () AS number FROM create_transcriptions(page.corpus_id, source,
      (SELECT jsonb_agg(p.item || jsonb_build_object('element_id', p.element_id) ORDER BY p.number) FROM placed p), '["transcriptions"]') AS w
  )
  SELECT w.id, p.element_id, p.known_id IS NULL AND p.first_number = p.number FROM placed p JOIN written w ON w.number = p.number ORDER BY p.number;
END $$;

-- Refuses items of a list that are there already, or come twice, by their numbers; beside the sentence that clients look for.
CREATE OR REPLACE FUNCTION refuse_repeated(place jsonb, field text, sentence text, numbers bigint[]) RETURNS void LANGUAGE sql AS $$
  SELECT refuse_all(400, jsonb_build_array(jsonb_build_object('attr', '["non_field_errors"]'::jsonb, 'code', 'unique', 'detail', sentence))
      || (SELECT jsonb_agg(jsonb_build_object('attr', place || to_jsonb(number - 1) || to_jsonb(field), 'code', 'unique',
        'detail', 'This is there already, or comes twice.') ORDER BY number) FROM unnest(numbers) AS number),
    jsonb_build_object('non_field_errors', jsonb_build_array(sentence)))
  WHERE place IS NOT NULL AND numbers <> '{}'
$$;

CREATE OR REPLACE FUNCTION publish_classifications(run uuid, on_element uuid, items jsonb, place jsonb)
RETURNS TABLE (id uuid, ml_class uuid, confidence real, high_confidence boolean, state text) LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  parent element;
  source integer;
  by_hand boolean;
BEGIN
  SELECT * INTO parent FROM element e WHERE e.tenant_id = own_tenant() AND e.id = on_element;
  source := source_to_sign(run, parent.corpus_id);
  by_hand := source = 0;
  PERFORM refuse_all(400, unknown.errors) FROM (
    SELECT jsonb_agg(jsonb_build_object('attr', coalesce(place || to_jsonb(i.number - 1), '[]') || '"ml_class"', 'code', 'does_not_exist',
      'detail', 'There is no such class in this corpus.') ORDER BY i.number) AS errors
    FROM jsonb_array_elements(items) WITH ORDINALITY AS i (item, number)
    WHERE NOT EXISTS (SELECT 1 FROM ml_class c
      WHERE c.tenant_id = own_tenant() AND c.corpus_id = parent.corpus_id AND c.id = (i.item->>'ml_class')::uuid)) AS unknown
  WHERE unknown.errors IS NOT NULL;
  PERFORM keep_elements(ARRAY[on_element]);
  SELECT * INTO parent FROM element e WHERE e.tenant_id = own_tenant() AND e.id = on_element FOR SHARE;
  IF NOT FOUND THEN PERFORM refuse(404, 'not_found', 'There is no element with this id.'); END IF;
  PERFORM refuse_repeated(place, 'ml_class', 'The fields element, worker_run, ml_class must make a unique set.', ARRAY(
    SELECT i.number FROM (SELECT i.number, i.ml_class, row_number() OVER (PARTITION BY i.ml_class ORDER BY i.number) AS time
      FROM ROWS FROM (jsonb_to_recordset(items) AS (ml_class uuid)) WITH ORDINALITY AS i (ml_class, number)) AS i
    WHERE i.time > 1 OR EXISTS (SELECT FROM classification c WHERE c.tenant_id = own_tenant() AND c.element_id = on_element AND c.source_id = source
      AND c.ml_class_id = i.ml_class AND c.detached_source_id = 0) ORDER BY 1));
  RETURN QUERY WITH given AS MATERIALIZED (
    SELECT uuid7(i.number) AS id, i.* FROM ROWS FROM (jsonb_to_recordset(items) AS (ml_class uuid, confidence numeric, high_confidence boolean))
      WITH ORDINALITY AS i (ml_class, confidence, high_confidence, number)
  ), inserted AS (
    INSERT INTO classification (tenant_id, id, corpus_id, element_id, source_id, kept, ml_class_id, confidence, high_confidence, state, creator_id)
    SELECT own_tenant(), g.id, parent.corpus_id, on_element, source, by_hand, g.ml_class, as_real(g.confidence), coalesce(g.high_confidence, false),
      CASE WHEN source = 0 THEN 'validated' ELSE 'pending' END, own_user() FROM given g
  )
  SELECT g.id, g.ml_class, as_real(g.confidence), coalesce(g.high_confidence, false), CASE WHEN source = 0 THEN 'validated' ELSE 'pending' END
  FROM given g ORDER BY g.number;
  PERFORM count_results(parent.corpus_id, parent.lineage_id, parent.kept, source, by_hand, 'classification', jsonb_array_length(items));
END $$;

CREATE OR REPLACE FUNCTION publish_metadata(run uuid, on_element uuid, items jsonb, place jsonb)
RETURNS TABLE (id uuid, type text, name text, value text, dates jsonb) LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  parent element;
  source integer;
  by_hand boolean;
BEGIN
  SELECT * INTO parent FROM element e WHERE e.tenant_id = own_tenant() AND e.id = on_element;
  source := source_to_sign(run, parent.corpus_id);
  by_hand := source = 0;
  PERFORM refuse_all(400, wrong.errors) FROM (
    SELECT jsonb_agg(jsonb_build_object('attr', coalesce(place || to_jsonb(i.number - 1), '[]') || '"value"', 'code', 'invalid', 'detail', fault)
      ORDER BY i.number) AS errors
    FROM jsonb_array_elements(items) WITH ORDINALITY AS i (item, number)
    CROSS JOIN LATERAL metadata_fault(i.item->>'type', i.item->'value') AS fault WHERE fault IS NOT NULL) AS wrong
  WHERE wrong.errors IS NOT NULL;
  PERFORM keep_elements(ARRAY[on_element]);
  SELECT * INTO parent FROM element e WHERE e.tenant_id = own_tenant() AND e.id = on_element FOR SHARE;
  IF NOT FOUND THEN PERFORM refuse(404, 'not_found', 'There is no element with this id.'); END IF;
  RETURN QUERY WITH given AS MATERIALIZED (
    SELECT uuid7(i.number) AS id, i.* FROM ROWS FROM (jsonb_to_recordset(items) AS (type text, name text, value text))
      WITH ORDINALITY AS i (type, name, value, number)
  ), inserted AS (
    INSERT INTO metadata (tenant_id, id, corpus_id, element_id, source_id, kept, type, name, value, creator_id)
    SELECT own_tenant(), g.id, parent.corpus_id, on_element, source, by_hand, g.type, g.name, g.value, own_user() FROM given g
  )
  SELECT g.id, g.type, g.name, g.value, '[]'::jsonb FROM given g ORDER BY g.number;
  PERFORM count_results(parent.corpus_id, parent.lineage_id, parent.kept, source, by_hand, 'metadata', jsonb_array_length(items));
END $$;

CREATE OR REPLACE FUNCTION publish_transcription_entities(run uuid, on_transcription uuid, items jsonb, place jsonb)
RETURNS TABLE (id uuid, type jsonb, type_id uuid, "offset" integer, length integer, confidence real) LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  written transcription;
  parent element;
  source integer;
  by_hand boolean;
BEGIN
  SELECT * INTO written FROM transcription t WHERE t.tenant_id = own_tenant() AND t.id = on_transcription;
  source := source_to_sign(run, written.corpus_id);
  by_hand := source = 0;
  PERFORM refuse_all(400, wrong.errors) FROM (
    SELECT jsonb_agg(jsonb_build_object('attr', coalesce(place || to_jsonb(i.number - 1), '[]') || to_jsonb(fault.field), 'code', fault.code,
      'detail', fault.detail) ORDER BY i.number) AS errors
    FROM jsonb_array_elements(items) WITH ORDINALITY AS i (item, number)
    CROSS JOIN LATERAL (
      SELECT 'type_id' AS field, 'does_not_exist' AS code, 'There is no such entity type in this corpus.' AS detail
      WHERE NOT EXISTS (SELECT 1 FROM entity_type e
        WHERE e.tenant_id = own_tenant() AND e.corpus_id = written.corpus_id AND e.id = (i.item->>'type_id')::uuid)
      UNION ALL
      SELECT 'length', 'outside_text', format('Offset and length must lie inside the text of %s characters.', length(written.text))
      WHERE as_integer(i.item->>'offset') + as_integer(i.item->>'length') > length(written.text)
    ) AS fault) AS wrong
  WHERE wrong.errors IS NOT NULL;
  PERFORM keep_elements(ARRAY[written.element_id]);
  SELECT * INTO parent FROM element e WHERE e.tenant_id = own_tenant() AND e.id = written.element_id FOR SHARE;
  PERFORM keep_transcription(on_transcription);
  SELECT * INTO written FROM transcription t WHERE t.tenant_id = own_tenant() AND t.id = on_transcription FOR SHARE;
  IF NOT FOUND THEN PERFORM refuse(404, 'not_found', 'There is no transcription with this id.'); END IF;
  PERFORM refuse_repeated(place, 'type_id', 'The fields transcription, type, offset, length, worker_run must make a unique set.', ARRAY(
    SELECT i.number FROM (SELECT i.*, row_number() OVER (PARTITION BY i.type_id, i."offset", i.length ORDER BY i.number) AS time
      FROM ROWS FROM (jsonb_to_recordset(items) AS (type_id uuid, "offset" numeric, length numeric))
        WITH ORDINALITY AS i (type_id, "offset", length, number)) AS i
    WHERE i.time > 1 OR EXISTS (SELECT FROM transcription_entity e WHERE e.tenant_id = own_tenant() AND e.transcription_id = on_transcription
      AND e.type_id = i.type_id AND e."offset" = i."offset"::integer AND e.length = i.length::integer AND e.source_id = source
      AND e.detached_source_id = 0) ORDER BY 1));
  RETURN QUERY WITH given AS MATERIALIZED (
    SELECT uuid7(i.number) AS id, i.number, i.type_id, i."offset"::integer, i.length::integer, as_real(i.confidence) AS confidence
    FROM ROWS FROM (jsonb_to_recordset(items) AS (type_id uuid, "offset" numeric, length numeric, confidence numeric))
      WITH ORDINALITY AS i (type_id, "offset", length, confidence, number)
  ), inserted AS (
    INSERT INTO transcription_entity (tenant_id, id, corpus_id, element_id, transcription_id, transcription_source_id, transcription_kept,
      source_id, kept, type_id, "offset", length, confidence, creator_id)
    SELECT own_tenant(), g.id, written.corpus_id, written.element_id, on_transcription, written.source_id, written.kept, source, by_hand, g.type_id, g."offset", g.length, g.confidence,
      own_user() FROM given g
  )
  SELECT g.id, jsonb_build_object('id', e.id, 'name', e.name, 'color', e.color), g.type_id, g."offset", g.length, g.confidence
  FROM given g JOIN entity_type e ON e.tenant_id = own_tenant() AND e.id = g.type_id ORDER BY g.number;
  PERFORM count_results(written.corpus_id, parent.lineage_id, parent.kept, source, by_hand, 'transcription_entity', jsonb_array_length(items),
    written.source_id, written.kept);
END $$;
