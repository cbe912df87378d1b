-- What a deletion takes of a generation within an element or a selection becomes a part of it: a source of its own, so that hiding it is a
-- row. Parts are of the same generation, so the undo of one does not take another for something newer.
ALTER TABLE source
  ADD COLUMN part integer NOT NULL DEFAULT 0 CONSTRAINT source_part_not_negative CHECK (part >= 0),
  DROP CONSTRAINT source_generation_unique,
  ADD CONSTRAINT source_generation_unique UNIQUE (tenant_id, corpus_id, worker_run_id, generation, part);
-- It has one parameter more.
DROP FUNCTION IF EXISTS deletion_numbers(uuid, integer[], boolean);
