-- Work by hand on results: what a person changes is kept from then on, with who and when; what a task changes is not.
-- Elements are held before what stands on them.

-- Holds one result for a change: its element first, then the row, both looked at again under the lock. A person's change keeps both.
CREATE OR REPLACE FUNCTION hold_result(from_table text, wanted uuid, keeps boolean) RETURNS element LANGUAGE plpgsql AS $$
DECLARE
  place record;
  below element;
  held record;
BEGIN
  EXECUTE format('SELECT r.corpus_id, r.element_id FROM %I r WHERE r.tenant_id = own_tenant() AND r.id = $1', from_table) INTO place USING wanted;
  IF place.corpus_id IS NULL THEN PERFORM refuse(404, 'not_found', format('There is no %s with this id.', replace(from_table, '_', ' '))); END IF;
  PERFORM hold_visibility(place.corpus_id);
  IF keeps THEN PERFORM keep_elements(ARRAY[place.element_id]); END IF;
  SELECT * INTO below FROM element e WHERE e.tenant_id = own_tenant() AND e.id = place.element_id FOR SHARE;
  EXECUTE format('SELECT r.id, r.kept FROM %I r WHERE r.tenant_id = own_tenant() AND r.id = $1 FOR UPDATE', from_table) INTO held USING wanted;
  IF held.id IS NULL THEN PERFORM refuse(404, 'not_found', format('There is no %s with this id.', replace(from_table, '_', ' '))); END IF;
  IF NOT keeps OR own_task() IS NOT NULL THEN RETURN below; END IF;
  IF from_table = 'transcription' THEN
    PERFORM keep_transcription(wanted);
  ELSIF NOT held.kept THEN
    PERFORM count_result(from_table, wanted, below, -1);
    EXECUTE format('UPDATE %I r SET kept = true WHERE r.tenant_id = own_tenant() AND r.id = $1', from_table) USING wanted;
    PERFORM count_result(from_table, wanted, below, 1);
  END IF;
  EXECUTE format('UPDATE %I r SET edited_by = own_user(), edited_at = now() WHERE r.tenant_id = own_tenant() AND r.id = $1 AND own_user() IS NOT NULL',
    from_table) USING wanted;
  RETURN below;
END $$;

-- Whether a body changes one of these fields of a result: one that does not is no work by hand. Looked at before anything is held; of what is
-- not there, and answers so, all is new.
CREATE OR REPLACE FUNCTION is_change(from_table text, wanted uuid, body jsonb, fields text[]) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
DECLARE there jsonb;
BEGIN
  EXECUTE format('SELECT to_jsonb(r) FROM %I r WHERE r.tenant_id = own_tenant() AND r.id = $1', from_table) INTO there USING wanted;
  RETURN there IS NULL OR says_anything_new(body, there, fields);
END $$;

-- Counts one result as it is now, or takes it out.
CREATE OR REPLACE FUNCTION count_result(from_table text, wanted uuid, below element, sign integer) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE format('SELECT count_results($2, $3, $4, r.source_id, r.kept, %L, $5, %s) FROM %I r WHERE r.tenant_id = own_tenant() AND r.id = $1', from_table,
    CASE from_table WHEN 'transcription_entity' THEN 'r.transcription_source_id, r.transcription_kept' ELSE '0, true' END, from_table)
    USING wanted, below.corpus_id, below.lineage_id, below.kept, sign::bigint;
END $$;

-- Deletes one result, and with a transcription the entities on it.
CREATE OR REPLACE FUNCTION destroy_result(from_table text, wanted uuid) RETURNS void LANGUAGE plpgsql AS $$
DECLARE below element := hold_result(from_table, wanted, false);
BEGIN
  IF from_table = 'transcription' THEN PERFORM remove_entities(wanted, below); END IF;
  PERFORM count_result(from_table, wanted, below, -1);
  EXECUTE format('DELETE FROM %I r WHERE r.tenant_id = own_tenant() AND r.id = $1', from_table) USING wanted;
END $$;

-- As the owner, for those that a deletion hides: they would stand on nothing.
CREATE OR REPLACE FUNCTION remove_entities(from_transcription uuid, below element) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  WITH gone AS (
    DELETE FROM transcription_entity e WHERE e.tenant_id = own_tenant() AND e.transcription_id = from_transcription RETURNING e.*
  )
  INSERT INTO result_count AS counted (tenant_id, corpus_id, lineage_id, element_kept, source_id, kept, kind, transcription_source_id,
    transcription_kept, n)
  SELECT own_tenant(), below.corpus_id, below.lineage_id, below.kept, g.source_id, g.kept, 'transcription_entity', g.transcription_source_id,
    g.transcription_kept, -count(*)
  FROM gone g GROUP BY 5, 6, 8, 9 ORDER BY 5, 6, 7, 8, 9
  ON CONFLICT ON CONSTRAINT result_count_pkey DO UPDATE SET n = counted.n + excluded.n
$$;
REVOKE ALL ON FUNCTION remove_entities(uuid, element) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION remove_entities(uuid, element) TO palimpsest_app;

CREATE OR REPLACE FUNCTION change_transcription(wanted uuid, body jsonb) RETURNS void LANGUAGE plpgsql AS $$
DECLARE reach integer;
BEGIN
  PERFORM refuse_nulls(body, '{text,orientation}');
  IF NOT is_change('transcription', wanted, body, '{text,confidence,orientation}') THEN RETURN; END IF;
  PERFORM hold_result('transcription', wanted, true);
  reach := reach_of_entities(wanted);
  IF length(body->>'text') < reach THEN
    PERFORM refuse(400, 'entities_outside', format('Entities stand in the first %s characters: delete or move these first.', reach), '["text"]');
  END IF;
  UPDATE transcription t SET text = coalesce(body->>'text', t.text), orientation = coalesce(body->>'orientation', t.orientation),
    confidence = CASE WHEN body ? 'confidence' THEN as_real((body->>'confidence')::numeric) ELSE t.confidence END
  WHERE t.tenant_id = own_tenant() AND t.id = wanted;
END $$;

-- How far entities reach into a text. As the owner: those that are hidden may come back.
CREATE OR REPLACE FUNCTION reach_of_entities(of_transcription uuid) RETURNS integer
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT coalesce(max(e."offset" + e.length), 0) FROM transcription_entity e WHERE e.tenant_id = own_tenant() AND e.transcription_id = of_transcription
$$;

CREATE OR REPLACE FUNCTION change_metadata(wanted uuid, body jsonb) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  given metadata;
  fault text;
BEGIN
  PERFORM refuse_nulls(body, '{type,name,value}');
  IF NOT is_change('metadata', wanted, body, '{type,name,value}') THEN RETURN; END IF;
  PERFORM hold_result('metadata', wanted, true);
  SELECT * INTO given FROM metadata m WHERE m.tenant_id = own_tenant() AND m.id = wanted;
  fault := metadata_fault(coalesce(body->>'type', given.type), CASE WHEN body ? 'value' THEN body->'value' ELSE to_jsonb(given.value) END);
  IF fault IS NOT NULL THEN PERFORM refuse(400, 'invalid', fault, '["value"]'); END IF;
  UPDATE metadata m SET type = coalesce(body->>'type', m.type), name = coalesce(body->>'name', m.name), value = coalesce(body->>'value', m.value)
  WHERE m.tenant_id = own_tenant() AND m.id = wanted;
END $$;

-- What is wrong with a metadata's value; null when nothing is.
CREATE OR REPLACE FUNCTION metadata_fault(of_type text, value jsonb) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE WHEN jsonb_typeof(value) NOT IN ('string', 'number') THEN 'Must be text or a number.'
    WHEN of_type = 'numeric' AND value #>> '{}' !~ '^[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d{1,3})?$' THEN 'Metadata of type numeric need a number.'
    WHEN of_type = 'url' AND value #>> '{}' !~* '^https?://' THEN 'Metadata of type url need an http or https URL.' END
$$;

CREATE OR REPLACE FUNCTION change_transcription_entity(of_transcription uuid, wanted uuid, body jsonb) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  written transcription;
  given transcription_entity;
BEGIN
  IF NOT EXISTS (SELECT FROM transcription_entity e WHERE e.tenant_id = own_tenant() AND e.id = wanted AND e.transcription_id = of_transcription) THEN
    PERFORM refuse(404, 'not_found', 'There is no such entity in this transcription.');
  END IF;
  PERFORM refuse_nulls(body, '{type_id,offset,length}');
  IF NOT is_change('transcription_entity', wanted, body, '{type_id,offset,length,confidence}') THEN RETURN; END IF;
  PERFORM hold_result('transcription', of_transcription, false);
  PERFORM keep_transcription(of_transcription);
  PERFORM hold_result('transcription_entity', wanted, true);
  SELECT * INTO written FROM transcription t WHERE t.tenant_id = own_tenant() AND t.id = of_transcription;
  SELECT * INTO given FROM transcription_entity e WHERE e.tenant_id = own_tenant() AND e.id = wanted;
  IF NOT EXISTS (SELECT FROM entity_type t WHERE t.tenant_id = own_tenant() AND t.corpus_id = given.corpus_id
    AND t.id = coalesce((body->>'type_id')::uuid, given.type_id)) THEN
    PERFORM refuse(400, 'does_not_exist', 'There is no such entity type in this corpus.', '["type_id"]');
  ELSIF coalesce(as_integer(body->>'offset'), given."offset") + coalesce(as_integer(body->>'length'), given.length) > length(written.text) THEN
    PERFORM refuse(400, 'outside_text', format('Offset and length must lie inside the text of %s characters.', length(written.text)), '["length"]');
  END IF;
  UPDATE transcription_entity e SET type_id = coalesce((body->>'type_id')::uuid, e.type_id), "offset" = coalesce(as_integer(body->>'offset'), e."offset"),
    length = coalesce(as_integer(body->>'length'), e.length),
    confidence = CASE WHEN body ? 'confidence' THEN as_real((body->>'confidence')::numeric) ELSE e.confidence END
  WHERE e.tenant_id = own_tenant() AND e.id = wanted;
END $$;

CREATE OR REPLACE FUNCTION destroy_transcription_entity(of_transcription uuid, wanted uuid) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM transcription_entity e WHERE e.tenant_id = own_tenant() AND e.id = wanted AND e.transcription_id = of_transcription) THEN
    PERFORM refuse(404, 'not_found', 'There is no such entity in this transcription.');
  END IF;
  PERFORM destroy_result('transcription_entity', wanted);
END $$;

-- What a person says of a classification. One that was made by hand is not rejected but deleted; answers whether it is still there.
CREATE OR REPLACE FUNCTION judge_classification(wanted uuid, verdict text) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE given classification;
BEGIN
  SELECT * INTO given FROM classification c WHERE c.tenant_id = own_tenant() AND c.id = wanted;
  IF verdict = 'rejected' AND given.source_id = 0 AND given.detached_from IS NULL THEN
    PERFORM destroy_result('classification', wanted);
    RETURN false;
  END IF;
  PERFORM hold_result('classification', wanted, true);
  UPDATE classification c SET state = verdict WHERE c.tenant_id = own_tenant() AND c.id = wanted;
  RETURN true;
END $$;
