-- Who is a member of what, and who says so.

-- The caller's level in a group. As its owner, since the policies of groups and their members ask it.
CREATE OR REPLACE FUNCTION group_level(wanted uuid) RETURNS integer
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM user_group g WHERE g.tenant_id = own_tenant() AND g.id = wanted) THEN RETURN NULL; END IF;
  IF unrestricted() THEN RETURN 100; END IF;
  RETURN (SELECT m.level FROM group_member m WHERE m.tenant_id = own_tenant() AND m.group_id = wanted AND m.user_id = own_user());
END $$;

-- Whether the caller may make somebody a member of an object: as its administrator, or themselves as the first, of what they make.
-- As its owner: the maker does not see the object before they are a member. In the statement that makes it, it is not there yet.
CREATE OR REPLACE FUNCTION may_admit(on_corpus uuid, on_worker uuid, on_model uuid, person uuid) RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  IF coalesce(corpus_level(on_corpus), worker_level(on_worker), model_level(on_model)) >= 100 THEN RETURN true; END IF;
  RETURN coalesce(person = own_user(), false)
    AND NOT EXISTS (SELECT FROM membership m WHERE m.tenant_id = own_tenant()
      AND (m.corpus_id = on_corpus OR m.worker_id = on_worker OR m.model_id = on_model))
    AND NOT EXISTS (SELECT FROM corpus c WHERE c.tenant_id = own_tenant() AND c.id = on_corpus AND c.creator_id IS DISTINCT FROM own_user())
    AND NOT EXISTS (SELECT FROM worker w WHERE w.tenant_id = own_tenant() AND w.id = on_worker AND w.creator_id IS DISTINCT FROM own_user())
    AND NOT EXISTS (SELECT FROM model m WHERE m.tenant_id = own_tenant() AND m.id = on_model AND m.creator_id IS DISTINCT FROM own_user());
END $$;

-- The same for groups: an administrator, or the first member.
CREATE OR REPLACE FUNCTION may_join(wanted uuid, person uuid) RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  IF group_level(wanted) >= 100 THEN RETURN true; END IF;
  RETURN coalesce(person = own_user(), false)
    AND NOT EXISTS (SELECT FROM group_member m WHERE m.tenant_id = own_tenant() AND m.group_id = wanted);
END $$;

-- Whether somebody has level 100 on an object by a membership, their own or a group's.
CREATE OR REPLACE FUNCTION has_administrator(tenant uuid, kind text, object uuid) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
  CASE kind
    WHEN 'corpus' THEN RETURN EXISTS (SELECT FROM corpus_access a
      WHERE a.tenant_id = tenant AND a.corpus_id = object AND a.level = 100 AND a.user_id <> everyone());
    WHEN 'worker' THEN RETURN EXISTS (SELECT FROM worker_access a
      WHERE a.tenant_id = tenant AND a.worker_id = object AND a.level = 100 AND a.user_id <> everyone());
    WHEN 'model' THEN RETURN EXISTS (SELECT FROM model_access a
      WHERE a.tenant_id = tenant AND a.model_id = object AND a.level = 100 AND a.user_id <> everyone());
    ELSE RETURN EXISTS (SELECT FROM group_member m WHERE m.tenant_id = tenant AND m.group_id = object AND m.level = 100);
  END CASE;
END $$;

-- At least one administrator remains on what had one. The lock of flatten_access() is held by now: of two who leave at once, the second
-- sees that the first has gone. What is itself being removed needs nobody.
CREATE OR REPLACE FUNCTION membership_keeps_administrator() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  kind text := CASE WHEN OLD.corpus_id IS NOT NULL THEN 'corpus' WHEN OLD.worker_id IS NOT NULL THEN 'worker' ELSE 'model' END;
  object uuid := coalesce(OLD.corpus_id, OLD.worker_id, OLD.model_id);
  remains boolean;
BEGIN
  EXECUTE format('SELECT EXISTS (SELECT FROM %I o WHERE o.tenant_id = $1 AND o.id = $2)', kind) INTO remains USING OLD.tenant_id, object;
  IF remains AND OLD.level = 100 AND NOT has_administrator(OLD.tenant_id, kind, object) THEN
    PERFORM refuse(409, 'last_administrator', format('At least one administrator must remain on the %s.', kind));
  END IF;
  RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION group_member_keeps_administrator() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  IF OLD.level < 100 THEN RETURN NULL; END IF;
  PERFORM pg_advisory_xact_lock(hashtextextended(OLD.group_id::text, 17));
  IF EXISTS (SELECT FROM user_group g WHERE g.tenant_id = OLD.tenant_id AND g.id = OLD.group_id)
    AND NOT has_administrator(OLD.tenant_id, 'group', OLD.group_id) THEN
    PERFORM refuse(409, 'last_administrator', 'At least one administrator must remain on the group.');
  END IF;
  RETURN NULL;
END $$;

-- Named to fire after the triggers that flatten.
CREATE OR REPLACE TRIGGER membership_keeps_administrator AFTER UPDATE OR DELETE ON membership
  FOR EACH ROW EXECUTE FUNCTION membership_keeps_administrator();
CREATE OR REPLACE TRIGGER group_member_keeps_administrator AFTER UPDATE OR DELETE ON group_member
  FOR EACH ROW EXECUTE FUNCTION group_member_keeps_administrator();

-- What instance administrators grant. They have it all.
CREATE OR REPLACE FUNCTION require_permission(permission text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF instance_administrator() OR (SELECT CASE permission WHEN 'can_create_workers' THEN u.can_create_workers
      WHEN 'can_manage_workers' THEN u.can_manage_workers WHEN 'can_upload_images' THEN u.can_upload_images
      WHEN 'can_create_iiif_images' THEN u.can_create_iiif_images END
    FROM user_account u WHERE u.tenant_id = own_tenant() AND u.id = own_user()) THEN RETURN; END IF;
  PERFORM refuse(403, 'permission_denied', format('This needs the permission to %s.',
    replace(replace(substr(permission, 5), '_', ' '), 'iiif', 'IIIF')));
END $$;

-- Makes somebody, named by id or by address, or a group a member of one object.
CREATE OR REPLACE FUNCTION create_membership(who text, of_group uuid, on_corpus uuid, on_worker uuid, on_model uuid, on_group uuid, wanted integer)
RETURNS uuid LANGUAGE plpgsql AS $$
DECLARE
  kind text := CASE WHEN on_corpus IS NOT NULL THEN 'corpus' WHEN on_worker IS NOT NULL THEN 'worker' WHEN on_model IS NOT NULL THEN 'model' ELSE 'group' END;
  object uuid := coalesce(on_corpus, on_worker, on_model, on_group);
  person uuid;
  made uuid := uuid7();
  place jsonb := jsonb_build_array(CASE WHEN who IS NULL THEN 'group' ELSE 'user' END);
BEGIN
  IF num_nonnulls(who, of_group) <> 1 THEN PERFORM refuse(400, 'invalid', 'Name either a user or a group.', '["user"]'); END IF;
  IF num_nonnulls(on_corpus, on_worker, on_model, on_group) <> 1 THEN
    PERFORM refuse(400, 'invalid', 'Name one of corpus, worker, model and group_target.');
  END IF;
  PERFORM require_level(kind, object, 100, jsonb_build_array(CASE kind WHEN 'group' THEN 'group_target' ELSE kind END));
  IF kind = 'worker' THEN PERFORM require_permission('can_manage_workers'); END IF;
  IF who IS NOT NULL THEN
    SELECT u.id INTO person FROM user_account u WHERE u.tenant_id = own_tenant()
      AND (u.email_key = lower(who) OR u.id = CASE WHEN lower(who) ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' THEN who::uuid END);
    IF NOT FOUND THEN PERFORM refuse(400, 'does_not_exist', 'Nobody here has this id or e-mail address.', place); END IF;
  ELSIF kind = 'group' THEN
    PERFORM refuse(400, 'invalid', 'The members of a group are people.', place);
  ELSIF NOT EXISTS (SELECT FROM user_group g WHERE g.tenant_id = own_tenant() AND g.id = of_group) THEN
    PERFORM refuse(400, 'does_not_exist', 'There is no group with this id.', place);
  END IF;
  IF kind = 'group' THEN
    INSERT INTO group_member (tenant_id, id, group_id, user_id, level) VALUES (own_tenant(), made, on_group, person, wanted) ON CONFLICT DO NOTHING;
  ELSE
    INSERT INTO membership (tenant_id, id, user_id, group_id, corpus_id, worker_id, model_id, level)
      VALUES (own_tenant(), made, person, of_group, on_corpus, on_worker, on_model, wanted) ON CONFLICT DO NOTHING;
  END IF;
  IF NOT FOUND THEN
    PERFORM refuse(409, 'membership_exists', 'This is a member already: change the level of that membership.', place,
      jsonb_build_object('existing_id', coalesce(
        (SELECT m.id FROM group_member m WHERE m.tenant_id = own_tenant() AND m.group_id = on_group AND m.user_id = person),
        (SELECT m.id FROM membership m WHERE m.tenant_id = own_tenant() AND (m.user_id = person OR m.group_id = of_group)
          AND (m.corpus_id = on_corpus OR m.worker_id = on_worker OR m.model_id = on_model)))));
  END IF;
  PERFORM note_event('membership_created', jsonb_strip_nulls(jsonb_build_object('membership', made, 'user', person, 'group', of_group, kind, object, 'level', wanted)), on_corpus);
  RETURN made;
END $$;

-- Memberships of either table, as one.
CREATE OR REPLACE FUNCTION membership_of(wanted uuid)
RETURNS TABLE (user_id uuid, group_id uuid, corpus_id uuid, worker_id uuid, model_id uuid, on_group uuid, level smallint) LANGUAGE sql STABLE AS $$
  SELECT m.user_id, m.group_id, m.corpus_id, m.worker_id, m.model_id, NULL::uuid, m.level FROM membership m
    WHERE m.tenant_id = own_tenant() AND m.id = wanted
  UNION ALL
  SELECT m.user_id, NULL, NULL, NULL, NULL, m.group_id, m.level FROM group_member m WHERE m.tenant_id = own_tenant() AND m.id = wanted
$$;

CREATE OR REPLACE FUNCTION change_membership(wanted uuid, new_level integer) RETURNS void LANGUAGE plpgsql AS $$
DECLARE held record;
BEGIN
  SELECT * INTO held FROM membership_of(wanted);
  IF held.worker_id IS NOT NULL THEN PERFORM require_permission('can_manage_workers'); END IF;
  UPDATE membership m SET level = new_level WHERE m.tenant_id = own_tenant() AND m.id = wanted;
  UPDATE group_member m SET level = new_level WHERE m.tenant_id = own_tenant() AND m.id = wanted;
  PERFORM note_event('membership_changed', jsonb_strip_nulls(jsonb_build_object('membership', wanted, 'from', held.level, 'to', new_level) || to_jsonb(held) - 'level'), held.corpus_id);
END $$;

-- By an administrator of the object, or by the member who leaves.
CREATE OR REPLACE FUNCTION destroy_membership(wanted uuid) RETURNS void LANGUAGE plpgsql AS $$
DECLARE held record;
BEGIN
  SELECT * INTO held FROM membership_of(wanted);
  IF held.user_id IS DISTINCT FROM own_user() THEN
    PERFORM require_level('membership', wanted, 100);
    IF held.worker_id IS NOT NULL THEN PERFORM require_permission('can_manage_workers'); END IF;
  END IF;
  DELETE FROM membership m WHERE m.tenant_id = own_tenant() AND m.id = wanted;
  DELETE FROM group_member m WHERE m.tenant_id = own_tenant() AND m.id = wanted;
  PERFORM note_event('membership_destroyed', jsonb_strip_nulls(jsonb_build_object('membership', wanted) || to_jsonb(held)), held.corpus_id);
END $$;

-- Its maker is its first administrator.
CREATE OR REPLACE FUNCTION create_group(called text, is_public boolean) RETURNS uuid LANGUAGE plpgsql AS $$
DECLARE made uuid := uuid7();
BEGIN
  INSERT INTO user_group (tenant_id, id, name, public) VALUES (own_tenant(), made, called, is_public);
  INSERT INTO group_member (tenant_id, id, group_id, user_id, level) VALUES (own_tenant(), uuid7(), made, own_user(), 100);
  PERFORM note_event('group_created', jsonb_strip_nulls(jsonb_build_object('group', made, 'name', called)));
  RETURN made;
END $$;

CREATE OR REPLACE FUNCTION destroy_group(wanted uuid) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM note_event('group_destroyed', jsonb_strip_nulls(jsonb_build_object('group', wanted,
    'name', (SELECT g.name FROM user_group g WHERE g.tenant_id = own_tenant() AND g.id = wanted))));
  DELETE FROM user_group g WHERE g.tenant_id = own_tenant() AND g.id = wanted;
END $$;
