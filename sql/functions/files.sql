-- Files that the server keeps. A row says that the file of this digest is in the tenant's directory; whoever uses one refers to it by a
-- foreign key. The file is put in its place before its row is written, so a row never stands for nothing.

-- Notes a file that has arrived, in the transaction that refers to it.
CREATE OR REPLACE FUNCTION keep_file(its_digest text, its_md5 text, its_size bigint) RETURNS bytea LANGUAGE sql AS $$
  INSERT INTO stored_file AS f (tenant_id, digest, md5, size) VALUES (own_tenant(), decode(its_digest, 'hex'), decode(its_md5, 'hex'), its_size)
  ON CONFLICT (tenant_id, digest) DO UPDATE SET released = NULL RETURNING f.digest
$$;

-- Says that somebody does not refer to a file any more. Once nobody does, the sweeper removes it.
CREATE OR REPLACE FUNCTION release_file(its_digest bytea) RETURNS void LANGUAGE sql AS $$
  UPDATE stored_file f SET released = now() WHERE f.tenant_id = own_tenant() AND f.digest = its_digest
$$;

-- Forgets released files that nobody refers to, and gives their digests. Those still in use are no longer counted as released.
CREATE OR REPLACE FUNCTION forget_released_files(released_before timestamptz, most integer) RETURNS SETOF bytea LANGUAGE plpgsql AS $$
DECLARE candidate bytea;
BEGIN
  FOR candidate IN SELECT f.digest FROM stored_file f WHERE f.tenant_id = own_tenant() AND f.released < released_before
    ORDER BY f.released LIMIT most FOR UPDATE SKIP LOCKED LOOP
    BEGIN
      DELETE FROM stored_file f WHERE f.tenant_id = own_tenant() AND f.digest = candidate;
      RETURN NEXT candidate;
    EXCEPTION WHEN foreign_key_violation THEN
      UPDATE stored_file f SET released = NULL WHERE f.tenant_id = own_tenant() AND f.digest = candidate;
    END;
  END LOOP;
END $$;

-- The trigger of tables that refer to a file, on DELETE and UPDATE: lets it go. The argument is the column.
CREATE OR REPLACE FUNCTION file_let_go() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  before bytea := (to_jsonb(OLD)->>TG_ARGV[0])::bytea;
  after bytea := CASE TG_OP WHEN 'UPDATE' THEN (to_jsonb(NEW)->>TG_ARGV[0])::bytea END;
BEGIN
  IF before IS NOT NULL AND before IS DISTINCT FROM after THEN
    UPDATE stored_file f SET released = now() WHERE f.tenant_id = OLD.tenant_id AND f.digest = before;
  END IF;
  RETURN NULL;
END $$;
