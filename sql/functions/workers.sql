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

-- Saves the sparse form of a configuration. Its digest is unique in the worker, so of a thousand at once one is kept and the others learn which.
CREATE OR REPLACE FUNCTION create_worker_configuration(of_worker uuid, called text, sparse text, for_version uuid, for_corpus uuid) RETURNS uuid LANGUAGE plpgsql AS $$
DECLARE
  made uuid := uuid7();
  meaning bytea := sha256(convert_to(sparse, 'UTF8'));
  twin record;
BEGIN
  IF for_corpus IS NOT NULL THEN PERFORM require_level('corpus', for_corpus, 10, '["corpus"]'); END IF;
  INSERT INTO worker_configuration (tenant_id, id, worker_id, name, configuration, digest, creator_id, initial_worker_version_id, initial_corpus_id)
  VALUES (own_tenant(), made, of_worker, called, sparse::jsonb, meaning, own_user(), for_version, for_corpus)
  ON CONFLICT (tenant_id, worker_id, digest) DO NOTHING;
  IF NOT FOUND THEN
    SELECT c.id, c.name, c.archived IS NOT NULL AS archived INTO twin FROM worker_configuration c
      WHERE c.tenant_id = own_tenant() AND c.worker_id = of_worker AND c.digest = meaning;
    PERFORM refuse(400, 'configuration_exists',
      format('The configuration %L%s has the same values.', twin.name, CASE WHEN twin.archived THEN ' (archived)' ELSE '' END),
      '["configuration"]', jsonb_build_object('existing_id', twin.id, 'archived', twin.archived, 'name', twin.name));
  END IF;
  RETURN made;
END $$;
