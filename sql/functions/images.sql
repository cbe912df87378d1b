-- Registers an image by where it is. One that is there already is refused with its id.
CREATE OR REPLACE FUNCTION create_image(on_server text, host text, at_path text, pixels_wide integer, pixels_high integer) RETURNS uuid LANGUAGE plpgsql AS $$
DECLARE
  server uuid;
  made uuid := uuid7();
BEGIN
  IF own_task() IS NULL AND NOT unrestricted() AND NOT coalesce((SELECT u.can_create_iiif_images FROM user_account u
    WHERE u.tenant_id = own_tenant() AND u.id = own_user()), false) THEN
    PERFORM refuse(403, 'permission_denied', 'This needs the permission to create IIIF images.');
  END IF;
  INSERT INTO image_server (tenant_id, id, url, display_name) VALUES (own_tenant(), uuid7(), on_server, host) ON CONFLICT DO NOTHING;
  SELECT s.id INTO server FROM image_server s WHERE s.tenant_id = own_tenant() AND s.url = on_server;
  INSERT INTO image (tenant_id, id, server_id, path, width, height, status, creator_id)
    VALUES (own_tenant(), made, server, at_path, pixels_wide, pixels_high, 'unchecked', own_user()) ON CONFLICT DO NOTHING;
  IF NOT FOUND THEN
    PERFORM refuse(409, 'unique', 'There is an image with this address already.', '["url"]', jsonb_build_object('existing_id',
      (SELECT i.id FROM image i WHERE i.tenant_id = own_tenant() AND i.server_id = server AND i.path = at_path)));
  END IF;
  RETURN made;
END $$;

-- An image is checked by whoever brought it, or by an administrator.
CREATE OR REPLACE FUNCTION change_image_status(wanted uuid, into_status text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE creator uuid;
BEGIN
  SELECT i.creator_id INTO creator FROM image i WHERE i.tenant_id = own_tenant() AND i.id = wanted;
  IF NOT FOUND THEN PERFORM refuse(404, 'not_found', 'There is no image with this id.'); END IF;
  IF NOT unrestricted() AND creator IS DISTINCT FROM own_user() THEN
    PERFORM refuse(403, 'permission_denied', 'Only whoever registered an image may change it.');
  END IF;
  UPDATE image i SET status = into_status WHERE i.tenant_id = own_tenant() AND i.id = wanted;
END $$;
