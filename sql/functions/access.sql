-- Rights. Memberships are flattened into one row a person and object when they change, so that asking is one look-up by key.
-- In PL/pgSQL, whose plans outlive a query: PostgreSQL plans the body of an SQL function anew for every query that calls it.

CREATE OR REPLACE FUNCTION corpus_level(corpus uuid) RETURNS integer LANGUAGE plpgsql STABLE AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM corpus c WHERE c.tenant_id = own_tenant() AND c.id = corpus) THEN RETURN NULL; END IF;
  IF unrestricted() THEN RETURN 100; END IF;
  IF own_task() IS NOT NULL THEN RETURN CASE WHEN corpus = own_task_corpus() THEN 50 END; END IF;
  RETURN (SELECT max(a.level) FROM corpus_access a
    WHERE a.tenant_id = own_tenant() AND a.corpus_id = corpus AND a.user_id IN (coalesce(own_user(), everyone()), everyone()));
END $$;

CREATE OR REPLACE FUNCTION worker_level(worker uuid) RETURNS integer LANGUAGE plpgsql STABLE AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM worker w WHERE w.tenant_id = own_tenant() AND w.id = worker) THEN RETURN NULL; END IF;
  IF unrestricted() THEN RETURN 100; END IF;
  IF own_task() IS NOT NULL THEN RETURN CASE WHEN worker = own_task_worker() THEN 10 END; END IF;
  RETURN (SELECT max(a.level) FROM worker_access a
    WHERE a.tenant_id = own_tenant() AND a.worker_id = worker AND own_user() IS NOT NULL AND a.user_id IN (own_user(), everyone()));
END $$;

CREATE OR REPLACE FUNCTION model_level(model uuid) RETURNS integer LANGUAGE plpgsql STABLE AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM model m WHERE m.tenant_id = own_tenant() AND m.id = model) THEN RETURN NULL; END IF;
  IF unrestricted() THEN RETURN 100; END IF;
  IF own_task() IS NOT NULL THEN RETURN CASE model WHEN own_task_trained_model() THEN 50 WHEN own_task_model() THEN 10 END; END IF;
  RETURN (SELECT max(a.level) FROM model_access a
    WHERE a.tenant_id = own_tenant() AND a.model_id = model AND own_user() IS NOT NULL AND a.user_id IN (own_user(), everyone()));
END $$;

-- The model version that the caller's task runs with.
CREATE OR REPLACE FUNCTION own_task_model_version() RETURNS uuid LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN (SELECT r.model_version_id FROM task t JOIN worker_run r ON r.tenant_id = own_tenant() AND r.id = t.worker_run_id
    WHERE t.tenant_id = own_tenant() AND t.id = own_task());
END $$;

-- A process without a corpus is its creator's alone.
CREATE OR REPLACE FUNCTION process_level(process uuid) RETURNS integer LANGUAGE plpgsql STABLE AS $$
DECLARE given record;
BEGIN
  SELECT p.corpus_id, p.creator_id INTO given FROM process p WHERE p.tenant_id = own_tenant() AND p.id = process;
  IF NOT FOUND THEN RETURN NULL; END IF;
  IF given.corpus_id IS NOT NULL THEN RETURN corpus_level(given.corpus_id); END IF;
  RETURN CASE WHEN given.creator_id = own_user() OR instance_administrator() THEN 100 END;
END $$;

-- The caller's level on an object of any kind; null when there is none that they may see.
CREATE OR REPLACE FUNCTION level_on(kind text, object uuid) RETURNS integer LANGUAGE plpgsql STABLE AS $$
BEGIN
  CASE kind
    WHEN 'corpus' THEN RETURN corpus_level(object);
    WHEN 'image' THEN RETURN image_level(object);
    WHEN 'element' THEN RETURN (SELECT corpus_level(e.corpus_id) FROM element e WHERE e.tenant_id = own_tenant() AND e.id = object);
    WHEN 'transcription' THEN
      RETURN (SELECT corpus_level(t.corpus_id) FROM transcription t WHERE t.tenant_id = own_tenant() AND t.id = object);
    WHEN 'classification' THEN
      RETURN (SELECT corpus_level(c.corpus_id) FROM classification c WHERE c.tenant_id = own_tenant() AND c.id = object);
    WHEN 'dataset' THEN RETURN (SELECT corpus_level(d.corpus_id) FROM dataset d WHERE d.tenant_id = own_tenant() AND d.id = object);
    WHEN 'export' THEN RETURN (SELECT corpus_level(x.corpus_id) FROM corpus_export x WHERE x.tenant_id = own_tenant() AND x.id = object);
    WHEN 'metadata' THEN
      RETURN (SELECT corpus_level(m.corpus_id) FROM metadata m WHERE m.tenant_id = own_tenant() AND m.id = object);
    WHEN 'user' THEN
      RETURN (SELECT 10 FROM user_account u WHERE u.tenant_id = own_tenant() AND u.id = object AND (own_user() IS NOT NULL OR unrestricted()));
    WHEN 'group' THEN RETURN group_level(object);
    WHEN 'membership' THEN
      RETURN coalesce(
        (SELECT coalesce(corpus_level(m.corpus_id), worker_level(m.worker_id), model_level(m.model_id)) FROM membership m
          WHERE m.tenant_id = own_tenant() AND m.id = object),
        (SELECT group_level(m.group_id) FROM group_member m WHERE m.tenant_id = own_tenant() AND m.id = object));
    WHEN 'process' THEN RETURN process_level(object);
    WHEN 'worker_run' THEN RETURN run_level(object);
    WHEN 'task' THEN RETURN (SELECT process_level(t.process_id) FROM task t WHERE t.tenant_id = own_tenant() AND t.id = object);
    -- Who may see a job may do with it what there is to do.
    WHEN 'job' THEN RETURN (SELECT 100 FROM job j WHERE j.tenant_id = own_tenant() AND j.id = object);
    WHEN 'worker' THEN RETURN worker_level(object);
    WHEN 'worker_version' THEN
      RETURN (SELECT worker_level(v.worker_id) FROM worker_version v WHERE v.tenant_id = own_tenant() AND v.id = object);
    WHEN 'worker_configuration' THEN
      RETURN (SELECT worker_level(c.worker_id) FROM worker_configuration c WHERE c.tenant_id = own_tenant() AND c.id = object);
    WHEN 'model' THEN RETURN model_level(object);
    WHEN 'secret' THEN
      RETURN (SELECT CASE WHEN instance_administrator() THEN 100 ELSE 10 END FROM secret s WHERE s.tenant_id = own_tenant() AND s.id = object);
    WHEN 'model_version' THEN
      RETURN (SELECT model_level(v.model_id) FROM model_version v WHERE v.tenant_id = own_tenant() AND v.id = object);
  END CASE;
END $$;

-- What clients know as rights: of read, write and admin, those that a level has.
CREATE OR REPLACE FUNCTION rights_of(level integer) RETURNS jsonb LANGUAGE sql IMMUTABLE AS
  $$ SELECT to_jsonb((ARRAY['read', 'write', 'admin'])[1:width_bucket(coalesce(level, 0), ARRAY[10, 50, 100])]) $$;

CREATE OR REPLACE FUNCTION level_name(level integer) RETURNS text LANGUAGE sql IMMUTABLE AS
  $$ SELECT CASE level WHEN 10 THEN 'guest' WHEN 50 THEN 'contributor' ELSE 'admin' END $$;

-- 404 for what the caller may not see, 403 with the missing level for what they may see but not do.
CREATE OR REPLACE FUNCTION require_level(kind text, object uuid, needed integer, attr jsonb DEFAULT NULL) RETURNS void LANGUAGE plpgsql AS $$
DECLARE held integer := level_on(kind, object);
BEGIN
  IF held IS NULL THEN
    IF attr IS NULL THEN PERFORM refuse(404, 'not_found', format('There is no %s with this id.', replace(kind, '_', ' ')));
    ELSE PERFORM refuse(400, 'does_not_exist', format('There is no %s with this id.', replace(kind, '_', ' ')), attr); END IF;
  ELSIF held < needed THEN
    PERFORM refuse(403, 'permission_denied', format('This needs %s access to the %s.', level_name(needed), replace(kind, '_', ' ')), attr);
  END IF;
END $$;

CREATE OR REPLACE FUNCTION require_instance_administrator() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF NOT instance_administrator() THEN
    PERFORM refuse(403, 'permission_denied', 'Only instance administrators may do this.');
  END IF;
END $$;

-- One row a person: the highest of what each path gives, a path through a group capped by the level in the group.
CREATE OR REPLACE FUNCTION flatten_access(tenant uuid, object_kind text, object uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  -- One at a time for each object: of two that change its members at once, the second counts what the first has written.
  PERFORM pg_advisory_xact_lock(hashtextextended(object::text, 17));
  EXECUTE format('DELETE FROM %I WHERE tenant_id = $1 AND %I = $2', object_kind || '_access', object_kind || '_id') USING tenant, object;
  EXECUTE format(
    'INSERT INTO %1$I (tenant_id, user_id, %2$I, level)
     SELECT $1, person, $2, max(level) FROM (
       SELECT m.user_id AS person, m.level FROM membership m WHERE m.tenant_id = $1 AND m.%2$I = $2 AND m.user_id IS NOT NULL
       UNION ALL
       SELECT g.user_id, least(g.level, m.level) FROM membership m JOIN group_member g ON g.tenant_id = $1 AND g.group_id = m.group_id
         WHERE m.tenant_id = $1 AND m.%2$I = $2
       UNION ALL
       SELECT everyone(), 10::smallint FROM %3$I o WHERE o.tenant_id = $1 AND o.id = $2 AND o.public
     ) AS paths GROUP BY person',
    object_kind || '_access', object_kind || '_id', object_kind) USING tenant, object;
END $$;

CREATE OR REPLACE FUNCTION membership_changed() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  changed membership := CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
  kind text := CASE WHEN changed.corpus_id IS NOT NULL THEN 'corpus' WHEN changed.worker_id IS NOT NULL THEN 'worker' ELSE 'model' END;
BEGIN
  PERFORM flatten_access(changed.tenant_id, kind, coalesce(changed.corpus_id, changed.worker_id, changed.model_id));
  RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION group_member_changed() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  changed group_member := CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
  held membership;
BEGIN
  FOR held IN SELECT * FROM membership m WHERE m.tenant_id = changed.tenant_id AND m.group_id = changed.group_id
    ORDER BY coalesce(m.corpus_id, m.worker_id, m.model_id) LOOP
    PERFORM flatten_access(held.tenant_id,
      CASE WHEN held.corpus_id IS NOT NULL THEN 'corpus' WHEN held.worker_id IS NOT NULL THEN 'worker' ELSE 'model' END,
      coalesce(held.corpus_id, held.worker_id, held.model_id));
    IF TG_OP <> 'INSERT' AND OLD.level = 100 AND held.level = 100 AND NOT has_administrator(held.tenant_id,
        CASE WHEN held.corpus_id IS NOT NULL THEN 'corpus' WHEN held.worker_id IS NOT NULL THEN 'worker' ELSE 'model' END,
        coalesce(held.corpus_id, held.worker_id, held.model_id)) THEN
      PERFORM refuse(409, 'last_administrator', 'At least one administrator must remain on everything that the group administers.');
    END IF;
  END LOOP;
  RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION public_changed() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  PERFORM flatten_access(NEW.tenant_id, TG_TABLE_NAME::text, NEW.id);
  IF NEW.public IS DISTINCT FROM (CASE TG_OP WHEN 'UPDATE' THEN OLD.public ELSE false END) THEN
    -- In the row's own tenant, whoever made it: commands work without one.
    INSERT INTO audit_event (tenant_id, id, actor_id, kind, corpus_id, detail)
    VALUES (NEW.tenant_id, uuid7(), own_user(), CASE WHEN NEW.public THEN 'made_public' ELSE 'made_private' END,
      CASE TG_TABLE_NAME WHEN 'corpus' THEN NEW.id END, jsonb_build_object('kind', TG_TABLE_NAME, 'id', NEW.id, 'name', NEW.name));
  END IF;
  RETURN NULL;
END $$;

CREATE OR REPLACE TRIGGER membership_flattened AFTER INSERT OR UPDATE OR DELETE ON membership
  FOR EACH ROW EXECUTE FUNCTION membership_changed();
CREATE OR REPLACE TRIGGER group_member_flattened AFTER INSERT OR UPDATE OR DELETE ON group_member
  FOR EACH ROW EXECUTE FUNCTION group_member_changed();
CREATE OR REPLACE TRIGGER corpus_public_flattened AFTER INSERT OR UPDATE OF public ON corpus
  FOR EACH ROW EXECUTE FUNCTION public_changed();
CREATE OR REPLACE TRIGGER worker_public_flattened AFTER INSERT OR UPDATE OF public ON worker
  FOR EACH ROW EXECUTE FUNCTION public_changed();
CREATE OR REPLACE TRIGGER model_public_flattened AFTER INSERT OR UPDATE OF public ON model
  FOR EACH ROW EXECUTE FUNCTION public_changed();
REVOKE ALL ON FUNCTION flatten_access(uuid, text, uuid) FROM PUBLIC;

-- Whoever is not signed in is told so, together with what clients ask before they sign in.
CREATE OR REPLACE FUNCTION require_user() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF own_user() IS NULL THEN
    PERFORM refuse(401, 'not_authenticated', 'Authentication credentials were not provided.', NULL, jsonb_build_object('features',
      (SELECT jsonb_build_object('oidc', false, 'signup', false, 'enterprise', d.edition = 'enterprise') FROM deployment d)));
  END IF;
END $$;
