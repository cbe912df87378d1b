-- Images: on IIIF servers elsewhere, or in files that this server keeps.

-- Who may use an image. Whoever brought it has all rights on it. One that is elsewhere is but an address, which everyone who is signed in may
-- use; one that is here is seen by who sees an element on it.
CREATE OR REPLACE FUNCTION image_level(image uuid) RETURNS integer LANGUAGE plpgsql STABLE AS $$
DECLARE given record;
BEGIN
  SELECT i.creator_id, i.task_id, s.local INTO given FROM image i JOIN image_server s ON s.tenant_id = own_tenant() AND s.id = i.server_id
    WHERE i.tenant_id = own_tenant() AND i.id = image;
  IF NOT FOUND THEN RETURN NULL; END IF;
  IF unrestricted() OR given.creator_id = own_user() OR given.task_id = own_task() THEN RETURN 100; END IF;
  IF NOT given.local AND (own_user() IS NOT NULL OR own_task() IS NOT NULL) THEN RETURN 10; END IF;
  RETURN (SELECT CASE WHEN max(corpus_level(used.corpus_id)) >= 10 THEN 10 END
    FROM (SELECT DISTINCT e.corpus_id FROM element e WHERE e.tenant_id = own_tenant() AND e.image_id = image) AS used);
END $$;

-- What signs the addresses of images in one answer.
CREATE OR REPLACE FUNCTION image_signer(OUT beginning text, OUT inner_pad bytea, OUT outer_pad bytea) LANGUAGE plpgsql STABLE AS $$
BEGIN
  SELECT s.beginning, s.inner_pad, s.outer_pad INTO image_signer.beginning, image_signer.inner_pad, image_signer.outer_pad
    FROM capability_signer('image', 'GET', capability_until_the_hour()) AS s;
END $$;

-- Where clients find an image, without a slash at the end. Of one that is here it is a capability: it stands in the identifier, since clients
-- build on what comes after.
CREATE OR REPLACE FUNCTION image_address(image uuid, local boolean, server_url text, path text, beginning text, inner_pad bytea, outer_pad bytea)
RETURNS text LANGUAGE sql STABLE AS $$
  SELECT CASE WHEN local THEN own_origin() || '/iiif/2/' || image || '~' || capability_of(image::text, beginning, inner_pad, outer_pad)
    ELSE server_url || '/' || path END
$$;

CREATE OR REPLACE FUNCTION image_server_address(local boolean, url text) RETURNS text LANGUAGE sql STABLE AS
  $$ SELECT CASE WHEN local THEN own_origin() || '/iiif/2' ELSE url END $$;

CREATE OR REPLACE FUNCTION image_card(image_id uuid) RETURNS jsonb LANGUAGE sql STABLE AS $$
  SELECT jsonb_build_object('id', i.id, 'path', i.path,
    'url', image_address(i.id, s.local, s.url, i.path, signer.beginning, signer.inner_pad, signer.outer_pad),
    'width', i.width, 'height', i.height, 'status', i.status, 's3_url', NULL, 's3_put_url', NULL,
    'server', jsonb_build_object('url', image_server_address(s.local, s.url), 'display_name', s.display_name, 'max_width', s.max_width,
      'max_height', s.max_height, 'version', s.version))
  FROM image i JOIN image_server s ON s.tenant_id = own_tenant() AND s.id = i.server_id CROSS JOIN image_signer() AS signer
  WHERE i.tenant_id = own_tenant() AND i.id = image_id
$$;

-- Refuses if there is such an image, with its id where the caller may see it.
CREATE OR REPLACE FUNCTION refuse_twin(server uuid, at_path text, attr jsonb, sentence text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE twin uuid;
BEGIN
  SELECT i.id INTO twin FROM image i WHERE i.tenant_id = own_tenant() AND i.server_id = server AND i.path = at_path;
  IF FOUND THEN
    PERFORM refuse(409, 'unique', sentence, attr,
      jsonb_build_object('existing_id', CASE WHEN image_level(twin) IS NOT NULL THEN twin END));
  END IF;
END $$;

-- Makes an image, or refuses with the id of the one that is there.
CREATE OR REPLACE FUNCTION add_image(server uuid, at_path text, pixels_wide integer, pixels_high integer, attr jsonb, sentence text)
RETURNS uuid LANGUAGE plpgsql AS $$
DECLARE made uuid := uuid7();
BEGIN
  INSERT INTO image (tenant_id, id, server_id, path, width, height, status, creator_id, task_id)
    VALUES (own_tenant(), made, server, at_path, pixels_wide, pixels_high, 'unchecked', own_user(), own_task()) ON CONFLICT DO NOTHING;
  IF NOT FOUND THEN PERFORM refuse_twin(server, at_path, attr, sentence); END IF;
  RETURN made;
END $$;

-- Whether the caller may register this image: asked before its server is.
CREATE OR REPLACE FUNCTION announce_image(on_server text, at_path text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF own_task() IS NULL THEN PERFORM require_permission('can_create_iiif_images'); END IF;
  PERFORM refuse_twin((SELECT s.id FROM image_server s WHERE s.tenant_id = own_tenant() AND s.url = on_server), at_path, '["url"]',
    'There is an image with this address already.');
END $$;

-- Registers an image by where it is.
--   was_seen  whether its server was asked; the rest is what that said of the largest images that it gives, and of its version of IIIF
CREATE OR REPLACE FUNCTION create_image(on_server text, host text, at_path text, pixels_wide integer, pixels_high integer, was_seen boolean,
  its_version integer, widest integer, highest integer) RETURNS uuid LANGUAGE plpgsql AS $$
DECLARE
  server uuid;
  made uuid;
BEGIN
  PERFORM announce_image(on_server, at_path);
  INSERT INTO image_server (tenant_id, id, url, display_name) VALUES (own_tenant(), uuid7(), on_server, host) ON CONFLICT DO NOTHING;
  SELECT s.id INTO server FROM image_server s WHERE s.tenant_id = own_tenant() AND s.url = on_server;
  made := add_image(server, at_path, pixels_wide, pixels_high, '["url"]', 'There is an image with this address already.');
  IF was_seen THEN
    UPDATE image i SET status = 'checked' WHERE i.tenant_id = own_tenant() AND i.id = made;
    -- A server may have a limit for each image: the lowest is kept, so that workers never ask for too much.
    UPDATE image_server s SET version = its_version, max_width = least(s.max_width, widest), max_height = least(s.max_height, highest)
      WHERE s.tenant_id = own_tenant() AND s.id = server
        AND (s.version, s.max_width, s.max_height) IS DISTINCT FROM
          (its_version::smallint, least(s.max_width, widest), least(s.max_height, highest));
  END IF;
  RETURN made;
END $$;

-- Makes an image that is to be uploaded.
CREATE OR REPLACE FUNCTION create_local_image(at_path text) RETURNS uuid LANGUAGE plpgsql AS $$
BEGIN
  IF own_task() IS NULL THEN PERFORM require_permission('can_upload_images'); END IF;
  INSERT INTO image_server (tenant_id, id, url, display_name, local) VALUES (own_tenant(), uuid7(), 'local', 'This server', true)
    ON CONFLICT DO NOTHING;
  RETURN add_image((SELECT s.id FROM image_server s WHERE s.tenant_id = own_tenant() AND s.url = 'local'), at_path, 0, 0,
    '["path"]', 'There is an image with this path already.');
END $$;

-- Whether elements are on an image, those too that a deletion hides: as the owner, who sees them.
CREATE OR REPLACE FUNCTION image_in_use(image uuid) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT EXISTS (SELECT FROM element e WHERE e.tenant_id = own_tenant() AND e.image_id = image)
$$;

-- Holds images that elements are about to stand on, as far as a file may still come for them.
CREATE OR REPLACE FUNCTION hold_images(ids uuid[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM FROM image i JOIN image_server s ON s.tenant_id = own_tenant() AND s.id = i.server_id
    WHERE i.tenant_id = own_tenant() AND i.id = ANY (ids) AND s.local AND i.status <> 'checked' ORDER BY i.id FOR KEY SHARE OF i;
END $$;

-- Holds an image that a file may come for until the end of the transaction: elements rely on what a checked one looks like, or one that they
-- stand on.
CREATE OR REPLACE FUNCTION await_image_file(wanted uuid) RETURNS void LANGUAGE plpgsql AS $$
DECLARE given record;
BEGIN
  SELECT i.status, s.local INTO given FROM image i JOIN image_server s ON s.tenant_id = own_tenant() AND s.id = i.server_id
    WHERE i.tenant_id = own_tenant() AND i.id = wanted FOR UPDATE OF i;
  IF NOT FOUND THEN PERFORM refuse(404, 'not_found', 'There is no image with this id.'); END IF;
  IF NOT given.local THEN PERFORM refuse(409, 'image_elsewhere', 'This image is on another server: it cannot be uploaded here.'); END IF;
  IF given.status = 'checked' THEN PERFORM refuse(409, 'image_checked', 'This image has been checked: its file cannot be replaced.'); END IF;
  IF image_in_use(wanted) THEN PERFORM refuse(409, 'image_in_use', 'There are elements on this image: its file cannot be replaced.'); END IF;
END $$;

-- Takes the file that has come, or notes why it was not taken. One that is no image leaves what came before.
CREATE OR REPLACE FUNCTION keep_image_file(wanted uuid, its_digest text, its_md5 text, its_size bigint, its_type text, pixels_wide integer,
  pixels_high integer, is_deliverable boolean, fault text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE before bytea;
BEGIN
  PERFORM await_image_file(wanted);
  SELECT i.digest INTO before FROM image i WHERE i.tenant_id = own_tenant() AND i.id = wanted;
  IF fault IS NOT NULL THEN
    PERFORM release_file(keep_file(its_digest, its_md5, its_size));
    UPDATE image i SET problem = fault, status = 'error' WHERE i.tenant_id = own_tenant() AND i.id = wanted AND before IS NULL;
    RETURN;
  END IF;
  UPDATE image i SET digest = keep_file(its_digest, its_md5, its_size), media_type = its_type, width = pixels_wide, height = pixels_high,
    deliverable = is_deliverable, problem = NULL, status = 'unchecked' WHERE i.tenant_id = own_tenant() AND i.id = wanted;
  IF before <> decode(its_digest, 'hex') THEN PERFORM release_file(before); END IF;
END $$;

-- Says whether an image is in order. One that is here is what its file is: a bad one stays in error, and none cannot be checked.
CREATE OR REPLACE FUNCTION change_image_status(wanted uuid, into_status text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE given record;
BEGIN
  SELECT i.digest, i.problem, i.status, i.width, s.local INTO given
    FROM image i JOIN image_server s ON s.tenant_id = own_tenant() AND s.id = i.server_id
    WHERE i.tenant_id = own_tenant() AND i.id = wanted FOR UPDATE OF i;
  IF given.local AND into_status = 'checked' THEN
    IF given.problem IS NOT NULL THEN RETURN; END IF;
    IF given.digest IS NULL THEN
      PERFORM refuse(400, 'no_file', 'No file has come for this image: send it by PUT to the address in s3_put_url first.', '["status"]');
    END IF;
  END IF;
  IF into_status = 'checked' AND given.width = 0 THEN
    PERFORM refuse(400, 'no_size', 'The size of this image is not known.', '["status"]');
  END IF;
  IF given.local AND given.status = 'checked' AND into_status <> 'checked' AND image_in_use(wanted) THEN
    PERFORM refuse(409, 'image_in_use', 'There are elements on this image.');
  END IF;
  UPDATE image i SET status = into_status WHERE i.tenant_id = own_tenant() AND i.id = wanted;
END $$;
