-- Configurations and versions that were deleted while runs still name them keep nothing but what the runs' details show, and a
-- configuration knows by itself which of its values are secret: the version that it was made for may be gone.

-- Paths into the values, as lists of keys.
ALTER TABLE worker_configuration ADD COLUMN secrets jsonb NOT NULL DEFAULT '[]'
  CONSTRAINT worker_configuration_secrets_is_list CHECK (jsonb_typeof(secrets) = 'array');

UPDATE worker_configuration c SET secrets = coalesce((
  SELECT jsonb_agg(declared.path) FROM worker_version v
    CROSS JOIN LATERAL jsonb_array_elements(v.fields) AS f (field)
    CROSS JOIN LATERAL (
      SELECT jsonb_build_array(f.field->'key') WHERE f.field->>'type' = 'secret'
      UNION ALL
      SELECT jsonb_build_array(f.field->'key', inner_field->'key') FROM jsonb_array_elements(f.field->'children') AS children (inner_field)
      WHERE inner_field->>'type' = 'secret') AS declared (path)
  WHERE v.tenant_id = c.tenant_id AND v.id = c.initial_worker_version_id), '[]');

ALTER TABLE worker_configuration ADD CONSTRAINT worker_configuration_tombstone_is_empty
  CHECK (tombstone IS NULL OR (digest IS NULL AND configuration = '{}' AND secrets = '[]'));

ALTER TABLE worker_version ADD CONSTRAINT worker_version_tombstone_is_empty
  CHECK (tombstone IS NULL OR (fields = '[]' AND default_configuration = '{}' AND command IS NULL AND docker_image_iid IS NULL));

-- Replaced by functions with other parameters.
DROP FUNCTION IF EXISTS mask_secrets(jsonb, jsonb);
DROP FUNCTION IF EXISTS create_worker_configuration(uuid, text, text, uuid, uuid);
