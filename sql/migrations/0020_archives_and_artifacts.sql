-- The files of model versions and of tasks, and uploads that are under way.

ALTER TABLE model_version
  -- The archive, once it has come.
  ADD COLUMN archive_digest bytea,
  ADD CONSTRAINT model_version_archive FOREIGN KEY (tenant_id, archive_digest) REFERENCES stored_file;
CREATE INDEX model_version_by_archive ON model_version (tenant_id, archive_digest);

-- An archive that comes in parts.
CREATE TABLE multipart_upload (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  model_version_id uuid NOT NULL,
  created timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, id),
  CONSTRAINT multipart_upload_model_version FOREIGN KEY (tenant_id, model_version_id) REFERENCES model_version ON DELETE CASCADE
);
CREATE INDEX multipart_upload_by_model_version ON multipart_upload (tenant_id, model_version_id);

CREATE TABLE multipart_part (
  tenant_id uuid NOT NULL,
  upload_id uuid NOT NULL,
  number smallint NOT NULL CONSTRAINT multipart_part_number_bounded CHECK (number BETWEEN 1 AND 10000),
  digest bytea NOT NULL,
  md5 bytea NOT NULL CONSTRAINT multipart_part_md5_length CHECK (octet_length(md5) = 16),
  size bigint NOT NULL,
  created timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, upload_id, number),
  CONSTRAINT multipart_part_upload FOREIGN KEY (tenant_id, upload_id) REFERENCES multipart_upload ON DELETE CASCADE,
  CONSTRAINT multipart_part_file FOREIGN KEY (tenant_id, digest) REFERENCES stored_file
);
CREATE INDEX multipart_part_by_file ON multipart_part (tenant_id, digest);

-- A file that a task leaves.
CREATE TABLE artifact (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  task_id uuid NOT NULL,
  path text COLLATE "C" NOT NULL CONSTRAINT artifact_path_length CHECK (length(path) BETWEEN 1 AND 500),
  content_type text NOT NULL CONSTRAINT artifact_content_type_length CHECK (length(content_type) BETWEEN 1 AND 250),
  size bigint NOT NULL CONSTRAINT artifact_size_not_negative CHECK (size >= 0),
  -- Null until it has come.
  digest bytea,
  created timestamptz NOT NULL DEFAULT now(),
  updated timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, id),
  CONSTRAINT artifact_task FOREIGN KEY (tenant_id, task_id) REFERENCES task ON DELETE CASCADE,
  CONSTRAINT artifact_file FOREIGN KEY (tenant_id, digest) REFERENCES stored_file,
  CONSTRAINT artifact_path_unique UNIQUE (tenant_id, task_id, path)
);
CREATE INDEX artifact_by_file ON artifact (tenant_id, digest);
