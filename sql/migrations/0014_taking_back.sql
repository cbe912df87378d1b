-- What taking results back needs beyond the rows that hide them.

-- A lineage that begins below something a deletion had to leave is another one: that deletion does not hide it.
ALTER TABLE lineage
  ADD COLUMN survived uuid[] NOT NULL DEFAULT '{}',
  -- The source of the element itself where a person signed with it: work by hand, which stays when other sources of the lineage go.
  ADD COLUMN hand integer NOT NULL DEFAULT 0,
  DROP CONSTRAINT lineage_sources_unique,
  ADD CONSTRAINT lineage_sources_unique UNIQUE (tenant_id, corpus_id, sources, survived, hand);
CREATE INDEX element_by_lineage ON element (tenant_id, corpus_id, lineage_id, id);
CREATE INDEX element_path_by_lineage ON element_path (tenant_id, corpus_id, lineage_id, key);

-- Set when nothing of it is left; it is never hidden again.
ALTER TABLE source ADD COLUMN purged timestamptz;

-- An entity stands on a transcription and goes with it, whoever made it. Whose the transcription is stands beside it, so that
-- policies and counters need not look there.
ALTER TABLE transcription_entity
  ADD COLUMN transcription_source_id integer NOT NULL DEFAULT 0,
  ADD COLUMN transcription_kept boolean NOT NULL DEFAULT true,
  -- Whose it was, when what was kept lost its source: two of the same may then stand side by side.
  ADD COLUMN detached_source_id integer NOT NULL DEFAULT 0,
  DROP CONSTRAINT transcription_entity_unique,
  ADD CONSTRAINT transcription_entity_unique
    UNIQUE (tenant_id, transcription_id, type_id, "offset", length, source_id, detached_source_id);
UPDATE transcription_entity e SET transcription_source_id = t.source_id, transcription_kept = t.kept
  FROM transcription t WHERE t.tenant_id = e.tenant_id AND t.id = e.transcription_id;

ALTER TABLE classification
  ADD COLUMN detached_source_id integer NOT NULL DEFAULT 0,
  DROP CONSTRAINT classification_unique,
  ADD CONSTRAINT classification_unique UNIQUE (tenant_id, element_id, source_id, ml_class_id, detached_source_id);

-- Counted anew, with the transcription that an entity stands on.
DELETE FROM result_count;
ALTER TABLE result_count
  ADD COLUMN transcription_source_id integer NOT NULL DEFAULT 0,
  ADD COLUMN transcription_kept boolean NOT NULL DEFAULT true,
  DROP CONSTRAINT result_count_pkey,
  ADD PRIMARY KEY (tenant_id, corpus_id, lineage_id, element_kept, source_id, kept, kind, transcription_source_id, transcription_kept),
  DROP CONSTRAINT result_count_kind_known,
  ADD CONSTRAINT result_count_kind_known
    CHECK (kind IN ('element', 'transcription', 'classification', 'metadata', 'transcription_entity', 'embedding'));
INSERT INTO result_count (tenant_id, corpus_id, lineage_id, element_kept, source_id, kept, kind, transcription_source_id, transcription_kept, n)
SELECT r.tenant_id, r.corpus_id, e.lineage_id, e.kept, r.source_id, r.kept, r.kind, r.transcription_source_id, r.transcription_kept, count(*)
FROM (
  SELECT tenant_id, corpus_id, id AS element_id, source_id, kept, 'element' AS kind, 0 AS transcription_source_id, true AS transcription_kept
    FROM element
  UNION ALL SELECT tenant_id, corpus_id, element_id, source_id, kept, 'transcription', 0, true FROM transcription
  UNION ALL SELECT tenant_id, corpus_id, element_id, source_id, kept, 'classification', 0, true FROM classification
  UNION ALL SELECT tenant_id, corpus_id, element_id, source_id, kept, 'metadata', 0, true FROM metadata
  UNION ALL SELECT tenant_id, corpus_id, element_id, source_id, kept, 'transcription_entity', transcription_source_id, transcription_kept
    FROM transcription_entity
) AS r JOIN element e ON e.tenant_id = r.tenant_id AND e.id = r.element_id
GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9;

-- Whose work an activity stands for: when that is hidden, or gone, the element waits again.
ALTER TABLE worker_activity ADD COLUMN source_id integer;
UPDATE worker_activity a SET source_id = t.source_id FROM task t WHERE t.tenant_id = a.tenant_id AND t.id = a.task_id;
CREATE INDEX worker_activity_by_source ON worker_activity (tenant_id, source_id, element_id) WHERE source_id IS NOT NULL;

ALTER TABLE deletion
  -- What was asked for, and the runs that it chose.
  ADD COLUMN filter jsonb NOT NULL DEFAULT '{}',
  ADD COLUMN worker_runs uuid[] NOT NULL DEFAULT '{}',
  ADD COLUMN job_id uuid,
  ADD COLUMN ended timestamptz,
  ADD CONSTRAINT deletion_job FOREIGN KEY (tenant_id, job_id) REFERENCES job ON DELETE SET NULL (job_id);
CREATE INDEX deletion_by_job ON deletion (tenant_id, job_id);

-- What a preview showed. Whoever deletes with its token deletes that and nothing else.
CREATE TABLE deletion_preview (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  corpus_id uuid NOT NULL,
  creator_id uuid,
  -- The filter and what it chose, with the numbers, as they were shown.
  scope jsonb NOT NULL CONSTRAINT deletion_preview_scope_is_object CHECK (jsonb_typeof(scope) = 'object'),
  numbers jsonb NOT NULL CONSTRAINT deletion_preview_numbers_is_object CHECK (jsonb_typeof(numbers) = 'object'),
  expires timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, id),
  CONSTRAINT deletion_preview_corpus FOREIGN KEY (tenant_id, corpus_id) REFERENCES corpus,
  CONSTRAINT deletion_preview_creator FOREIGN KEY (tenant_id, creator_id) REFERENCES user_account ON DELETE CASCADE
);
CREATE INDEX deletion_preview_by_corpus ON deletion_preview (tenant_id, corpus_id);
CREATE INDEX deletion_preview_by_creator ON deletion_preview (tenant_id, creator_id);
CREATE INDEX deletion_preview_by_expiry ON deletion_preview (tenant_id, expires);
