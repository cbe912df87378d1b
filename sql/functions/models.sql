-- Models and their versions.

CREATE OR REPLACE FUNCTION create_model(called text, described text, for_everyone boolean) RETURNS uuid LANGUAGE plpgsql AS $$
DECLARE
  made uuid := uuid7();
  twin uuid;
BEGIN
  INSERT INTO model (tenant_id, id, name, description, public, creator_id)
    VALUES (own_tenant(), made, called, described, for_everyone, own_user()) ON CONFLICT DO NOTHING;
  IF NOT FOUND THEN
    SELECT m.id INTO twin FROM model m WHERE m.tenant_id = own_tenant() AND m.name = called;
    IF NOT FOUND THEN PERFORM refuse(403, 'name_taken', 'A model that you have no access to has this name.', '["name"]'); END IF;
    PERFORM refuse(400, 'unique', 'A model with this name already exists.', '["name"]',
      jsonb_build_object('id', twin, 'name', jsonb_build_array('A model with this name already exists.')));
  END IF;
  INSERT INTO membership (tenant_id, id, user_id, model_id, level) SELECT own_tenant(), uuid7(), own_user(), made, 100 WHERE own_user() IS NOT NULL;
  RETURN made;
END $$;

CREATE OR REPLACE FUNCTION change_model(wanted uuid, body jsonb) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  given model;
  changed model;
BEGIN
  SELECT * INTO given FROM model m WHERE m.tenant_id = own_tenant() AND m.id = wanted FOR UPDATE;
  UPDATE model m SET name = coalesce(trimmed(body->>'name'), m.name), description = coalesce(body->>'description', m.description), updated = now(),
    archived = CASE (body->>'archived')::boolean WHEN true THEN coalesce(m.archived, now()) WHEN false THEN NULL ELSE m.archived END,
    public = coalesce((body->>'public')::boolean, m.public)
    WHERE m.tenant_id = own_tenant() AND m.id = wanted RETURNING * INTO changed;
  IF (given.archived IS NULL) <> (changed.archived IS NULL) THEN
    PERFORM note_event(CASE WHEN changed.archived IS NULL THEN 'model_unarchived' ELSE 'model_archived' END,
      jsonb_build_object('model', wanted, 'name', changed.name));
  END IF;
END $$;

CREATE OR REPLACE FUNCTION add_compatible_worker(to_model uuid, worker uuid) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM require_level('worker', worker, 10);
  INSERT INTO model_worker (tenant_id, model_id, worker_id) VALUES (own_tenant(), to_model, worker) ON CONFLICT DO NOTHING;
END $$;

CREATE OR REPLACE FUNCTION remove_compatible_worker(from_model uuid, worker uuid) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  DELETE FROM model_worker c WHERE c.tenant_id = own_tenant() AND c.model_id = from_model AND c.worker_id = worker;
  IF NOT FOUND THEN PERFORM refuse(404, 'not_found', 'This worker is not among the compatible ones.'); END IF;
END $$;

-- Why a version may not have these values, as errors with their paths.
CREATE OR REPLACE FUNCTION model_version_faults(version uuid, of_model uuid, body jsonb) RETURNS jsonb LANGUAGE sql STABLE AS $$
  SELECT coalesce(jsonb_agg(jsonb_build_object('attr', jsonb_build_array(fault.field), 'code', fault.code, 'detail', fault.detail)), '[]') FROM (VALUES
    (jsonb_typeof(body->'configuration') NOT IN ('object', 'null'), 'configuration', 'invalid', 'Must be an object.'),
    (octet_length((body->'configuration')::text) > 1048576, 'configuration', 'max_length', 'May have at most 1048576 bytes.'),
    (body->>'parent' IS NOT NULL AND NOT EXISTS (SELECT FROM model_version p WHERE p.tenant_id = own_tenant() AND p.id = (body->>'parent')::uuid
      AND p.model_id = of_model AND p.tombstone IS NULL), 'parent', 'does_not_exist', 'This model has no version with this id.'),
    ((body->>'parent')::uuid IN (
      WITH RECURSIVE below AS (SELECT version AS id UNION
        SELECT v.id FROM below b JOIN model_version v ON v.tenant_id = own_tenant() AND v.parent_id = b.id) SELECT b.id FROM below b),
      'parent', 'cycle', 'A version may not descend from itself.')
  ) AS fault (wrong, field, code, detail) WHERE fault.wrong
$$;

CREATE OR REPLACE FUNCTION create_model_version(of_model uuid, body jsonb) RETURNS uuid LANGUAGE plpgsql AS $$
DECLARE
  made uuid := uuid7();
  faults jsonb := model_version_faults(NULL, of_model, body);
BEGIN
  PERFORM lock_for_use('model', ARRAY[of_model]);
  IF (SELECT m.archived IS NOT NULL FROM model m WHERE m.tenant_id = own_tenant() AND m.id = of_model) THEN
    PERFORM refuse(400, 'archived', 'This model is archived.', '["model"]', '{"model": ["This model is archived."]}');
  END IF;
  IF faults <> '[]' THEN PERFORM refuse_all(400, faults); END IF;
  INSERT INTO model_version (tenant_id, id, model_id, parent_id, tag, description, configuration, size, archive_hash, creator_id, task_id)
  VALUES (own_tenant(), made, of_model, (body->>'parent')::uuid, body->>'tag', coalesce(body->>'description', ''),
    coalesce(nullif(body->'configuration', 'null'), '{}'), (body->>'size')::bigint, lower(body->>'archive_hash'), own_user(), own_task());
  RETURN made;
END $$;

-- The version, locked, for whoever may change it: administrators of the model, and its maker until it is available.
CREATE OR REPLACE FUNCTION lock_model_version(wanted uuid) RETURNS model_version LANGUAGE plpgsql AS $$
DECLARE given model_version;
BEGIN
  SELECT * INTO given FROM model_version v WHERE v.tenant_id = own_tenant() AND v.id = wanted AND v.tombstone IS NULL;
  IF NOT FOUND THEN PERFORM refuse(404, 'not_found', 'There is no model version with this id.'); END IF;
  IF model_level(given.model_id) < 100 AND (given.state <> 'created' OR NOT coalesce(given.creator_id = own_user() OR given.task_id = own_task(), false)) THEN
    PERFORM refuse(403, 'permission_denied', 'This needs admin access to the model, or to have made this version and not yet published it.');
  END IF;
  SELECT * INTO given FROM model_version v WHERE v.tenant_id = own_tenant() AND v.id = wanted AND v.tombstone IS NULL FOR UPDATE;
  IF NOT FOUND THEN PERFORM refuse(404, 'not_found', 'There is no model version with this id.'); END IF;
  RETURN given;
END $$;

-- Changes what the body names. What runs were made with stays as it was: from the moment it is available, an archive and a configuration
-- no longer change.
CREATE OR REPLACE FUNCTION change_model_version(wanted uuid, body jsonb) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  given model_version;
  -- The archive that has come.
  file stored_file;
  faults jsonb;
BEGIN
  -- Two changes of parents that look only at themselves could make a circle together.
  IF body->>'parent' IS NOT NULL THEN
    PERFORM pg_advisory_xact_lock(hashtextextended((SELECT v.model_id FROM model_version v WHERE v.tenant_id = own_tenant() AND v.id = wanted)::text, 17));
  END IF;
  given := lock_model_version(wanted);
  SELECT * INTO file FROM stored_file f WHERE f.tenant_id = own_tenant() AND f.digest = given.archive_digest;
  faults := model_version_faults(wanted, given.model_id, body) || coalesce((
    SELECT jsonb_agg(jsonb_build_object('attr', jsonb_build_array(fault.field), 'code', fault.code, 'detail', fault.detail)) FROM (VALUES
      (file.digest IS NOT NULL AND body ? 'size' AND (body->>'size')::bigint IS DISTINCT FROM file.size, 'size', 'mismatch',
        format('The archive that has come has %s bytes.', file.size)),
      (file.digest IS NOT NULL AND body ? 'archive_hash' AND lower(body->>'archive_hash') IS DISTINCT FROM encode(file.md5, 'hex'), 'archive_hash', 'mismatch',
        format('The archive that has come has the MD5 %s.', encode(file.md5, 'hex'))),
      (given.state <> 'created' AND coalesce(nullif(body->'configuration', 'null'), given.configuration) <> given.configuration, 'configuration', 'frozen',
        'The configuration of a version that was available no longer changes.'),
      (given.state <> 'created' AND body->>'state' = 'created', 'state', 'invalid', 'A version that was available, or failed, is not made again.'),
      (file.digest IS NULL AND body->>'state' = 'available', 'state', 'no_archive', 'The archive of this version has not been uploaded.')
    ) AS fault (wrong, field, code, detail) WHERE fault.wrong), '[]');
  IF faults <> '[]' THEN
    -- Older clients read lists under the fields' own names.
    PERFORM refuse_all(400, faults, (SELECT jsonb_object_agg(f->'attr'->>0, jsonb_build_array(f->>'detail')) FROM jsonb_array_elements(faults) AS f));
  END IF;
  UPDATE model_version v SET
    tag = CASE WHEN body ? 'tag' THEN body->>'tag' ELSE v.tag END,
    description = coalesce(body->>'description', v.description),
    parent_id = CASE WHEN body ? 'parent' THEN (body->>'parent')::uuid ELSE v.parent_id END,
    configuration = coalesce(nullif(body->'configuration', 'null'), v.configuration),
    size = CASE WHEN body->>'state' = 'available' THEN file.size WHEN body ? 'size' THEN (body->>'size')::bigint ELSE v.size END,
    archive_hash = CASE WHEN body->>'state' = 'available' THEN encode(file.md5, 'hex')
      WHEN body ? 'archive_hash' THEN lower(body->>'archive_hash') ELSE v.archive_hash END,
    state = coalesce(body->>'state', v.state)
    WHERE v.tenant_id = own_tenant() AND v.id = wanted;
END $$;

-- Removes a version that no run names; of another, only what its runs' details show stays.
CREATE OR REPLACE FUNCTION destroy_model_version(wanted uuid) RETURNS void LANGUAGE plpgsql AS $$
DECLARE given model_version;
BEGIN
  -- Whoever selects it or starts with it holds it, and is waited for.
  SELECT * INTO given FROM model_version v WHERE v.tenant_id = own_tenant() AND v.id = wanted AND v.tombstone IS NULL FOR UPDATE;
  IF NOT FOUND THEN PERFORM refuse(404, 'not_found', 'There is no model version with this id.'); END IF;
  PERFORM refuse_while_used('model_version', wanted);
  UPDATE model_version v SET parent_id = NULL WHERE v.tenant_id = own_tenant() AND v.parent_id = wanted;
  IF is_named_by_runs('model_version', wanted) THEN
    UPDATE model_version v SET tombstone = now(), configuration = '{}', description = '', parent_id = NULL, archive_digest = NULL WHERE v.tenant_id = own_tenant() AND v.id = wanted;
  ELSE
    DELETE FROM model_version v WHERE v.tenant_id = own_tenant() AND v.id = wanted;
  END IF;
  PERFORM note_event('model_version_deleted', jsonb_build_object('model', given.model_id, 'model_version', wanted, 'tag', given.tag));
END $$;
