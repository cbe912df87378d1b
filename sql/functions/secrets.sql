-- Secrets of the Enterprise edition: names that configurations refer to, and values that reach tasks alone.

-- What the Community edition does not have.
CREATE OR REPLACE FUNCTION require_enterprise() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF (SELECT d.edition FROM deployment d) <> 'enterprise' THEN
    PERFORM refuse(404, 'not_in_this_edition', 'This is part of the Enterprise edition.');
  END IF;
END $$;

CREATE OR REPLACE FUNCTION create_secret(called text, for_worker uuid, sealed text) RETURNS uuid LANGUAGE plpgsql AS $$
DECLARE made uuid := uuid7();
BEGIN
  IF for_worker IS NOT NULL THEN PERFORM require_level('worker', for_worker, 100, '["worker"]'); END IF;
  INSERT INTO secret (tenant_id, id, name, worker_id, creator_id, sealed)
  VALUES (own_tenant(), made, called, for_worker, own_user(), decode(create_secret.sealed, 'hex'));
  PERFORM note_event('secret_created', jsonb_build_object('secret', made, 'name', called, 'worker', for_worker));
  RETURN made;
END $$;

CREATE OR REPLACE FUNCTION destroy_secret(wanted uuid) RETURNS void LANGUAGE plpgsql AS $$
DECLARE called text;
BEGIN
  DELETE FROM secret s WHERE s.tenant_id = own_tenant() AND s.id = wanted RETURNING s.name INTO called;
  IF NOT FOUND THEN PERFORM refuse(404, 'not_found', 'There is no secret with this id.'); END IF;
  PERFORM note_event('secret_deleted', jsonb_build_object('secret', wanted, 'name', called));
END $$;

-- A secret as it is kept, for the task whose configuration names it in a field of type secret, or for an instance administrator, who is
-- noted. The runtime role itself cannot read what is sealed.
CREATE OR REPLACE FUNCTION retrieve_secret(called text) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  wanted secret;
  its_run uuid;
BEGIN
  IF own_task() IS NULL AND NOT instance_administrator() THEN
    PERFORM refuse(403, 'permission_denied', 'Secrets are read by the tasks that need them, and by instance administrators.');
  END IF;
  SELECT * INTO wanted FROM secret s WHERE s.tenant_id = own_tenant() AND s.name = called;
  IF own_task() IS NOT NULL THEN
    SELECT t.worker_run_id INTO its_run FROM task t WHERE t.tenant_id = own_tenant() AND t.id = own_task();
    IF (wanted.worker_id IS NOT NULL AND wanted.worker_id IS DISTINCT FROM own_task_worker()) OR NOT EXISTS (
        SELECT FROM jsonb_array_elements(effective_configuration(its_run)) AS used (entry)
        WHERE (entry->>'secret')::boolean AND (entry->'value' = to_jsonb(called) OR entry->'value' @> jsonb_build_array(called))) THEN
      wanted.id := NULL;
    END IF;
  ELSIF wanted.id IS NOT NULL THEN
    PERFORM note_event('secret_read', jsonb_build_object('secret', wanted.id, 'name', called));
  END IF;
  IF wanted.id IS NULL THEN PERFORM refuse(404, 'not_found', 'There is no secret with this name, or no configuration of this task names it.'); END IF;
  RETURN encode(wanted.sealed, 'hex');
END $$;

-- For the owner: [{tenant, id, before, after}], all or none; one that is gone, or sealed otherwise meanwhile, is left alone.
CREATE OR REPLACE FUNCTION reseal_secrets(batch jsonb) RETURNS bigint LANGUAGE sql AS $$
  WITH resealed AS (
    UPDATE secret s SET sealed = decode(b.after, 'hex') FROM jsonb_to_recordset(batch) AS b (tenant uuid, id uuid, before text, after text)
    WHERE s.tenant_id = b.tenant AND s.id = b.id AND s.sealed = decode(b.before, 'hex') RETURNING s.tenant_id
  ), noted AS (
    INSERT INTO audit_event (tenant_id, id, kind, detail)
    SELECT r.tenant_id, uuid7(), 'secrets_resealed', jsonb_build_object('secrets', count(*), 'by', session_user) FROM resealed r GROUP BY r.tenant_id
  )
  SELECT count(*) FROM resealed
$$;
REVOKE ALL ON FUNCTION reseal_secrets(jsonb) FROM PUBLIC;
