-- Who there is: tenants, people, their secrets and their rights.
-- Every table of a tenant has the key (tenant_id, id), and its foreign keys carry the tenant.

CREATE TABLE deployment (
  only_row boolean PRIMARY KEY DEFAULT true CONSTRAINT deployment_has_one_row CHECK (only_row),
  edition text NOT NULL CONSTRAINT deployment_edition_known CHECK (edition IN ('community', 'enterprise')),
  created timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE tenant (
  tenant_id uuid PRIMARY KEY,
  slug text NOT NULL CONSTRAINT tenant_slug_unique UNIQUE
    CONSTRAINT tenant_slug_form CHECK (slug ~ '^[a-z0-9][a-z0-9-]{0,62}$'),
  host text CONSTRAINT tenant_host_unique UNIQUE,
  purge_horizon interval NOT NULL DEFAULT '24 hours' CONSTRAINT tenant_purge_horizon_positive CHECK (purge_horizon >= '0'),
  created timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE user_account (
  tenant_id uuid NOT NULL REFERENCES tenant,
  id uuid NOT NULL,
  email text NOT NULL,
  -- lower() is not leakproof, so an index on it is of no use under row-level security: the server folds the case.
  email_key text COLLATE "C" NOT NULL,
  display_name text NOT NULL CONSTRAINT user_account_display_name_length CHECK (length(display_name) BETWEEN 1 AND 250),
  password_hash text,
  is_admin boolean NOT NULL DEFAULT false,
  can_create_workers boolean NOT NULL DEFAULT false,
  can_manage_workers boolean NOT NULL DEFAULT false,
  can_upload_images boolean NOT NULL DEFAULT false,
  can_create_iiif_images boolean NOT NULL DEFAULT false,
  created timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, id),
  CONSTRAINT user_account_email_unique UNIQUE (tenant_id, email_key),
  CONSTRAINT user_account_email_form CHECK (email ~ '^[^@\s]+@[^@\s]+$' AND length(email) <= 254)
);

-- Only the SHA-256 of a secret is kept: the secrets are random, so nothing slower is needed.
CREATE TABLE api_token (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  user_id uuid NOT NULL,
  name text NOT NULL CONSTRAINT api_token_name_length CHECK (length(name) BETWEEN 1 AND 100),
  digest bytea NOT NULL CONSTRAINT api_token_digest_length CHECK (octet_length(digest) = 32),
  scope text NOT NULL CONSTRAINT api_token_scope_known CHECK (scope IN ('read', 'write')),
  expires timestamptz,
  created timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, id),
  CONSTRAINT api_token_digest_unique UNIQUE (tenant_id, digest),
  CONSTRAINT api_token_user FOREIGN KEY (tenant_id, user_id) REFERENCES user_account ON DELETE CASCADE
);
CREATE INDEX api_token_by_user ON api_token (tenant_id, user_id);

CREATE TABLE session (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  user_id uuid NOT NULL,
  digest bytea NOT NULL CONSTRAINT session_digest_length CHECK (octet_length(digest) = 32),
  expires timestamptz NOT NULL,
  created timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, id),
  CONSTRAINT session_digest_unique UNIQUE (tenant_id, digest),
  CONSTRAINT session_user_account FOREIGN KEY (tenant_id, user_id) REFERENCES user_account ON DELETE CASCADE
);
CREATE INDEX session_by_user ON session (tenant_id, user_id);

CREATE TABLE user_group (
  tenant_id uuid NOT NULL REFERENCES tenant,
  id uuid NOT NULL,
  name text NOT NULL CONSTRAINT user_group_name_length CHECK (length(name) BETWEEN 1 AND 250),
  public boolean NOT NULL DEFAULT false,
  created timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, id)
);

-- What a membership gives on each object, flattened: one row a user and object, kept by triggers.
-- user_id is the nil UUID for what everyone who is signed in may do (public objects).
CREATE TABLE corpus_access (
  tenant_id uuid NOT NULL, user_id uuid NOT NULL, corpus_id uuid NOT NULL,
  level smallint NOT NULL CONSTRAINT corpus_access_level_known CHECK (level IN (10, 50, 100)),
  PRIMARY KEY (tenant_id, user_id, corpus_id)
);
CREATE TABLE worker_access (
  tenant_id uuid NOT NULL, user_id uuid NOT NULL, worker_id uuid NOT NULL,
  level smallint NOT NULL CONSTRAINT worker_access_level_known CHECK (level IN (10, 50, 100)),
  PRIMARY KEY (tenant_id, user_id, worker_id)
);
CREATE TABLE model_access (
  tenant_id uuid NOT NULL, user_id uuid NOT NULL, model_id uuid NOT NULL,
  level smallint NOT NULL CONSTRAINT model_access_level_known CHECK (level IN (10, 50, 100)),
  PRIMARY KEY (tenant_id, user_id, model_id)
);

CREATE TABLE audit_event (
  tenant_id uuid NOT NULL REFERENCES tenant,
  id uuid NOT NULL,
  actor_id uuid,
  kind text NOT NULL,
  corpus_id uuid,
  detail jsonb NOT NULL DEFAULT '{}' CONSTRAINT audit_event_detail_is_object CHECK (jsonb_typeof(detail) = 'object'),
  created timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, id)
);
CREATE INDEX audit_event_by_corpus ON audit_event (tenant_id, corpus_id, id);
