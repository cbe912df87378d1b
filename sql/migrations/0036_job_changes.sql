-- By which transaction a job was last written: whoever follows jobs asks for what has changed since the oldest that had not ended when they
-- last looked, so that none is missed, whatever the order in which transactions end.
ALTER TABLE job ADD COLUMN changed xid8 NOT NULL DEFAULT pg_current_xact_id();
CREATE INDEX job_by_change ON job (tenant_id, changed);
