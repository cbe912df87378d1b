-- What enter() has set for this transaction. Unset or empty gives null everywhere, and so no row.

CREATE OR REPLACE FUNCTION own_tenant() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE AS
  $$ SELECT nullif(current_setting('app.tenant_id', true), '')::uuid $$;

CREATE OR REPLACE FUNCTION own_user() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE AS
  $$ SELECT nullif(current_setting('app.user_id', true), '')::uuid $$;

CREATE OR REPLACE FUNCTION own_task() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE AS
  $$ SELECT nullif(current_setting('app.task_id', true), '')::uuid $$;

CREATE OR REPLACE FUNCTION own_task_corpus() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE AS
  $$ SELECT nullif(current_setting('app.task_corpus_id', true), '')::uuid $$;

CREATE OR REPLACE FUNCTION own_task_worker() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE AS
  $$ SELECT nullif(current_setting('app.task_worker_id', true), '')::uuid $$;

CREATE OR REPLACE FUNCTION own_task_model() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE AS
  $$ SELECT nullif(current_setting('app.task_model_id', true), '')::uuid $$;

-- The model that its process makes versions of.
CREATE OR REPLACE FUNCTION own_task_trained_model() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE AS
  $$ SELECT nullif(current_setting('app.task_trained_model_id', true), '')::uuid $$;

-- Everything in the tenant with level 100: instance administrators, everyone signed in to the Community edition, the server itself.
CREATE OR REPLACE FUNCTION unrestricted() RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE AS
  $$ SELECT coalesce(current_setting('app.unrestricted', true) = 'on', false) $$;

CREATE OR REPLACE FUNCTION instance_administrator() RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE AS
  $$ SELECT coalesce(current_setting('app.instance_administrator', true) = 'on', false) $$;

-- Where the caller reaches this server, http://host:port; empty when the server works on its own.
CREATE OR REPLACE FUNCTION own_origin() RETURNS text LANGUAGE sql STABLE PARALLEL SAFE AS
  $$ SELECT coalesce(current_setting('app.origin', true), '') $$;

-- The pseudo-user whose access everybody has.
CREATE OR REPLACE FUNCTION everyone() RETURNS uuid LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
  $$ SELECT '00000000-0000-0000-0000-000000000000'::uuid $$;

CREATE OR REPLACE FUNCTION hidden_lineages() RETURNS integer[] LANGUAGE sql STABLE PARALLEL SAFE AS
  $$ SELECT nullif(current_setting('app.hidden_lineages', true), '')::integer[] $$;

CREATE OR REPLACE FUNCTION erased_lineages() RETURNS integer[] LANGUAGE sql STABLE PARALLEL SAFE AS
  $$ SELECT nullif(current_setting('app.erased_lineages', true), '')::integer[] $$;

CREATE OR REPLACE FUNCTION hidden_sources() RETURNS integer[] LANGUAGE sql STABLE PARALLEL SAFE AS
  $$ SELECT nullif(current_setting('app.hidden_sources', true), '')::integer[] $$;

CREATE OR REPLACE FUNCTION erased_sources() RETURNS integer[] LANGUAGE sql STABLE PARALLEL SAFE AS
  $$ SELECT nullif(current_setting('app.erased_sources', true), '')::integer[] $$;

CREATE OR REPLACE FUNCTION nothing_hidden() RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE AS
  $$ SELECT coalesce(current_setting('app.hidden_lineages', true) = '{}', false) $$;
