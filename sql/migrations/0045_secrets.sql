-- What tasks need and nobody else may read: passwords of other services, under a name that configurations refer to. Enterprise only.
CREATE TABLE secret (
  tenant_id uuid NOT NULL REFERENCES tenant,
  id uuid NOT NULL,
  name text COLLATE "C" NOT NULL CONSTRAINT secret_name_length CHECK (length(name) BETWEEN 1 AND 250),
  -- Runs of this worker alone may read it; null for runs of any.
  worker_id uuid,
  creator_id uuid,
  -- Encrypted by the server, whose key is not in the database: a nonce, then the ciphertext, bound to the tenant and the name.
  sealed bytea NOT NULL CONSTRAINT secret_sealed_length CHECK (octet_length(sealed) BETWEEN 41 AND 300000),
  created timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, id),
  CONSTRAINT secret_name_unique UNIQUE (tenant_id, name),
  CONSTRAINT secret_worker FOREIGN KEY (tenant_id, worker_id) REFERENCES worker,
  CONSTRAINT secret_creator FOREIGN KEY (tenant_id, creator_id) REFERENCES user_account ON DELETE SET NULL (creator_id)
);
CREATE INDEX secret_by_worker ON secret (tenant_id, worker_id);
CREATE INDEX secret_by_creator ON secret (tenant_id, creator_id);

-- It learns whose worker the references are for.
DROP FUNCTION IF EXISTS reference_faults(jsonb, uuid);
