-- Archives of model versions: one PUT, or parts that are put together. Addresses that take or give bytes are capabilities; the
-- functions that they lead to see the whole tenant, and touch nothing but what the address names.

CREATE OR REPLACE TRIGGER model_version_file_let_go AFTER DELETE OR UPDATE OF archive_digest ON model_version
  FOR EACH ROW EXECUTE FUNCTION file_let_go('archive_digest');
CREATE OR REPLACE TRIGGER multipart_part_file_let_go AFTER DELETE OR UPDATE OF digest ON multipart_part
  FOR EACH ROW EXECUTE FUNCTION file_let_go('digest');
CREATE OR REPLACE TRIGGER artifact_file_let_go AFTER DELETE OR UPDATE OF digest ON artifact
  FOR EACH ROW EXECUTE FUNCTION file_let_go('digest');

-- Whether the caller may still send the archive of a version.
CREATE OR REPLACE FUNCTION fills_model_version(given model_version) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT given.state = 'created' AND (coalesce(given.creator_id = own_user() OR given.task_id = own_task(), false) OR model_level(given.model_id) >= 100)
$$;

CREATE OR REPLACE FUNCTION require_waiting_for_archive(given model_version) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF given.id IS NULL THEN PERFORM refuse(404, 'not_found', 'There is no model version with this id.'); END IF;
  IF given.state <> 'created' THEN
    PERFORM refuse(409, 'wrong_state', format('This model version is %s: its archive no longer changes.', given.state));
  END IF;
END $$;

-- What an archive that is about to come has to be.
CREATE OR REPLACE FUNCTION expected_archive(version uuid, OUT size bigint, OUT md5 text) LANGUAGE plpgsql AS $$
DECLARE given model_version;
BEGIN
  SELECT * INTO given FROM model_version v WHERE v.tenant_id = own_tenant() AND v.id = version AND v.tombstone IS NULL;
  PERFORM require_waiting_for_archive(given);
  size := given.size;
  md5 := given.archive_hash;
END $$;

-- Gives a version an archive that has come. With an archive that was announced it is available; of another, somebody has to say so.
CREATE OR REPLACE FUNCTION keep_archive(version uuid, its_digest text, its_md5 text, its_size bigint, complete boolean) RETURNS void LANGUAGE plpgsql AS $$
DECLARE given model_version;
BEGIN
  SELECT * INTO given FROM model_version v WHERE v.tenant_id = own_tenant() AND v.id = version AND v.tombstone IS NULL FOR UPDATE;
  PERFORM require_waiting_for_archive(given);
  -- Somebody has announced another one while this came.
  IF given.archive_hash <> its_md5 OR given.size <> its_size THEN
    PERFORM refuse(409, 'digest_mismatch', 'Another archive was announced meanwhile.');
  END IF;
  UPDATE model_version v SET archive_digest = keep_file(its_digest, its_md5, its_size),
    size = CASE WHEN complete THEN its_size ELSE v.size END, archive_hash = CASE WHEN complete THEN its_md5 ELSE v.archive_hash END,
    state = CASE WHEN complete OR v.archive_hash IS NOT NULL THEN 'available' ELSE v.state END
    WHERE v.tenant_id = own_tenant() AND v.id = version;
END $$;

-- The upload, locked, of a version that the caller may fill.
CREATE OR REPLACE FUNCTION lock_upload(version uuid, upload uuid) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM require_waiting_for_archive(lock_model_version(version));
  PERFORM FROM multipart_upload u WHERE u.tenant_id = own_tenant() AND u.id = upload AND u.model_version_id = version FOR UPDATE;
  IF NOT FOUND THEN PERFORM refuse(404, 'not_found', 'This model version has no upload with this id.', '["upload_id"]'); END IF;
END $$;

CREATE OR REPLACE FUNCTION create_multipart_upload(version uuid) RETURNS uuid LANGUAGE plpgsql AS $$
DECLARE made uuid := uuid7();
BEGIN
  PERFORM require_waiting_for_archive(lock_model_version(version));
  INSERT INTO multipart_upload (tenant_id, id, model_version_id) VALUES (own_tenant(), made, version);
  RETURN made;
END $$;

-- The address that takes one part, and nothing else than what has this MD5 when one is given.
CREATE OR REPLACE FUNCTION multipart_part_url(version uuid, upload uuid, number integer, md5 text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE announced text := '-';
BEGIN
  IF md5 IS NOT NULL THEN
    IF md5 !~ '^[A-Za-z0-9+/]{22}==$' THEN
      PERFORM refuse(400, 'invalid', 'Must be the 16 bytes of an MD5 in Base64.', '["md5_hash"]');
    END IF;
    announced := encode(decode(md5, 'base64'), 'hex');
  END IF;
  PERFORM lock_upload(version, upload);
  RETURN capability_url(format('/api/v1/multipart/%s/%s/%s/', upload, number, announced), 'multipart_part', 'PUT',
    format('%s/%s/%s', upload, number, announced), capability_until('1 day'));
END $$;

-- How much of what may come in all has come, without this part.
CREATE OR REPLACE FUNCTION expected_part(upload uuid, of_number integer) RETURNS bigint LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM multipart_upload u WHERE u.tenant_id = own_tenant() AND u.id = upload) THEN
    PERFORM refuse(404, 'not_found', 'This upload was completed or aborted.');
  END IF;
  RETURN coalesce((SELECT sum(p.size) FROM multipart_part p
    WHERE p.tenant_id = own_tenant() AND p.upload_id = upload AND p.number <> of_number), 0);
END $$;

-- A part that comes again takes the place of the one before.
CREATE OR REPLACE FUNCTION keep_part(upload uuid, of_number integer, its_digest text, its_md5 text, its_size bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM FROM multipart_upload u WHERE u.tenant_id = own_tenant() AND u.id = upload FOR KEY SHARE;
  IF NOT FOUND THEN PERFORM refuse(404, 'not_found', 'This upload was completed or aborted.'); END IF;
  INSERT INTO multipart_part AS p (tenant_id, upload_id, number, digest, md5, size)
  VALUES (own_tenant(), upload, of_number, keep_file(its_digest, its_md5, its_size), decode(its_md5, 'hex'), its_size)
  ON CONFLICT (tenant_id, upload_id, number) DO UPDATE SET digest = excluded.digest, md5 = excluded.md5, size = excluded.size, created = now();
END $$;

-- The files that the parts of a request stand for, in order, and what they have to make together.
CREATE OR REPLACE FUNCTION parts_to_complete(version uuid, upload uuid, listed jsonb, OUT digests text[], OUT size bigint, OUT md5 text) LANGUAGE plpgsql AS $$
DECLARE faults jsonb;
BEGIN
  PERFORM lock_upload(version, upload);
  SELECT jsonb_agg(jsonb_build_object('attr', jsonb_build_array('parts', fault.place), 'code', fault.code, 'detail', fault.detail) ORDER BY fault.place) INTO faults
  FROM (
    SELECT l.place - 1 AS place, CASE WHEN l.number <= l.before THEN 'invalid_part_order' ELSE 'invalid_part' END AS code,
      CASE WHEN l.number <= l.before THEN 'Parts must be listed by ascending numbers.'
        ELSE format('Part %s has not been uploaded, or its ETag is another one.', l.number) END AS detail
    FROM (SELECT i.place, (i.item->>'part_number')::integer AS number, i.item->>'etag' AS etag,
        lag((i.item->>'part_number')::integer) OVER (ORDER BY i.place) AS before
      FROM jsonb_array_elements(listed) WITH ORDINALITY AS i (item, place)) AS l
    WHERE l.number <= l.before OR NOT EXISTS (SELECT FROM multipart_part p WHERE p.tenant_id = own_tenant() AND p.upload_id = upload
      AND p.number = l.number AND encode(p.md5, 'hex') = lower(trim(BOTH '"' FROM l.etag)))
  ) AS fault;
  IF faults IS NOT NULL THEN PERFORM refuse_all(400, faults); END IF;
  SELECT array_agg(encode(p.digest, 'hex') ORDER BY p.number) INTO digests FROM jsonb_array_elements(listed) AS item
    JOIN multipart_part p ON p.tenant_id = own_tenant() AND p.upload_id = upload AND p.number = (item->>'part_number')::integer;
  SELECT v.size, v.archive_hash INTO size, md5 FROM model_version v WHERE v.tenant_id = own_tenant() AND v.id = version;
END $$;

CREATE OR REPLACE FUNCTION complete_multipart_upload(version uuid, upload uuid, its_digest text, its_md5 text, its_size bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM lock_upload(version, upload);
  PERFORM keep_archive(version, its_digest, its_md5, its_size, true);
  DELETE FROM multipart_upload u WHERE u.tenant_id = own_tenant() AND u.model_version_id = version;
END $$;

-- Nothing of an upload is left afterwards, also when there was nothing before: clients abort whatever went wrong.
CREATE OR REPLACE FUNCTION abort_multipart_upload(version uuid, upload uuid) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT FROM multipart_upload u WHERE u.tenant_id = own_tenant() AND u.id = upload AND u.model_version_id = version) THEN
    PERFORM lock_model_version(version);
    DELETE FROM multipart_upload u WHERE u.tenant_id = own_tenant() AND u.id = upload;
  END IF;
END $$;

-- Uploads that nobody goes on with.
CREATE OR REPLACE FUNCTION forget_abandoned_uploads() RETURNS void LANGUAGE sql AS $$
  DELETE FROM multipart_upload u WHERE u.tenant_id = own_tenant() AND u.created < now() - interval '1 day'
    AND NOT EXISTS (SELECT FROM multipart_part p WHERE p.tenant_id = own_tenant() AND p.upload_id = u.id AND p.created > now() - interval '1 day')
$$;
