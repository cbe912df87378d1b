-- Files that the server keeps in its data directory, and the keys that sign the addresses which move them.

CREATE TABLE stored_file (
  tenant_id uuid NOT NULL REFERENCES tenant,
  -- Its SHA-256, which is its name in the data directory too.
  digest bytea NOT NULL CONSTRAINT stored_file_digest_length CHECK (octet_length(digest) = 32),
  md5 bytea NOT NULL CONSTRAINT stored_file_md5_length CHECK (octet_length(md5) = 16),
  size bigint NOT NULL CONSTRAINT stored_file_size_not_negative CHECK (size >= 0),
  created timestamptz NOT NULL DEFAULT now(),
  -- Since when somebody has stopped using it: the sweeper looks whether it was the last.
  released timestamptz,
  PRIMARY KEY (tenant_id, digest)
);
CREATE INDEX stored_file_released ON stored_file (tenant_id, released) WHERE released IS NOT NULL;

CREATE TABLE capability_key (
  tenant_id uuid NOT NULL REFERENCES tenant,
  id uuid NOT NULL,
  key bytea NOT NULL CONSTRAINT capability_key_length CHECK (octet_length(key) = 32),
  created timestamptz NOT NULL DEFAULT now(),
  -- Until when what it has signed is accepted; null for the one that signs.
  retired timestamptz,
  PRIMARY KEY (tenant_id, id)
);
CREATE UNIQUE INDEX capability_key_that_signs ON capability_key (tenant_id) WHERE retired IS NULL;

INSERT INTO capability_key (tenant_id, id, key)
SELECT t.tenant_id, gen_random_uuid(), sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()))
FROM tenant t;

-- It takes the server's address and a capability now.
DROP FUNCTION IF EXISTS enter(uuid, text, bytea, boolean, text, uuid, integer, boolean);
