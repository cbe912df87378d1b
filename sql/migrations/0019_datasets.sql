-- What training works on: datasets, whose elements are shared among named sets, and the sets that a process was given.

CREATE TABLE dataset (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  corpus_id uuid NOT NULL,
  name text COLLATE "C" NOT NULL CONSTRAINT dataset_name_length CHECK (length(name) BETWEEN 1 AND 100),
  description text NOT NULL DEFAULT '',
  -- Whether an element may be in one of its sets only.
  unique_elements boolean NOT NULL DEFAULT true,
  creator_id uuid,
  created timestamptz NOT NULL DEFAULT now(),
  updated timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, id),
  CONSTRAINT dataset_corpus FOREIGN KEY (tenant_id, corpus_id) REFERENCES corpus ON DELETE CASCADE,
  CONSTRAINT dataset_creator FOREIGN KEY (tenant_id, creator_id) REFERENCES user_account ON DELETE SET NULL (creator_id),
  CONSTRAINT dataset_name_unique UNIQUE (tenant_id, corpus_id, name)
);
CREATE INDEX dataset_by_creator ON dataset (tenant_id, creator_id);

CREATE TABLE dataset_set (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  dataset_id uuid NOT NULL,
  name text COLLATE "C" NOT NULL CONSTRAINT dataset_set_name_length CHECK (length(name) BETWEEN 1 AND 50),
  PRIMARY KEY (tenant_id, id),
  CONSTRAINT dataset_set_dataset FOREIGN KEY (tenant_id, dataset_id) REFERENCES dataset ON DELETE CASCADE,
  CONSTRAINT dataset_set_name_unique UNIQUE (tenant_id, dataset_id, name)
);

-- Grows without bound: no foreign keys. Rows go with their element, when it is purged, or with their set.
CREATE TABLE dataset_element (
  tenant_id uuid NOT NULL,
  dataset_id uuid NOT NULL,
  set_id uuid NOT NULL,
  element_id uuid NOT NULL,
  -- The dataset's unique_elements, kept by the same functions.
  exclusive boolean NOT NULL,
  creator_id uuid,
  created timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT dataset_element_unique PRIMARY KEY (tenant_id, set_id, element_id)
);
CREATE UNIQUE INDEX dataset_element_exclusive ON dataset_element (tenant_id, dataset_id, element_id) WHERE exclusive;
CREATE INDEX dataset_element_by_dataset ON dataset_element (tenant_id, dataset_id, set_id, element_id);
CREATE INDEX dataset_element_by_element ON dataset_element (tenant_id, element_id);

CREATE TABLE process_set (
  tenant_id uuid NOT NULL,
  process_id uuid NOT NULL,
  set_id uuid NOT NULL,
  PRIMARY KEY (tenant_id, process_id, set_id),
  CONSTRAINT process_set_process FOREIGN KEY (tenant_id, process_id) REFERENCES process ON DELETE CASCADE,
  CONSTRAINT process_set_set FOREIGN KEY (tenant_id, set_id) REFERENCES dataset_set
);
CREATE INDEX process_set_by_set ON process_set (tenant_id, set_id);
