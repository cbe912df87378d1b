-- Capabilities: addresses that work without credentials, for one object, one verb, until an end.
--
-- A capability is written <tenant>.<until>.<mac>. until is e<seconds since 1970 in hexadecimal>, or t<task>-<attempt>: as long as that
-- attempt runs. The mac is the first half of HMAC-SHA256 of the object under a key that is derived, again by HMAC, from the tenant's key,
-- the kind of object, the verb and until. A statement derives once, and signs each of its rows with two short hashes.

-- RFC 2104: the key, filled with zeros to a block of 64 bytes, each byte XOR that of filler.
-- In PL/pgSQL, since PostgreSQL plans the body of an SQL function anew for every statement, and each answer with an image signs.
CREATE OR REPLACE FUNCTION hmac_pad(key bytea, filler bigint) RETURNS bytea LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
  RETURN (SELECT string_agg(int8send(('x' || encode(substring(block FROM n FOR 8), 'hex'))::bit(64)::bigint # filler), '' ORDER BY n)
    FROM (SELECT key || decode(repeat('00', 64 - octet_length(key)), 'hex')) AS filled (block), generate_series(1, 57, 8) AS n);
END $$;
CREATE OR REPLACE FUNCTION hmac_inner_pad(key bytea) RETURNS bytea LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
  $$ SELECT hmac_pad(key, 3906369333256140342) $$; -- 0x36 eight times
CREATE OR REPLACE FUNCTION hmac_outer_pad(key bytea) RETURNS bytea LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
  $$ SELECT hmac_pad(key, 6655295901103053916) $$; -- 0x5c eight times

-- HMAC-SHA256 for keys of at most 64 bytes.
CREATE OR REPLACE FUNCTION hmac_sha256(key bytea, message bytea) RETURNS bytea LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
  $$ SELECT sha256(hmac_outer_pad(key) || sha256(hmac_inner_pad(key) || message)) $$;

-- What is signed first: no field can run into the next.
CREATE OR REPLACE FUNCTION capability_scope(kind text, verb text, until text) RETURNS bytea LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
  $$ SELECT convert_to(jsonb_build_array(kind, verb, until)::text, 'UTF8') $$;

-- The pads of the derived key, and what every capability of this scope begins with. It hands out no key, but the right to sign in this one
-- scope; the runtime role cannot read the tenant's key itself.
CREATE OR REPLACE FUNCTION capability_signer(kind text, verb text, until text, OUT beginning text, OUT inner_pad bytea, OUT outer_pad bytea)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE derived bytea;
BEGIN
  SELECT hmac_sha256(k.key, capability_scope(kind, verb, until)) INTO STRICT derived FROM capability_key k
    WHERE k.tenant_id = own_tenant() AND k.retired IS NULL;
  beginning := replace(own_tenant()::text, '-', '') || '.' || until || '.';
  inner_pad := hmac_inner_pad(derived);
  outer_pad := hmac_outer_pad(derived);
END $$;

-- One capability out of a signer.
CREATE OR REPLACE FUNCTION capability_of(object text, beginning text, inner_pad bytea, outer_pad bytea) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT beginning || encode(substring(sha256(outer_pad || sha256(inner_pad || convert_to(object, 'UTF8'))) FROM 1 FOR 16), 'hex')
$$;

CREATE OR REPLACE FUNCTION capability(kind text, verb text, object text, until text) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT capability_of(object, s.beginning, s.inner_pad, s.outer_pad) FROM capability_signer(kind, verb, until) AS s
$$;

-- How long an address lasts that is given to this caller: as long as the attempt for a task, else this long.
CREATE OR REPLACE FUNCTION capability_until(lasting interval) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT coalesce(until_task(), 'e' || to_hex(extract(epoch FROM now() + lasting)::bigint))
$$;

-- The same on the hour, between one hour and two from now: everyone gets the same address meanwhile, so caches work.
CREATE OR REPLACE FUNCTION capability_until_the_hour() RETURNS text LANGUAGE sql STABLE AS $$
  SELECT coalesce(until_task(), 'e' || to_hex((extract(epoch FROM now())::bigint / 3600 + 2) * 3600))
$$;

-- Null for who is not a task.
CREATE OR REPLACE FUNCTION until_task() RETURNS text LANGUAGE plpgsql STABLE AS $$
BEGIN
  IF own_task() IS NULL THEN RETURN NULL; END IF;
  RETURN (SELECT 't' || replace(t.id::text, '-', '') || '-' || t.attempt FROM task t WHERE t.tenant_id = own_tenant() AND t.id = own_task());
END $$;

-- The whole address of a transfer, with its capability in the query. path is that of the request, the object in its place.
CREATE OR REPLACE FUNCTION capability_url(path text, kind text, verb text, object text, until text) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT own_origin() || path || '?capability=' || capability(kind, verb, object, until)
$$;

-- Whether a capability is one of ours, for this object and verb, and its end has not come. Keys that were retired count until their time.
CREATE OR REPLACE FUNCTION capability_holds(kind text, verb text, object text, until text, mac text) RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  IF until ~ '^e[0-9a-f]{1,12}$' THEN
    IF ('x' || lpad(substring(until FROM 2), 16, '0'))::bit(64)::bigint <= extract(epoch FROM now()) THEN RETURN false; END IF;
  ELSIF until ~ '^t[0-9a-f]{32}-[0-9]{1,5}$' THEN
    IF NOT EXISTS (SELECT FROM task t WHERE t.tenant_id = own_tenant() AND t.id = substring(until FROM 2 FOR 32)::uuid
      AND t.attempt = substring(until FROM 35)::integer AND t.state IN ('running', 'stopping') AND t.lease_until > now())
    THEN RETURN false; END IF;
  ELSE
    RETURN false;
  END IF;
  -- Hashed again, so that the time which the comparison takes tells nothing.
  RETURN EXISTS (SELECT FROM capability_key k WHERE k.tenant_id = own_tenant() AND (k.retired IS NULL OR k.retired > now())
    AND sha256(substring(hmac_sha256(hmac_sha256(k.key, capability_scope(kind, verb, until)), convert_to(object, 'UTF8')) FROM 1 FOR 16))
      = sha256(decode(CASE WHEN mac ~ '^[0-9a-f]{32}$' THEN mac ELSE '' END, 'hex')));
END $$;

-- A new key signs from now on. What the old one signed is accepted for a day, which is longer than any address lasts, or not at all.
CREATE OR REPLACE FUNCTION rotate_capability_key(tenant uuid, at_once boolean) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  UPDATE capability_key k SET retired = CASE WHEN at_once THEN now() ELSE now() + interval '1 day' END
    WHERE k.tenant_id = tenant AND (k.retired IS NULL OR at_once AND k.retired > now());
  PERFORM add_capability_key(tenant);
  DELETE FROM capability_key k WHERE k.tenant_id = tenant AND k.retired < now() - interval '7 days';
  INSERT INTO audit_event (tenant_id, id, kind, detail)
    VALUES (tenant, uuid7(), 'capability_key_rotated', jsonb_build_object('at_once', at_once, 'by', session_user));
END $$;
REVOKE ALL ON FUNCTION rotate_capability_key(uuid, boolean) FROM PUBLIC;

CREATE OR REPLACE FUNCTION add_capability_key(tenant uuid) RETURNS void LANGUAGE sql AS $$
  INSERT INTO capability_key (tenant_id, id, key)
  VALUES (tenant, uuid7(), sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())))
$$;
REVOKE ALL ON FUNCTION add_capability_key(uuid) FROM PUBLIC;

CREATE OR REPLACE FUNCTION tenant_added() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  PERFORM add_capability_key(NEW.tenant_id);
  RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER tenant_has_a_capability_key AFTER INSERT ON tenant FOR EACH ROW EXECUTE FUNCTION tenant_added();
