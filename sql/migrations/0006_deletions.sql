-- What is hidden. A handful of rows here takes any number of results out of every screen, and back.

CREATE TABLE deletion (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  corpus_id uuid NOT NULL,
  keep_manual boolean NOT NULL DEFAULT true,
  state text NOT NULL DEFAULT 'hidden' CONSTRAINT deletion_state_known CHECK (state IN ('hidden', 'restored', 'purging', 'purged')),
  undo_until timestamptz NOT NULL,
  counts jsonb NOT NULL DEFAULT '{}' CONSTRAINT deletion_counts_is_object CHECK (jsonb_typeof(counts) = 'object'),
  creator_id uuid,
  created timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, id),
  CONSTRAINT deletion_corpus FOREIGN KEY (tenant_id, corpus_id) REFERENCES corpus,
  CONSTRAINT deletion_creator FOREIGN KEY (tenant_id, creator_id) REFERENCES user_account ON DELETE SET NULL (creator_id)
);
CREATE INDEX deletion_by_corpus ON deletion (tenant_id, corpus_id, id);
CREATE INDEX deletion_by_creator ON deletion (tenant_id, creator_id);

CREATE TABLE hidden_source (
  tenant_id uuid NOT NULL,
  source_id integer NOT NULL,
  deletion_id uuid NOT NULL,
  corpus_id uuid NOT NULL,
  -- Also what people have worked on.
  everything boolean NOT NULL,
  PRIMARY KEY (tenant_id, source_id, deletion_id),
  CONSTRAINT hidden_source_source FOREIGN KEY (tenant_id, source_id) REFERENCES source,
  CONSTRAINT hidden_source_deletion FOREIGN KEY (tenant_id, deletion_id) REFERENCES deletion
);
CREATE INDEX hidden_source_by_deletion ON hidden_source (tenant_id, deletion_id);

CREATE TABLE hidden_lineage (
  tenant_id uuid NOT NULL,
  lineage_id integer NOT NULL,
  deletion_id uuid NOT NULL,
  corpus_id uuid NOT NULL,
  everything boolean NOT NULL,
  PRIMARY KEY (tenant_id, lineage_id, deletion_id),
  CONSTRAINT hidden_lineage_lineage FOREIGN KEY (tenant_id, lineage_id) REFERENCES lineage,
  CONSTRAINT hidden_lineage_deletion FOREIGN KEY (tenant_id, deletion_id) REFERENCES deletion
);
CREATE INDEX hidden_lineage_by_deletion ON hidden_lineage (tenant_id, deletion_id);
