-- The least that handing out an element costs: one queued row is taken, whoever else asks at the same time. Nothing else is looked at.
UPDATE worker_activity a SET state = 'started', started = now()
FROM (SELECT q.tenant_id, q.worker_run_id, q.element_id FROM worker_activity q
  WHERE q.tenant_id = :tenant::uuid AND q.worker_run_id = :run::uuid AND q.chunk = 1 AND q.state = 'queued'
  ORDER BY q.element_id LIMIT 1 FOR UPDATE SKIP LOCKED) AS next
WHERE a.tenant_id = next.tenant_id AND a.worker_run_id = next.worker_run_id AND a.element_id = next.element_id
RETURNING a.element_id;
