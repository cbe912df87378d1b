-- Accounts and their secrets.

-- Counts an attempt to sign in, whether or not anybody has the address; ten in five minutes are enough for a person.
CREATE OR REPLACE FUNCTION attempt_sign_in(address text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE counted record;
BEGIN
  INSERT INTO sign_in_attempt AS a (tenant_id, bucket, failures, since)
    VALUES (own_tenant(), hashtextextended(address, 0) & 1048575, 1, now())
    ON CONFLICT (tenant_id, bucket) DO UPDATE SET
      failures = CASE WHEN a.since < now() - interval '5 minutes' THEN 1 ELSE a.failures + 1 END,
      since = CASE WHEN a.since < now() - interval '5 minutes' THEN now() ELSE a.since END
    RETURNING a.failures, ceil(extract(epoch FROM a.since + interval '5 minutes' - now()))::integer AS seconds INTO counted;
  IF counted.failures > 10 THEN
    PERFORM refuse(429, 'too_many_attempts', format('Too many attempts to sign in with this address. Try again in %s seconds.', counted.seconds),
      NULL, jsonb_build_object('retry_after', counted.seconds));
  END IF;
END $$;

CREATE OR REPLACE FUNCTION forget_sign_in_attempts(address text) RETURNS void LANGUAGE sql AS $$
  DELETE FROM sign_in_attempt a WHERE a.tenant_id = own_tenant() AND a.bucket = hashtextextended(address, 0) & 1048575
$$;

-- A password that was changed leaves nobody signed in. Named tokens stay: they are revoked by name.
CREATE OR REPLACE FUNCTION change_password(person uuid, hash text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  UPDATE user_account u SET password_hash = hash WHERE u.tenant_id = own_tenant() AND u.id = person;
  DELETE FROM session s WHERE s.tenant_id = own_tenant() AND s.user_id = person;
  DELETE FROM api_token t WHERE t.tenant_id = own_tenant() AND t.user_id = person AND t.name = 'Login';
  PERFORM note_event('password_changed', jsonb_strip_nulls(jsonb_build_object('user', person)));
END $$;

CREATE OR REPLACE FUNCTION create_user(made uuid, address text, address_key text, called text, hash text, admin boolean,
  create_workers boolean, manage_workers boolean, upload_images boolean, create_iiif_images boolean) RETURNS uuid LANGUAGE plpgsql AS $$
DECLARE given boolean := coalesce(admin, false) OR (SELECT d.edition FROM deployment d) = 'community';
BEGIN
  INSERT INTO user_account (tenant_id, id, email, email_key, display_name, password_hash, is_admin, can_create_workers,
    can_manage_workers, can_upload_images, can_create_iiif_images)
  VALUES (own_tenant(), made, address, address_key, called, hash, coalesce(admin, false), coalesce(create_workers, given),
    coalesce(manage_workers, given), coalesce(upload_images, given), coalesce(create_iiif_images, given));
  PERFORM note_event('user_created', jsonb_strip_nulls(jsonb_build_object('user', made, 'email', address, 'is_admin', coalesce(admin, false))));
  RETURN made;
END $$;

CREATE OR REPLACE FUNCTION change_user(wanted uuid, called text, hash text, admin boolean,
  create_workers boolean, manage_workers boolean, upload_images boolean, create_iiif_images boolean) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  -- Of two administrators who are dismissed at once, the second waits here and finds nobody left.
  PERFORM pg_advisory_xact_lock(hashtextextended(own_tenant()::text, 17));
  IF NOT EXISTS (SELECT FROM user_account u WHERE u.tenant_id = own_tenant() AND u.id = wanted) THEN
    PERFORM refuse(404, 'not_found', 'There is no user with this id.');
  END IF;
  UPDATE user_account u SET display_name = coalesce(called, u.display_name), is_admin = coalesce(admin, u.is_admin),
    can_create_workers = coalesce(create_workers, u.can_create_workers), can_manage_workers = coalesce(manage_workers, u.can_manage_workers),
    can_upload_images = coalesce(upload_images, u.can_upload_images),
    can_create_iiif_images = coalesce(create_iiif_images, u.can_create_iiif_images)
  WHERE u.tenant_id = own_tenant() AND u.id = wanted;
  IF NOT EXISTS (SELECT FROM user_account u WHERE u.tenant_id = own_tenant() AND u.is_admin) THEN
    PERFORM refuse(409, 'last_administrator', 'At least one instance administrator must remain.');
  END IF;
  IF hash IS NOT NULL THEN PERFORM change_password(wanted, hash); END IF;
  PERFORM note_event('user_changed', jsonb_strip_nulls(jsonb_build_object('user', wanted, 'is_admin', admin, 'can_create_workers', create_workers,
    'can_manage_workers', manage_workers, 'can_upload_images', upload_images, 'can_create_iiif_images', create_iiif_images)));
END $$;

-- People change their own accounts, but not what these may do.
CREATE OR REPLACE FUNCTION user_account_keeps_rights() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF current_user = 'palimpsest_app' AND NOT instance_administrator()
    AND (OLD.is_admin, OLD.can_create_workers, OLD.can_manage_workers, OLD.can_upload_images, OLD.can_create_iiif_images)
      IS DISTINCT FROM (NEW.is_admin, NEW.can_create_workers, NEW.can_manage_workers, NEW.can_upload_images, NEW.can_create_iiif_images) THEN
    PERFORM refuse(403, 'permission_denied', 'Only instance administrators may do this.');
  END IF;
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER user_account_keeps_rights BEFORE UPDATE ON user_account
  FOR EACH ROW EXECUTE FUNCTION user_account_keeps_rights();

CREATE OR REPLACE FUNCTION create_own_token(called text, with_scope text, until timestamptz, secret_digest bytea)
RETURNS TABLE (id uuid, name text, scope text, expires timestamptz, created timestamptz) LANGUAGE plpgsql AS $$
#variable_conflict use_column
BEGIN
  IF until <= now() THEN PERFORM refuse(400, 'invalid', 'The token would have expired already.', '["expires"]'); END IF;
  PERFORM note_event('token_created', jsonb_strip_nulls(jsonb_build_object('name', called, 'scope', with_scope, 'expires', until)));
  RETURN QUERY INSERT INTO api_token AS t (tenant_id, id, user_id, name, digest, scope, expires)
    VALUES (own_tenant(), uuid7(), own_user(), called, secret_digest, with_scope, until) RETURNING t.id, t.name, t.scope, t.expires, t.created;
END $$;

CREATE OR REPLACE FUNCTION destroy_own_token(wanted uuid) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  DELETE FROM api_token t WHERE t.tenant_id = own_tenant() AND t.id = wanted AND t.user_id = own_user();
  IF NOT FOUND THEN PERFORM refuse(404, 'not_found', 'You have no token with this id.'); END IF;
  PERFORM note_event('token_destroyed', jsonb_strip_nulls(jsonb_build_object('token', wanted)));
END $$;

CREATE OR REPLACE FUNCTION destroy_own_session(wanted uuid) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  DELETE FROM session s WHERE s.tenant_id = own_tenant() AND s.id = wanted AND s.user_id = own_user();
  IF NOT FOUND THEN PERFORM refuse(404, 'not_found', 'You have no session with this id.'); END IF;
END $$;
