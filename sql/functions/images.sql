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
