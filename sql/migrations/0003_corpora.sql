-- Where results go: corpora with their types, classes and images.

CREATE TABLE corpus (
  tenant_id uuid NOT NULL REFERENCES tenant,
  id uuid NOT NULL,
  name text NOT NULL CONSTRAINT corpus_name_length CHECK (length(name) BETWEEN 1 AND 250),
  description text NOT NULL DEFAULT '',
  public boolean NOT NULL DEFAULT false,
  creator_id uuid,
  created timestamptz NOT NULL DEFAULT now(),
  -- A deleted corpus is hidden by this until it is purged or restored.
  deleted timestamptz,
  PRIMARY KEY (tenant_id, id),
  CONSTRAINT corpus_creator FOREIGN KEY (tenant_id, creator_id) REFERENCES user_account ON DELETE SET NULL (creator_id)
);
CREATE INDEX corpus_by_creator ON corpus (tenant_id, creator_id);

-- A person's or a group's level on one object (or on a group).
CREATE TABLE group_member (
  tenant_id uuid NOT NULL,
  group_id uuid NOT NULL,
  user_id uuid NOT NULL,
  level smallint NOT NULL CONSTRAINT group_member_level_known CHECK (level IN (10, 50, 100)),
  PRIMARY KEY (tenant_id, group_id, user_id),
  CONSTRAINT group_member_group FOREIGN KEY (tenant_id, group_id) REFERENCES user_group ON DELETE CASCADE,
  CONSTRAINT group_member_user FOREIGN KEY (tenant_id, user_id) REFERENCES user_account ON DELETE CASCADE
);
CREATE INDEX group_member_by_user ON group_member (tenant_id, user_id);

CREATE TABLE membership (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  user_id uuid,
  group_id uuid,
  corpus_id uuid,
  worker_id uuid,
  model_id uuid,
  level smallint NOT NULL CONSTRAINT membership_level_known CHECK (level IN (10, 50, 100)),
  PRIMARY KEY (tenant_id, id),
  CONSTRAINT membership_of_user_or_group CHECK (num_nonnulls(user_id, group_id) = 1),
  CONSTRAINT membership_on_one_object CHECK (num_nonnulls(corpus_id, worker_id, model_id) = 1),
  CONSTRAINT membership_unique UNIQUE NULLS NOT DISTINCT (tenant_id, user_id, group_id, corpus_id, worker_id, model_id),
  CONSTRAINT membership_user FOREIGN KEY (tenant_id, user_id) REFERENCES user_account ON DELETE CASCADE,
  CONSTRAINT membership_group FOREIGN KEY (tenant_id, group_id) REFERENCES user_group ON DELETE CASCADE,
  CONSTRAINT membership_corpus FOREIGN KEY (tenant_id, corpus_id) REFERENCES corpus ON DELETE CASCADE,
  CONSTRAINT membership_worker FOREIGN KEY (tenant_id, worker_id) REFERENCES worker ON DELETE CASCADE,
  CONSTRAINT membership_model FOREIGN KEY (tenant_id, model_id) REFERENCES model ON DELETE CASCADE
);
CREATE INDEX membership_by_group ON membership (tenant_id, group_id);
CREATE INDEX membership_by_corpus ON membership (tenant_id, corpus_id);
CREATE INDEX membership_by_worker ON membership (tenant_id, worker_id);
CREATE INDEX membership_by_model ON membership (tenant_id, model_id);

CREATE TABLE element_type (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  corpus_id uuid NOT NULL,
  -- Elements name their type by this, in two bytes of every listing index.
  number smallint NOT NULL,
  slug text COLLATE "C" NOT NULL CONSTRAINT element_type_slug_form CHECK (slug ~ '^[-a-z0-9_]{1,50}$'),
  display_name text NOT NULL CONSTRAINT element_type_display_name_length CHECK (length(display_name) BETWEEN 1 AND 250),
  folder boolean NOT NULL DEFAULT false,
  color text NOT NULL DEFAULT '28b62c' CONSTRAINT element_type_color_form CHECK (color ~ '^[0-9a-f]{6}$'),
  PRIMARY KEY (tenant_id, id),
  CONSTRAINT element_type_corpus FOREIGN KEY (tenant_id, corpus_id) REFERENCES corpus ON DELETE CASCADE,
  CONSTRAINT element_type_number_unique UNIQUE (tenant_id, corpus_id, number),
  CONSTRAINT element_type_slug_unique UNIQUE (tenant_id, corpus_id, slug)
);

CREATE TABLE ml_class (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  corpus_id uuid NOT NULL,
  name text COLLATE "C" NOT NULL CONSTRAINT ml_class_name_length CHECK (length(name) BETWEEN 1 AND 1024),
  PRIMARY KEY (tenant_id, id),
  CONSTRAINT ml_class_corpus FOREIGN KEY (tenant_id, corpus_id) REFERENCES corpus ON DELETE CASCADE,
  CONSTRAINT ml_class_name_unique UNIQUE (tenant_id, corpus_id, name)
);

CREATE TABLE entity_type (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  corpus_id uuid NOT NULL,
  name text COLLATE "C" NOT NULL CONSTRAINT entity_type_name_length CHECK (length(name) BETWEEN 1 AND 100),
  color text NOT NULL DEFAULT 'ff0000' CONSTRAINT entity_type_color_form CHECK (color ~ '^[0-9a-f]{6}$'),
  PRIMARY KEY (tenant_id, id),
  CONSTRAINT entity_type_corpus FOREIGN KEY (tenant_id, corpus_id) REFERENCES corpus ON DELETE CASCADE,
  CONSTRAINT entity_type_name_unique UNIQUE (tenant_id, corpus_id, name)
);

CREATE TABLE image_server (
  tenant_id uuid NOT NULL REFERENCES tenant,
  id uuid NOT NULL,
  url text COLLATE "C" NOT NULL CONSTRAINT image_server_url_form CHECK (url ~ '^https?://' AND length(url) <= 2048),
  display_name text NOT NULL,
  max_width integer CONSTRAINT image_server_max_width_positive CHECK (max_width > 0),
  max_height integer CONSTRAINT image_server_max_height_positive CHECK (max_height > 0),
  version smallint NOT NULL DEFAULT 2 CONSTRAINT image_server_version_known CHECK (version IN (2, 3)),
  PRIMARY KEY (tenant_id, id),
  CONSTRAINT image_server_url_unique UNIQUE (tenant_id, url)
);

CREATE TABLE image (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  server_id uuid NOT NULL,
  path text COLLATE "C" NOT NULL CONSTRAINT image_path_length CHECK (length(path) BETWEEN 1 AND 2048),
  width integer NOT NULL CONSTRAINT image_width_positive CHECK (width > 0),
  height integer NOT NULL CONSTRAINT image_height_positive CHECK (height > 0),
  status text NOT NULL DEFAULT 'unchecked' CONSTRAINT image_status_known CHECK (status IN ('unchecked', 'checked', 'error')),
  creator_id uuid,
  created timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, id),
  CONSTRAINT image_server_of_image FOREIGN KEY (tenant_id, server_id) REFERENCES image_server,
  CONSTRAINT image_creator FOREIGN KEY (tenant_id, creator_id) REFERENCES user_account ON DELETE SET NULL (creator_id),
  CONSTRAINT image_path_unique UNIQUE (tenant_id, server_id, path)
);
CREATE INDEX image_by_creator ON image (tenant_id, creator_id);
