-- The worker with this slug, or a new one of the caller's. A slug that is taken by a worker they may not see is refused without telling more.
CREATE OR REPLACE FUNCTION get_or_create_worker(called text, wanted_slug text, of_type text, described text, repository text) RETURNS uuid LANGUAGE plpgsql AS $$
DECLARE found_worker uuid;
BEGIN
  SELECT w.id INTO found_worker FROM worker w WHERE w.tenant_id = own_tenant() AND w.slug = wanted_slug;
  IF FOUND THEN RETURN found_worker; END IF;
  IF own_user() IS NULL OR NOT (SELECT u.can_create_workers OR instance_administrator() FROM user_account u
    WHERE u.tenant_id = own_tenant() AND u.id = own_user()) THEN
    PERFORM refuse(403, 'permission_denied', 'This needs the permission to create workers.');
  END IF;
  found_worker := uuid7();
  INSERT INTO worker (tenant_id, id, name, slug, type, description, repository_url, creator_id)
    VALUES (own_tenant(), found_worker, called, wanted_slug, of_type, described, repository, own_user()) ON CONFLICT DO NOTHING;
  IF NOT FOUND THEN
    SELECT w.id INTO found_worker FROM worker w WHERE w.tenant_id = own_tenant() AND w.slug = wanted_slug;
    IF NOT FOUND THEN PERFORM refuse(403, 'slug_taken', 'This slug is taken.', '["slug"]'); END IF;
    RETURN found_worker;
  END IF;
  INSERT INTO membership (tenant_id, id, user_id, worker_id, level) VALUES (own_tenant(), uuid7(), own_user(), found_worker, 100);
  RETURN found_worker;
END $$;

-- Changes what the body names.
CREATE OR REPLACE FUNCTION change_worker(wanted uuid, body jsonb) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  given worker;
  changed worker;
BEGIN
  PERFORM require_permission('can_manage_workers');
  SELECT * INTO given FROM worker w WHERE w.tenant_id = own_tenant() AND w.id = wanted FOR UPDATE;
  UPDATE worker w SET name = coalesce(trimmed(body->>'name'), w.name), type = coalesce(trimmed(body->>'type'), w.type),
    description = coalesce(body->>'description', w.description),
    repository_url = CASE WHEN body ? 'repository_url' THEN body->>'repository_url' ELSE w.repository_url END,
    archived = CASE (body->>'archived')::boolean WHEN true THEN coalesce(w.archived, now()) WHEN false THEN NULL ELSE w.archived END,
    public = coalesce((body->>'public')::boolean, w.public)
    WHERE w.tenant_id = own_tenant() AND w.id = wanted RETURNING * INTO changed;
  IF (given.archived IS NULL) <> (changed.archived IS NULL) THEN
    PERFORM note_event(CASE WHEN changed.archived IS NULL THEN 'worker_unarchived' ELSE 'worker_archived' END,
      jsonb_build_object('worker', wanted, 'name', changed.name));
  END IF;
END $$;

-- A branch belongs to one version of its worker at a time: the newest to claim it.
CREATE OR REPLACE FUNCTION free_branch(of_worker uuid, wanted text, keeper uuid) RETURNS void LANGUAGE sql AS $$
  UPDATE worker_version v SET branch = NULL WHERE v.tenant_id = own_tenant() AND v.worker_id = of_worker AND v.branch = wanted AND v.id <> keeper
$$;

CREATE OR REPLACE FUNCTION create_worker_version(of_worker uuid, revision text, tagged text, on_branch text, in_state text, gpu text, model text,
  image text, run_command text, shared_memory text, declared jsonb, defaults jsonb) RETURNS uuid LANGUAGE plpgsql AS $$
DECLARE
  made uuid := uuid7();
  twin uuid;
BEGIN
  -- Numbers are given one after the other.
  PERFORM FROM worker w WHERE w.tenant_id = own_tenant() AND w.id = of_worker FOR UPDATE;
  IF own_user() IS NOT NULL AND NOT (SELECT u.can_create_workers OR instance_administrator() FROM user_account u
    WHERE u.tenant_id = own_tenant() AND u.id = own_user()) THEN
    PERFORM refuse(403, 'permission_denied', 'This needs the permission to create workers.');
  END IF;
  IF coalesce(image, run_command) IS NOT NULL AND current_setting('app.restricts_commands', true) = 'on' AND NOT instance_administrator() THEN
    PERFORM refuse(403, 'permission_denied', 'On this server only instance administrators may say what is executed.');
  END IF;
  SELECT v.id INTO twin FROM worker_version v
    WHERE v.tenant_id = own_tenant() AND v.worker_id = of_worker AND v.revision_url = revision AND v.tombstone IS NULL;
  IF FOUND THEN
    PERFORM refuse(409, 'unique', 'This worker already has a version with this revision URL.', '["revision_url"]', jsonb_build_object('existing_id', twin));
  END IF;
  PERFORM free_branch(of_worker, on_branch, made);
  INSERT INTO worker_version (tenant_id, id, worker_id, version, revision_url, tag, branch, state, gpu_usage, model_usage, docker_image_iid,
    command, shm_size, fields, default_configuration)
  VALUES (own_tenant(), made, of_worker,
    CASE WHEN revision IS NULL THEN (SELECT 1 + coalesce(max(v.version), 0) FROM worker_version v WHERE v.tenant_id = own_tenant() AND v.worker_id = of_worker) END,
    revision, tagged, on_branch, in_state, gpu, model, image, run_command, shared_memory, declared, defaults);
  RETURN made;
END $$;

CREATE OR REPLACE FUNCTION change_worker_version(wanted uuid, body jsonb) RETURNS void LANGUAGE plpgsql AS $$
DECLARE of_worker uuid;
BEGIN
  SELECT v.worker_id INTO of_worker FROM worker_version v WHERE v.tenant_id = own_tenant() AND v.id = wanted AND v.tombstone IS NULL;
  IF NOT FOUND THEN PERFORM refuse(404, 'not_found', 'There is no worker version with this id.'); END IF;
  -- The worker before its versions: taking a branch from another version changes two of them, and a start holds several.
  PERFORM FROM worker w WHERE w.tenant_id = own_tenant() AND w.id = of_worker FOR UPDATE;
  PERFORM FROM worker_version v WHERE v.tenant_id = own_tenant() AND v.id = wanted FOR UPDATE;
  IF body->>'docker_image_iid' IS NOT NULL AND current_setting('app.restricts_commands', true) = 'on' AND NOT instance_administrator() THEN
    PERFORM refuse(403, 'permission_denied', 'On this server only instance administrators may say what is executed.');
  END IF;
  PERFORM free_branch(of_worker, body->>'branch', wanted);
  UPDATE worker_version v SET
    tag = CASE WHEN body ? 'tag' THEN body->>'tag' ELSE v.tag END,
    branch = CASE WHEN body ? 'branch' THEN body->>'branch' ELSE v.branch END,
    state = coalesce(body->>'state', v.state),
    docker_image_iid = CASE WHEN body ? 'docker_image_iid' THEN body->>'docker_image_iid' ELSE v.docker_image_iid END
  WHERE v.tenant_id = own_tenant() AND v.id = wanted;
END $$;

-- Forgets a version. One that runs still name stays for their details, as a tombstone: its number or revision, nothing of what it declared.
CREATE OR REPLACE FUNCTION destroy_worker_version(wanted uuid) RETURNS void LANGUAGE plpgsql AS $$
DECLARE held worker_version;
BEGIN
  SELECT * INTO held FROM worker_version v WHERE v.tenant_id = own_tenant() AND v.id = wanted AND v.tombstone IS NULL FOR UPDATE;
  IF NOT FOUND THEN PERFORM refuse(404, 'not_found', 'There is no worker version with this id.'); END IF;
  PERFORM require_permission('can_manage_workers');
  PERFORM refuse_while_used('worker_version', wanted);
  PERFORM note_event('worker_version_deleted', jsonb_build_object('worker', held.worker_id, 'worker_version', wanted));
  IF is_named_by_runs('worker_version', wanted) THEN
    UPDATE worker_configuration c SET initial_worker_version_id = NULL WHERE c.tenant_id = own_tenant() AND c.initial_worker_version_id = wanted;
    UPDATE worker_version v SET tombstone = now(), fields = '[]', default_configuration = '{}', command = NULL, docker_image_iid = NULL,
      shm_size = NULL, feature = NULL, branch = NULL WHERE v.tenant_id = own_tenant() AND v.id = wanted;
  ELSE
    DELETE FROM worker_version v WHERE v.tenant_id = own_tenant() AND v.id = wanted;
  END IF;
END $$;

-- Which of these references lead nowhere that the caller may see, as errors. Each is {path, type, value}; element types are those of a corpus,
-- and are not looked for without one.
CREATE OR REPLACE FUNCTION reference_faults(refs jsonb, in_corpus uuid, of_worker uuid) RETURNS jsonb LANGUAGE sql STABLE AS $$
  SELECT coalesce(jsonb_agg(jsonb_build_object('attr', given.ref->'path', 'code', 'does_not_exist', 'detail', given.detail) ORDER BY given.number), '[]')
  FROM (
    SELECT ref, number, CASE ref->>'type'
      WHEN 'worker_version' THEN 'There is no worker version with this id.'
      WHEN 'model' THEN 'There is no model with this id.'
      WHEN 'secret' THEN 'There is no secret with this name for this worker: in the Enterprise edition the value is the name of one.'
      ELSE 'This project has no such element type.' END AS detail,
      CASE ref->>'type'
        WHEN 'worker_version' THEN EXISTS (SELECT FROM worker_version v WHERE v.tenant_id = own_tenant() AND v.id = (ref->>'value')::uuid AND v.tombstone IS NULL)
        -- Workers take either for a model.
        WHEN 'model' THEN EXISTS (SELECT FROM model m WHERE m.tenant_id = own_tenant() AND m.id = (ref->>'value')::uuid)
          OR EXISTS (SELECT FROM model_version v WHERE v.tenant_id = own_tenant() AND v.id = (ref->>'value')::uuid AND v.tombstone IS NULL)
        -- In the Community edition the value itself stands there.
        WHEN 'secret' THEN (SELECT d.edition FROM deployment d) = 'community' OR EXISTS (SELECT FROM secret s WHERE s.tenant_id = own_tenant()
          AND s.name = ref->>'value' AND (s.worker_id IS NULL OR s.worker_id = of_worker))
        WHEN 'element_type' THEN in_corpus IS NULL OR corpus_level(in_corpus) IS NULL
          OR EXISTS (SELECT FROM element_type t WHERE t.tenant_id = own_tenant() AND t.corpus_id = in_corpus AND t.slug = ref->>'value')
        ELSE true END AS leads_somewhere
    FROM jsonb_array_elements(refs) WITH ORDINALITY AS listed (ref, number)) AS given
  WHERE NOT given.leads_somewhere
$$;

-- Saves the values of a configuration. meaning is their canonical text (SparseForm.swift); its digest is unique in the worker, so of a
-- thousand at once one is kept and the others learn which. secrets are the paths of secret values.
CREATE OR REPLACE FUNCTION create_worker_configuration(of_worker uuid, called text, given jsonb, meaning text, secrets jsonb, for_version uuid, for_corpus uuid)
RETURNS uuid LANGUAGE plpgsql AS $$
DECLARE
  made uuid := uuid7();
  own_digest bytea := sha256(convert_to(meaning, 'UTF8'));
  twin record;
BEGIN
  IF for_corpus IS NOT NULL THEN PERFORM require_level('corpus', for_corpus, 10, '["corpus"]'); END IF;
  -- The values were checked against its fields a moment ago; it may have been deleted since.
  PERFORM FROM worker_version v WHERE v.tenant_id = own_tenant() AND v.id = for_version AND v.tombstone IS NULL FOR SHARE;
  IF NOT FOUND THEN PERFORM refuse(400, 'does_not_exist', 'This worker version was deleted.', '["worker_version"]'); END IF;
  -- A twin that is deleted while this waits for its digest leaves nothing to name, and the place free: look again.
  FOR attempt IN 1..3 LOOP
    INSERT INTO worker_configuration (tenant_id, id, worker_id, name, configuration, secrets, digest, creator_id, initial_worker_version_id, initial_corpus_id)
    VALUES (own_tenant(), made, of_worker, called, given, create_worker_configuration.secrets, own_digest, own_user(), for_version, for_corpus)
    ON CONFLICT (tenant_id, worker_id, digest) DO NOTHING;
    IF FOUND THEN RETURN made; END IF;
    SELECT c.id, c.name, c.archived IS NOT NULL AS archived INTO twin FROM worker_configuration c
      WHERE c.tenant_id = own_tenant() AND c.worker_id = of_worker AND c.digest = own_digest;
    IF FOUND THEN
      PERFORM refuse(400, 'configuration_exists',
        format('The configuration %L%s has the same values.', twin.name, CASE WHEN twin.archived THEN ' (archived)' ELSE '' END),
        '["configuration"]', jsonb_build_object('existing_id', twin.id, 'archived', twin.archived, 'name', twin.name));
    END IF;
  END LOOP;
  PERFORM refuse(503, 'busy', 'Other people change the same configuration at the moment: try again.');
END $$;

-- Renames, archives and un-archives. The row lock makes this wait for whoever selects or starts the configuration, and they for this.
CREATE OR REPLACE FUNCTION change_worker_configuration(wanted uuid, new_name text, archive boolean) RETURNS void LANGUAGE plpgsql AS $$
DECLARE held worker_configuration;
BEGIN
  SELECT * INTO held FROM worker_configuration c WHERE c.tenant_id = own_tenant() AND c.id = wanted AND c.tombstone IS NULL FOR UPDATE;
  IF NOT FOUND THEN PERFORM refuse(404, 'not_found', 'There is no worker configuration with this id.'); END IF;
  IF archive = false AND held.archived IS NOT NULL AND NOT instance_administrator() THEN
    PERFORM refuse(403, 'permission_denied', 'Only instance administrators take a configuration out of the archive.', '["archived"]');
  END IF;
  UPDATE worker_configuration c SET name = coalesce(new_name, c.name),
    archived = CASE archive WHEN true THEN coalesce(c.archived, now()) WHEN false THEN NULL ELSE c.archived END
  WHERE c.tenant_id = own_tenant() AND c.id = wanted;
  PERFORM note_event(happened.kind, jsonb_build_object('worker', held.worker_id, 'worker_configuration', wanted) || happened.more)
  FROM (VALUES
    (archive AND held.archived IS NULL, 'worker_configuration_archived', '{}'::jsonb),
    (NOT archive AND held.archived IS NOT NULL, 'worker_configuration_unarchived', '{}'),
    (new_name <> held.name, 'worker_configuration_renamed', jsonb_build_object('from', held.name, 'to', new_name))
  ) AS happened (did, kind, more) WHERE happened.did;
END $$;

-- Forgets a configuration. One that runs still name stays for their details, as a tombstone: its name, nothing of its values, and not their digest.
CREATE OR REPLACE FUNCTION destroy_worker_configuration(wanted uuid) RETURNS void LANGUAGE plpgsql AS $$
DECLARE held worker_configuration;
BEGIN
  SELECT * INTO held FROM worker_configuration c WHERE c.tenant_id = own_tenant() AND c.id = wanted AND c.tombstone IS NULL FOR UPDATE;
  IF NOT FOUND THEN PERFORM refuse(404, 'not_found', 'There is no worker configuration with this id.'); END IF;
  PERFORM refuse_while_used('worker_configuration', wanted);
  PERFORM note_event('worker_configuration_deleted', jsonb_build_object('worker', held.worker_id, 'worker_configuration', wanted, 'name', held.name));
  IF is_named_by_runs('worker_configuration', wanted) THEN
    UPDATE worker_configuration c SET tombstone = now(), configuration = '{}', secrets = '[]', digest = NULL, initial_worker_version_id = NULL,
      initial_corpus_id = NULL WHERE c.tenant_id = own_tenant() AND c.id = wanted;
  ELSE
    DELETE FROM worker_configuration c WHERE c.tenant_id = own_tenant() AND c.id = wanted;
  END IF;
END $$;
