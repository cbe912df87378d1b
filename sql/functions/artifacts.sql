-- Artifacts: the files that a task leaves. It alone makes them, as long as it runs and for a minute afterwards.

CREATE OR REPLACE FUNCTION create_artifact(of_task uuid, at_path text, of_type text, its_size bigint) RETURNS uuid LANGUAGE plpgsql AS $$
DECLARE made uuid;
BEGIN
  IF own_task() IS DISTINCT FROM of_task THEN
    PERFORM refuse(403, 'permission_denied', 'Only the task itself may leave artifacts: authenticate with its own token.');
  END IF;
  -- What an earlier attempt has left is replaced.
  INSERT INTO artifact AS a (tenant_id, id, task_id, path, content_type, size)
  VALUES (own_tenant(), uuid7(), of_task, at_path, of_type, its_size)
  ON CONFLICT (tenant_id, task_id, path) DO UPDATE SET content_type = excluded.content_type, size = excluded.size, digest = NULL, updated = now()
  RETURNING a.id INTO made;
  RETURN made;
END $$;

CREATE OR REPLACE FUNCTION expected_artifact(wanted uuid) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE announced bigint := (SELECT a.size FROM artifact a WHERE a.tenant_id = own_tenant() AND a.id = wanted);
BEGIN
  IF announced IS NULL THEN PERFORM refuse(404, 'not_found', 'There is no such artifact.'); END IF;
  RETURN announced;
END $$;

CREATE OR REPLACE FUNCTION keep_artifact(wanted uuid, its_digest text, its_md5 text, its_size bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  UPDATE artifact a SET digest = keep_file(its_digest, its_md5, its_size), updated = now()
    WHERE a.tenant_id = own_tenant() AND a.id = wanted AND a.size = its_size;
  IF NOT FOUND THEN PERFORM refuse(409, 'changed', 'This artifact was announced anew meanwhile, or is gone.'); END IF;
END $$;
