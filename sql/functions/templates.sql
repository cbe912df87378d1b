-- Templates: processes that never run and keep worker runs with their parents, to be copied into processes that have not started.

-- Makes a template of the runs of a process, as they are, whether it has been started or not. What has become unusable meanwhile is told
-- when the template is applied.
CREATE OR REPLACE FUNCTION create_process_template(of_process uuid, called text) RETURNS uuid LANGUAGE plpgsql AS $$
DECLARE
  made uuid := uuid7();
  given process;
  copies jsonb;
BEGIN
  SELECT * INTO given FROM process p WHERE p.tenant_id = own_tenant() AND p.id = of_process FOR UPDATE;
  IF given.mode IN ('template', 'local') THEN
    PERFORM refuse(400, 'invalid_mode', format('No template is made of a process in mode %s.', given.mode));
  END IF;
  copies := (SELECT jsonb_object_agg(run.id, uuid7(run.number)) FROM (
    SELECT r.id, row_number() OVER (ORDER BY r.id) AS number FROM worker_run r WHERE r.tenant_id = own_tenant() AND r.process_id = of_process) AS run);
  IF copies IS NULL THEN PERFORM refuse(400, 'empty', 'This process has no worker run to keep.'); END IF;
  INSERT INTO process (tenant_id, id, name, mode, corpus_id, creator_id) VALUES (own_tenant(), made, called, 'template', given.corpus_id, own_user());
  INSERT INTO worker_run (tenant_id, id, process_id, worker_version_id, model_version_id, configuration_id, summary, creator_id)
    SELECT own_tenant(), (copies->>r.id::text)::uuid, made, r.worker_version_id, r.model_version_id, r.configuration_id,
      summary_of(r.worker_version_id, r.model_version_id, r.configuration_id), own_user()
    FROM worker_run r WHERE r.tenant_id = own_tenant() AND r.process_id = of_process;
  INSERT INTO worker_run_parent (tenant_id, worker_run_id, parent_id)
    SELECT own_tenant(), (copies->>p.worker_run_id::text)::uuid, (copies->>p.parent_id::text)::uuid
    FROM worker_run_parent p WHERE p.tenant_id = own_tenant() AND copies ? p.worker_run_id::text;
  RETURN made;
END $$;

-- Copies the runs of a template that the caller may use into a process that has not started. What is left out is named with the reason;
-- one that the process has already is left out too, and takes the place of the copy. Where a parent is left out, its own parents take
-- its place: what had to wait for them goes on waiting for them.
CREATE OR REPLACE FUNCTION apply_process_template(to_process uuid, from_template uuid, OUT made uuid[], OUT left_out jsonb) LANGUAGE plpgsql AS $$
DECLARE
  target process;
  template process;
  run worker_run;
  faults jsonb;
  twin uuid;
  -- What stands in the process for each run of the template.
  copies jsonb := '{}';
BEGIN
  made := '{}';
  left_out := '[]';
  -- Two processes, in the order of their ids.
  PERFORM FROM process p WHERE p.tenant_id = own_tenant() AND p.id IN (to_process, from_template) ORDER BY p.id FOR UPDATE;
  target := lock_unstarted_process(to_process);
  IF target.mode IN ('template', 'local') THEN
    PERFORM refuse(400, 'invalid_mode', format('No template is applied to a process in mode %s.', target.mode));
  END IF;
  PERFORM require_level('process', from_template, 10, '["template_id"]');
  SELECT * INTO template FROM process p WHERE p.tenant_id = own_tenant() AND p.id = from_template;
  IF template.mode <> 'template' THEN
    PERFORM refuse(400, 'not_a_template', 'This process is not a template.', '["template_id"]');
  END IF;
  PERFORM lock_parts(from_template);
  FOR run IN SELECT * FROM worker_run r WHERE r.tenant_id = own_tenant() AND r.process_id = from_template ORDER BY r.id LOOP
    faults := run_faults(run.worker_version_id, run.model_version_id, run.configuration_id, '[]', false)
      || element_type_faults(target.corpus_id, run.worker_version_id, run.configuration_id, '[]');
    twin := twin_of_run(to_process, run.worker_version_id, run.model_version_id, run.configuration_id);
    IF twin IS NOT NULL THEN
      copies := copies || jsonb_build_object(run.id, twin);
      faults := jsonb_build_array(jsonb_build_object('code', 'worker_run_exists', 'detail', 'This process has such a worker run already.'));
    ELSIF faults = '[]' THEN
      made := made || save_worker_run(NULL, to_process, run.worker_version_id, run.model_version_id, run.configuration_id, NULL);
      copies := copies || jsonb_build_object(run.id, made[cardinality(made)]);
      CONTINUE;
    END IF;
    left_out := left_out || jsonb_build_object('worker_run', jsonb_build_object('id', run.id, 'summary', run.summary), 'code', faults->0->>'code',
      'reason', (SELECT string_agg(fault->>'detail', ' ') FROM jsonb_array_elements(faults) AS fault), 'existing_id', twin);
  END LOOP;
  INSERT INTO worker_run_parent (tenant_id, worker_run_id, parent_id)
  WITH RECURSIVE above AS (
    SELECT p.worker_run_id AS child, p.parent_id AS parent FROM worker_run_parent p
      WHERE p.tenant_id = own_tenant() AND (copies->>p.worker_run_id::text)::uuid = ANY (made)
    UNION
    SELECT a.child, p.parent_id FROM above a JOIN worker_run_parent p ON p.tenant_id = own_tenant() AND p.worker_run_id = a.parent
      WHERE NOT copies ? a.parent::text
  )
  SELECT own_tenant(), (copies->>a.child::text)::uuid, (copies->>a.parent::text)::uuid FROM above a WHERE copies ? a.parent::text;
END $$;
