-- Exports of corpora and datasets as SQLite files.

CREATE TABLE corpus_export (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  corpus_id uuid NOT NULL,
  -- Null for the whole corpus.
  dataset_id uuid,
  -- Makes it, and says how far it is; gone when somebody has dismissed it.
  job_id uuid,
  creator_id uuid,
  -- Null until it is done.
  digest bytea,
  size bigint,
  -- The deletions that stood when it was made: with others, it shows what is not there or lacks what is.
  deletions uuid[] NOT NULL DEFAULT '{}',
  created timestamptz NOT NULL DEFAULT now(),
  updated timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, id),
  CONSTRAINT corpus_export_corpus FOREIGN KEY (tenant_id, corpus_id) REFERENCES corpus,
  CONSTRAINT corpus_export_dataset FOREIGN KEY (tenant_id, dataset_id) REFERENCES dataset ON DELETE CASCADE,
  CONSTRAINT corpus_export_job FOREIGN KEY (tenant_id, job_id) REFERENCES job ON DELETE SET NULL (job_id),
  CONSTRAINT corpus_export_creator FOREIGN KEY (tenant_id, creator_id) REFERENCES user_account ON DELETE SET NULL (creator_id),
  CONSTRAINT corpus_export_file FOREIGN KEY (tenant_id, digest) REFERENCES stored_file
);
CREATE INDEX corpus_export_by_corpus ON corpus_export (tenant_id, corpus_id, created, id);
CREATE INDEX corpus_export_by_dataset ON corpus_export (tenant_id, dataset_id);
CREATE INDEX corpus_export_by_job ON corpus_export (tenant_id, job_id);
CREATE INDEX corpus_export_by_creator ON corpus_export (tenant_id, creator_id);
CREATE INDEX corpus_export_by_file ON corpus_export (tenant_id, digest);
