-- Images that this server keeps itself, beside those on IIIF servers elsewhere.

-- One server a tenant stands for this one: it has no address of its own, for it is that which the caller uses.
ALTER TABLE image_server ADD COLUMN local boolean NOT NULL DEFAULT false;
ALTER TABLE image_server DROP CONSTRAINT image_server_url_form;
ALTER TABLE image_server ADD CONSTRAINT image_server_url_form
  CHECK (CASE WHEN local THEN url = 'local' ELSE url ~ '^https?://' AND length(url) <= 2048 END);

-- The size is 0 until it is known.
ALTER TABLE image DROP CONSTRAINT image_width_positive, DROP CONSTRAINT image_height_positive;
ALTER TABLE image
  ADD COLUMN digest bytea,
  ADD COLUMN media_type text,
  -- Whether the file is what viewers are to get for the whole image: then it need not be made anew.
  ADD COLUMN deliverable boolean NOT NULL DEFAULT false,
  -- What is wrong with the file that came last; it was not kept.
  ADD COLUMN problem text,
  -- The task that made it, if none of the people did.
  ADD COLUMN task_id uuid,
  ADD CONSTRAINT image_size_not_negative CHECK (width >= 0 AND height >= 0),
  ADD CONSTRAINT image_checked_has_size CHECK (status <> 'checked' OR (width > 0 AND height > 0)),
  ADD CONSTRAINT image_media_type_known CHECK (media_type IN ('image/jpeg', 'image/png', 'image/tiff', 'image/webp')),
  ADD CONSTRAINT image_of_a_file_has_type_and_size CHECK (digest IS NULL OR (media_type IS NOT NULL AND width > 0 AND height > 0)),
  ADD CONSTRAINT image_file FOREIGN KEY (tenant_id, digest) REFERENCES stored_file,
  ADD CONSTRAINT image_task FOREIGN KEY (tenant_id, task_id) REFERENCES task ON DELETE SET NULL (task_id);
CREATE INDEX image_by_file ON image (tenant_id, digest);
CREATE INDEX image_by_task ON image (tenant_id, task_id);

-- Nobody calls it: lists make zones by joins.
DROP FUNCTION IF EXISTS zone(uuid, uuid, integer[]);
