-- What can be run: workers, their versions and configurations, models and their versions.

CREATE TABLE worker (
  tenant_id uuid NOT NULL REFERENCES tenant,
  id uuid NOT NULL,
  name text NOT NULL CONSTRAINT worker_name_length CHECK (length(name) BETWEEN 1 AND 100),
  slug text COLLATE "C" NOT NULL CONSTRAINT worker_slug_form CHECK (slug ~ '^[-a-zA-Z0-9_]{1,100}$'),
  type text COLLATE "C" NOT NULL CONSTRAINT worker_type_length CHECK (length(type) BETWEEN 1 AND 100),
  description text NOT NULL DEFAULT '',
  repository_url text,
  archived timestamptz,
  public boolean NOT NULL DEFAULT false,
  creator_id uuid,
  created timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, id),
  CONSTRAINT worker_slug_unique UNIQUE (tenant_id, slug),
  CONSTRAINT worker_creator FOREIGN KEY (tenant_id, creator_id) REFERENCES user_account ON DELETE SET NULL (creator_id)
);
CREATE INDEX worker_by_creator ON worker (tenant_id, creator_id);

CREATE TABLE worker_version (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  worker_id uuid NOT NULL,
  version integer CONSTRAINT worker_version_positive CHECK (version > 0),
  revision_url text,
  tag text,
  branch text,
  state text NOT NULL DEFAULT 'created' CONSTRAINT worker_version_state_known CHECK (state IN ('created', 'available', 'error')),
  gpu_usage text NOT NULL DEFAULT 'disabled'
    CONSTRAINT worker_version_gpu_usage_known CHECK (gpu_usage IN ('disabled', 'supported', 'required')),
  model_usage text NOT NULL DEFAULT 'disabled'
    CONSTRAINT worker_version_model_usage_known CHECK (model_usage IN ('disabled', 'supported', 'required')),
  docker_image_iid text,
  command text,
  shm_size text,
  feature text,
  fields jsonb NOT NULL DEFAULT '[]' CONSTRAINT worker_version_fields_is_list CHECK (jsonb_typeof(fields) = 'array'),
  default_configuration jsonb NOT NULL DEFAULT '{}'
    CONSTRAINT worker_version_default_is_object CHECK (jsonb_typeof(default_configuration) = 'object'),
  -- Set when it was deleted while worker runs still name it: gone from every list, kept for their details.
  tombstone timestamptz,
  created timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, id),
  CONSTRAINT worker_version_worker FOREIGN KEY (tenant_id, worker_id) REFERENCES worker,
  CONSTRAINT worker_version_number_or_revision CHECK (num_nonnulls(version, revision_url) = 1)
);
CREATE UNIQUE INDEX worker_version_number_unique ON worker_version (tenant_id, worker_id, version) WHERE tombstone IS NULL;
CREATE UNIQUE INDEX worker_version_revision_url_unique ON worker_version (tenant_id, worker_id, revision_url) WHERE tombstone IS NULL;
CREATE UNIQUE INDEX worker_version_branch_unique ON worker_version (tenant_id, worker_id, branch) WHERE tombstone IS NULL;

CREATE TABLE model (
  tenant_id uuid NOT NULL REFERENCES tenant,
  id uuid NOT NULL,
  name text COLLATE "C" NOT NULL CONSTRAINT model_name_length CHECK (length(name) BETWEEN 1 AND 100),
  description text NOT NULL DEFAULT '',
  archived timestamptz,
  public boolean NOT NULL DEFAULT false,
  creator_id uuid,
  created timestamptz NOT NULL DEFAULT now(),
  updated timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, id),
  CONSTRAINT model_name_unique UNIQUE (tenant_id, name),
  CONSTRAINT model_creator FOREIGN KEY (tenant_id, creator_id) REFERENCES user_account ON DELETE SET NULL (creator_id)
);
CREATE INDEX model_by_creator ON model (tenant_id, creator_id);

CREATE TABLE model_version (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  model_id uuid NOT NULL,
  parent_id uuid,
  state text NOT NULL DEFAULT 'created' CONSTRAINT model_version_state_known CHECK (state IN ('created', 'available', 'error')),
  tag text,
  description text NOT NULL DEFAULT '',
  configuration jsonb NOT NULL DEFAULT '{}' CONSTRAINT model_version_configuration_is_object CHECK (jsonb_typeof(configuration) = 'object'),
  size bigint CONSTRAINT model_version_size_positive CHECK (size > 0),
  archive_hash text CONSTRAINT model_version_archive_hash_form CHECK (archive_hash ~ '^[0-9a-f]{32}$'),
  tombstone timestamptz,
  created timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, id),
  CONSTRAINT model_version_model FOREIGN KEY (tenant_id, model_id) REFERENCES model,
  CONSTRAINT model_version_parent FOREIGN KEY (tenant_id, parent_id) REFERENCES model_version
);
CREATE UNIQUE INDEX model_version_tag_unique ON model_version (tenant_id, model_id, tag) WHERE tombstone IS NULL;
CREATE INDEX model_version_by_parent ON model_version (tenant_id, parent_id);
