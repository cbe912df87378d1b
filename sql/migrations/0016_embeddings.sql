-- Vectors that runs work out for elements, one for each run and element.

CREATE TABLE embedding (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  corpus_id uuid NOT NULL,
  element_id uuid NOT NULL,
  source_id integer NOT NULL CONSTRAINT embedding_made_by_a_run CHECK (source_id > 0 OR detached_from IS NOT NULL),
  kept boolean NOT NULL DEFAULT false,
  value real[] NOT NULL CONSTRAINT embedding_value_length CHECK (array_ndims(value) = 1 AND cardinality(value) BETWEEN 1 AND 16384),
  creator_id uuid,
  created timestamptz NOT NULL DEFAULT now(),
  updated timestamptz NOT NULL DEFAULT now(),
  edited_by uuid,
  edited_at timestamptz,
  detached_from uuid,
  detached_source_id integer NOT NULL DEFAULT 0,
  PRIMARY KEY (tenant_id, id),
  CONSTRAINT embedding_unique UNIQUE (tenant_id, element_id, source_id, detached_source_id)
);
CREATE INDEX embedding_by_source ON embedding (tenant_id, corpus_id, source_id, id) WHERE source_id <> 0;
ALTER TABLE embedding SET (autovacuum_vacuum_scale_factor = 0.02);
