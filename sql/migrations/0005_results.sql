-- Elements and what is said about them. These tables grow without bound, so they declare no foreign keys: the insert itself
-- joins its parents FOR KEY SHARE, and rows go only through deletion. Each row names its source; see docs/states.md.

CREATE SEQUENCE lineage_id AS integer CACHE 1;
-- Interned sets of sources: those on the way from an element's oldest home ancestor down to itself. 0 is the empty set.
CREATE TABLE lineage (
  tenant_id uuid NOT NULL,
  id integer NOT NULL DEFAULT nextval('lineage_id') CONSTRAINT lineage_id_positive CHECK (id > 0),
  corpus_id uuid NOT NULL,
  sources integer[] NOT NULL,
  PRIMARY KEY (tenant_id, id),
  CONSTRAINT lineage_sources_unique UNIQUE (tenant_id, corpus_id, sources),
  CONSTRAINT lineage_corpus FOREIGN KEY (tenant_id, corpus_id) REFERENCES corpus
);

CREATE TABLE element (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  corpus_id uuid NOT NULL,
  type_number smallint NOT NULL,
  name text COLLATE "C" NOT NULL CONSTRAINT element_name_length CHECK (length(name) BETWEEN 1 AND 250),
  source_id integer NOT NULL DEFAULT 0,
  lineage_id integer NOT NULL DEFAULT 0,
  -- A person has worked on it or below it: it survives the deletion of its run.
  kept boolean NOT NULL DEFAULT false,
  -- The parent it was made under; links do not change it.
  home_id uuid,
  image_id uuid,
  polygon integer[],
  rotation_angle smallint NOT NULL DEFAULT 0 CONSTRAINT element_rotation_angle_bounded CHECK (rotation_angle BETWEEN 0 AND 359),
  mirrored boolean NOT NULL DEFAULT false,
  confidence real CONSTRAINT element_confidence_bounded CHECK (confidence BETWEEN 0 AND 1),
  creator_id uuid,
  created timestamptz NOT NULL DEFAULT now(),
  updated timestamptz NOT NULL DEFAULT now(),
  edited_by uuid,
  edited_at timestamptz,
  detached_from uuid,
  PRIMARY KEY (tenant_id, id),
  CONSTRAINT element_image_and_polygon CHECK ((image_id IS NULL) = (polygon IS NULL)),
  CONSTRAINT element_polygon_of_points CHECK (polygon IS NULL OR (array_ndims(polygon) = 2 AND array_length(polygon, 2) = 2
    AND array_length(polygon, 1) BETWEEN 3 AND 2000))
);
CREATE INDEX element_by_source ON element (tenant_id, corpus_id, source_id, id);
CREATE INDEX element_by_type ON element (tenant_id, corpus_id, type_number, id) INCLUDE (source_id, lineage_id, kept);
CREATE INDEX element_by_home ON element (tenant_id, home_id) WHERE home_id IS NOT NULL;
CREATE INDEX element_by_image ON element (tenant_id, image_id) WHERE image_id IS NOT NULL;

-- Where elements are. key is the parent path's key and six bytes more, so what is below a path is one range of keys.
CREATE SEQUENCE path_key AS bigint MAXVALUE 281474976710655 CACHE 1000;
CREATE TABLE element_path (
  tenant_id uuid NOT NULL,
  corpus_id uuid NOT NULL,
  element_id uuid NOT NULL,
  parent_id uuid,
  ordering integer NOT NULL DEFAULT 0 CONSTRAINT element_path_ordering_not_negative CHECK (ordering >= 0),
  type_number smallint NOT NULL,
  source_id integer NOT NULL DEFAULT 0,
  lineage_id integer NOT NULL DEFAULT 0,
  kept boolean NOT NULL DEFAULT false,
  home boolean NOT NULL DEFAULT true,
  key bytea NOT NULL CONSTRAINT element_path_key_length CHECK (octet_length(key) % 6 = 0 AND octet_length(key) BETWEEN 6 AND 600),
  PRIMARY KEY (tenant_id, element_id, key)
);
CREATE UNIQUE INDEX element_path_by_key ON element_path (tenant_id, corpus_id, key);
CREATE UNIQUE INDEX element_path_by_source ON element_path (tenant_id, corpus_id, source_id, key);
CREATE INDEX element_path_by_parent ON element_path (tenant_id, parent_id, ordering, element_id);
CREATE INDEX element_path_top_level ON element_path (tenant_id, corpus_id, ordering, element_id) WHERE parent_id IS NULL;

CREATE TABLE transcription (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  corpus_id uuid NOT NULL,
  element_id uuid NOT NULL,
  source_id integer NOT NULL DEFAULT 0,
  kept boolean NOT NULL DEFAULT false,
  text text NOT NULL CONSTRAINT transcription_text_not_empty CHECK (text <> ''),
  confidence real CONSTRAINT transcription_confidence_bounded CHECK (confidence BETWEEN 0 AND 1),
  orientation text NOT NULL DEFAULT 'horizontal-lr' CONSTRAINT transcription_orientation_known
    CHECK (orientation IN ('horizontal-lr', 'horizontal-rl', 'vertical-lr', 'vertical-rl')),
  creator_id uuid,
  edited_by uuid,
  edited_at timestamptz,
  detached_from uuid,
  PRIMARY KEY (tenant_id, id)
);
CREATE INDEX transcription_by_element ON transcription (tenant_id, element_id, id);
CREATE INDEX transcription_by_source ON transcription (tenant_id, corpus_id, source_id, id) WHERE source_id <> 0;

CREATE TABLE classification (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  corpus_id uuid NOT NULL,
  element_id uuid NOT NULL,
  source_id integer NOT NULL DEFAULT 0,
  kept boolean NOT NULL DEFAULT false,
  ml_class_id uuid NOT NULL,
  confidence real CONSTRAINT classification_confidence_bounded CHECK (confidence BETWEEN 0 AND 1),
  high_confidence boolean NOT NULL DEFAULT false,
  state text NOT NULL DEFAULT 'pending' CONSTRAINT classification_state_known CHECK (state IN ('pending', 'validated', 'rejected')),
  creator_id uuid,
  edited_by uuid,
  edited_at timestamptz,
  detached_from uuid,
  PRIMARY KEY (tenant_id, id),
  CONSTRAINT classification_unique UNIQUE (tenant_id, element_id, source_id, ml_class_id)
);
CREATE INDEX classification_by_source ON classification (tenant_id, corpus_id, source_id, id) WHERE source_id <> 0;
CREATE INDEX classification_by_class ON classification (tenant_id, ml_class_id, element_id);

CREATE TABLE metadata (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  corpus_id uuid NOT NULL,
  element_id uuid NOT NULL,
  source_id integer NOT NULL DEFAULT 0,
  kept boolean NOT NULL DEFAULT false,
  type text NOT NULL
    CONSTRAINT metadata_type_known CHECK (type IN ('text', 'markdown', 'date', 'location', 'reference', 'numeric', 'url')),
  name text COLLATE "C" NOT NULL CONSTRAINT metadata_name_length CHECK (length(name) BETWEEN 1 AND 250),
  value text NOT NULL,
  creator_id uuid,
  edited_by uuid,
  edited_at timestamptz,
  detached_from uuid,
  PRIMARY KEY (tenant_id, id),
  CONSTRAINT metadata_numeric_is_a_number CHECK (type <> 'numeric' OR value ~ '^[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d{1,3})?$'),
  CONSTRAINT metadata_url_is_http CHECK (type <> 'url' OR value ~* '^https?://')
);
CREATE INDEX metadata_by_element ON metadata (tenant_id, element_id, id);
CREATE INDEX metadata_by_source ON metadata (tenant_id, corpus_id, source_id, id) WHERE source_id <> 0;

CREATE TABLE transcription_entity (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  corpus_id uuid NOT NULL,
  element_id uuid NOT NULL,
  transcription_id uuid NOT NULL,
  source_id integer NOT NULL DEFAULT 0,
  kept boolean NOT NULL DEFAULT false,
  type_id uuid NOT NULL,
  "offset" integer NOT NULL CONSTRAINT transcription_entity_offset_not_negative CHECK ("offset" >= 0),
  length integer NOT NULL CONSTRAINT transcription_entity_length_positive CHECK (length > 0),
  confidence real CONSTRAINT transcription_entity_confidence_bounded CHECK (confidence BETWEEN 0 AND 1),
  creator_id uuid,
  edited_by uuid,
  edited_at timestamptz,
  detached_from uuid,
  PRIMARY KEY (tenant_id, id),
  CONSTRAINT transcription_entity_unique UNIQUE (tenant_id, transcription_id, type_id, "offset", length, source_id)
);
CREATE INDEX transcription_entity_by_element ON transcription_entity (tenant_id, element_id);
CREATE INDEX transcription_entity_by_source ON transcription_entity (tenant_id, corpus_id, source_id, id) WHERE source_id <> 0;

-- How many rows of each kind there are, by what decides whether they are seen. Upserted by every writing statement, in key order.
CREATE TABLE result_count (
  tenant_id uuid NOT NULL,
  corpus_id uuid NOT NULL,
  lineage_id integer NOT NULL,
  -- Whether the element is kept, and whether the result on it is (the same for elements themselves).
  element_kept boolean NOT NULL,
  source_id integer NOT NULL,
  kept boolean NOT NULL,
  kind text COLLATE "C" NOT NULL CONSTRAINT result_count_kind_known
    CHECK (kind IN ('element', 'transcription', 'classification', 'metadata', 'transcription_entity')),
  n bigint NOT NULL,
  PRIMARY KEY (tenant_id, corpus_id, lineage_id, element_kept, source_id, kept, kind)
);
CREATE INDEX result_count_by_source ON result_count (tenant_id, source_id, kind);

-- One row for each element and run of a started process: the queue that workers take from.
CREATE TABLE worker_activity (
  tenant_id uuid NOT NULL,
  worker_run_id uuid NOT NULL,
  element_id uuid NOT NULL,
  process_id uuid NOT NULL,
  corpus_id uuid NOT NULL,
  chunk smallint NOT NULL DEFAULT 1,
  state text NOT NULL DEFAULT 'queued'
    CONSTRAINT worker_activity_state_known CHECK (state IN ('queued', 'started', 'processed', 'error')),
  task_id uuid,
  started timestamptz,
  updated timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, worker_run_id, element_id)
);
CREATE INDEX worker_activity_queue ON worker_activity (tenant_id, worker_run_id, chunk, element_id) WHERE state = 'queued';
CREATE INDEX worker_activity_by_task ON worker_activity (tenant_id, task_id) WHERE state = 'started';
CREATE INDEX worker_activity_by_element ON worker_activity (tenant_id, element_id);
CREATE INDEX worker_activity_by_process ON worker_activity (tenant_id, process_id, worker_run_id, state);
