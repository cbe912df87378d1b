-- How far each purge is: committed with every batch, so that whoever carries it on knows where.

CREATE TABLE purge_cursor (
  tenant_id uuid NOT NULL,
  deletion_id uuid NOT NULL,
  -- The step of the plan, the source or lineage in it, and the last row of that which was looked at.
  step smallint NOT NULL DEFAULT 1,
  member integer NOT NULL DEFAULT 0,
  last_id uuid NOT NULL DEFAULT '00000000-0000-0000-0000-000000000000',
  PRIMARY KEY (tenant_id, deletion_id),
  CONSTRAINT purge_cursor_deletion FOREIGN KEY (tenant_id, deletion_id) REFERENCES deletion
) WITH (fillfactor = 50);

-- Whose it was, when what was kept lost its source.
ALTER TABLE element ADD COLUMN detached_source_id integer NOT NULL DEFAULT 0;
ALTER TABLE transcription ADD COLUMN detached_source_id integer NOT NULL DEFAULT 0;
ALTER TABLE metadata ADD COLUMN detached_source_id integer NOT NULL DEFAULT 0;

-- A purge leaves many dead rows in a small part of a table: vacuum when one in fifty is dead, not one in five.
ALTER TABLE element SET (autovacuum_vacuum_scale_factor = 0.02);
ALTER TABLE element_path SET (autovacuum_vacuum_scale_factor = 0.02);
ALTER TABLE transcription SET (autovacuum_vacuum_scale_factor = 0.02);
ALTER TABLE transcription_entity SET (autovacuum_vacuum_scale_factor = 0.02);
ALTER TABLE classification SET (autovacuum_vacuum_scale_factor = 0.02);
ALTER TABLE metadata SET (autovacuum_vacuum_scale_factor = 0.02);
