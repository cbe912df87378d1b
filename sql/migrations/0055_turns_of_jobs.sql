-- Whose turn it is: how many jobs of a tenant run, and when one was claimed last.
CREATE INDEX job_running ON job (tenant_id) WHERE state = 'running';
CREATE INDEX job_by_claim ON job (tenant_id, claimed) WHERE claimed IS NOT NULL;
