-- What deletions have hidden, for the policies to read. erased: also what people had worked on.
CREATE OR REPLACE FUNCTION set_hidden(tenant uuid) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM
    set_config('app.hidden_lineages', coalesce(array_agg(DISTINCT h.lineage_id)::text, '{}'), true),
    set_config('app.erased_lineages', coalesce(array_agg(DISTINCT h.lineage_id) FILTER (WHERE h.everything)::text, '{}'), true)
  FROM hidden_lineage h WHERE h.tenant_id = tenant;
  PERFORM
    set_config('app.hidden_sources', coalesce(array_agg(DISTINCT h.source_id)::text, '{}'), true),
    set_config('app.erased_sources', coalesce(array_agg(DISTINCT h.source_id) FILTER (WHERE h.everything)::text, '{}'), true)
  FROM hidden_source h WHERE h.tenant_id = tenant;
END $$;

-- Whoever writes in a corpus holds this shared to the end of the transaction; a deletion and its undo hold it alone. So each write comes
-- whole before a deletion or whole after it. It is the first lock that anything takes.
CREATE OR REPLACE FUNCTION visibility_lock(corpus uuid) RETURNS bigint LANGUAGE sql IMMUTABLE AS
  $$ SELECT hashtextextended(corpus::text, 13) $$;

-- For writers. What was read before this may have been hidden meanwhile: look again.
CREATE OR REPLACE FUNCTION hold_visibility(corpus uuid) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_advisory_xact_lock_shared(visibility_lock(corpus));
  IF hidden_sources() <> '{}' OR hidden_lineages() <> '{}' OR EXISTS (SELECT FROM hidden_source h WHERE h.tenant_id = own_tenant())
    OR EXISTS (SELECT FROM hidden_lineage h WHERE h.tenant_id = own_tenant()) THEN
    PERFORM set_hidden(own_tenant());
  END IF;
END $$;

-- For deletions and their undo.
CREATE OR REPLACE FUNCTION change_visibility(corpus uuid) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_advisory_xact_lock(visibility_lock(corpus));
  PERFORM set_hidden(own_tenant());
END $$;

-- The one way in. A segment begins with it: it sets the tenant, finds who holds the secret, sets what the policies read, and checks
-- the level on the resource that the operation is about; a refusal ends the segment before any statement of it runs.
--   scheme  anonymous | token | session | ponos | capability | system (the server itself; no secret)
--   writes  whether the operation changes anything: a token of scope read may not
--   restricts_commands  whether this server lets instance administrators alone say what is executed
--   origin  where the caller reaches the server, for the addresses in answers
--   capability  {kind, verb, object, until, mac} of an address that was given out. Whoever holds it is asked for nothing else, and the
--     statements that follow see the whole tenant: they must name the object, and do nothing but what the address is for
--   needed  0: anyone, 1: signed in, 2: a person, 3: a running task, 10, 50, 100: level on the resource, 101: instance administrator,
--          102: an agent, by any token of an instance administrator; one of scope agent is good for nothing else
CREATE OR REPLACE FUNCTION enter(tenant uuid, scheme text, secret_digest bytea, writes boolean, kind text, object uuid, needed integer,
  restricts_commands boolean DEFAULT false, origin text DEFAULT NULL, capability jsonb DEFAULT NULL)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  person record;
  running record;
BEGIN
  PERFORM set_config('app.tenant_id', coalesce(tenant::text, ''), true),
    set_config('app.user_id', '', true), set_config('app.task_id', '', true), set_config('app.unrestricted', '', true),
    set_config('app.instance_administrator', '', true), set_config('app.task_corpus_id', '', true),
    set_config('app.task_worker_id', '', true), set_config('app.task_model_id', '', true), set_config('app.task_trained_model_id', '', true),
    set_config('app.restricts_commands', CASE WHEN restricts_commands THEN 'on' ELSE '' END, true),
    set_config('app.origin', coalesce(origin, ''), true),
    set_config('app.hidden_lineages', '{}', true), set_config('app.erased_lineages', '{}', true),
    set_config('app.hidden_sources', '{}', true), set_config('app.erased_sources', '{}', true);
  -- One look tells whether there is anything to read.
  IF EXISTS (SELECT FROM hidden_source h WHERE h.tenant_id = tenant) OR EXISTS (SELECT FROM hidden_lineage h WHERE h.tenant_id = tenant) THEN PERFORM set_hidden(tenant); END IF;

  IF scheme IN ('token', 'session') THEN
    IF scheme = 'token' THEN
      SELECT u.id, u.is_admin, t.scope INTO person FROM api_token t JOIN user_account u ON u.tenant_id = tenant AND u.id = t.user_id
        WHERE t.tenant_id = tenant AND t.digest = secret_digest AND (t.expires IS NULL OR t.expires > now());
    ELSE
      SELECT u.id, u.is_admin, 'write' AS scope INTO person FROM session s JOIN user_account u ON u.tenant_id = tenant AND u.id = s.user_id
        WHERE s.tenant_id = tenant AND s.digest = secret_digest AND s.expires > now();
    END IF;
    IF NOT FOUND THEN PERFORM refuse(401, 'authentication_failed', 'This token or session is not valid.'); END IF;
    IF writes AND person.scope = 'read' THEN PERFORM refuse(403, 'read_only_token', 'This token may only read.'); END IF;
    IF needed <> 102 AND person.scope = 'agent' THEN
      PERFORM refuse(403, 'agent_token', 'This token may only claim tasks and report on them.');
    END IF;
    PERFORM set_config('app.user_id', person.id::text, true),
      set_config('app.instance_administrator', CASE WHEN person.is_admin THEN 'on' ELSE '' END, true),
      set_config('app.unrestricted',
        CASE WHEN person.is_admin OR (SELECT d.edition FROM deployment d) = 'community' THEN 'on' ELSE '' END, true);
  ELSIF scheme = 'ponos' THEN
    SELECT t.id, p.corpus_id, p.model_id AS trained_model_id, used.worker_id, used.model_id INTO running FROM task t
      JOIN process p ON p.tenant_id = tenant AND p.id = t.process_id
      CROSS JOIN LATERAL used_by_run(t.worker_run_id) AS used
      WHERE t.tenant_id = tenant AND t.token_digest = secret_digest AND t.state IN ('running', 'stopping') AND t.lease_until > now();
    IF NOT FOUND THEN
      -- For a minute after its end a task may bring what it leaves, and do nothing else.
      SELECT t.id INTO running FROM task t WHERE t.tenant_id = tenant AND t.token_digest = secret_digest AND t.finished > now() - interval '1 minute'
        AND t.state IN ('completed', 'failed', 'stopped', 'error');
      IF FOUND AND kind = 'task' AND object = running.id AND needed <= 50 THEN
        PERFORM set_config('app.task_id', running.id::text, true);
        RETURN;
      END IF;
      PERFORM refuse(401, 'authentication_failed', 'This task token is not valid, or its task has ended.');
    END IF;
    PERFORM set_config('app.task_id', running.id::text, true), set_config('app.task_corpus_id', coalesce(running.corpus_id::text, ''), true),
      set_config('app.task_worker_id', running.worker_id::text, true), set_config('app.task_model_id', coalesce(running.model_id::text, ''), true),
      set_config('app.task_trained_model_id', coalesce(running.trained_model_id::text, ''), true);
  ELSIF scheme = 'capability' THEN
    IF NOT capability_holds(capability->>'kind', capability->>'verb', capability->>'object', capability->>'until', capability->>'mac') THEN
      PERFORM refuse(403, 'capability_refused', 'This address has expired, or was altered. Ask for a new one.');
    END IF;
    PERFORM set_config('app.unrestricted', 'on', true);
    RETURN;
  ELSIF scheme = 'system' THEN
    PERFORM set_config('app.unrestricted', 'on', true), set_config('app.instance_administrator', 'on', true);
  ELSIF scheme <> 'anonymous' THEN
    PERFORM refuse(401, 'authentication_failed', 'Authenticate with Token, Ponos or a session.');
  END IF;

  IF needed = 0 THEN RETURN; END IF;
  IF scheme = 'anonymous' AND (writes OR needed <> 10 OR NOT coalesce(kind IN ('corpus', 'element', 'image'), false)) THEN
    PERFORM refuse(401, 'not_authenticated', 'Authentication credentials were not provided.');
  ELSIF needed = 2 AND scheme = 'ponos' THEN
    PERFORM refuse(403, 'permission_denied', 'A task may not do this.');
  ELSIF needed = 3 AND scheme <> 'ponos' THEN
    PERFORM refuse(403, 'task_only', 'Only a running task may do this: authenticate with Ponos.');
  ELSIF needed IN (101, 102) THEN
    PERFORM require_instance_administrator();
  ELSIF kind IS NOT NULL THEN
    IF scheme = 'anonymous' AND level_on(kind, object) IS NULL THEN
      PERFORM refuse(401, 'not_authenticated', 'Authentication credentials were not provided.');
    END IF;
    PERFORM require_level(kind, object, needed);
  END IF;
END $$;
