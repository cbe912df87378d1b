-- A further run, numbered :run, with :size transcriptions of the zones, some of them many times; its task has ended.
\set QUIET on
BEGIN;
SELECT tenant_id AS tenant FROM tenant \gset
CREATE FUNCTION pg_temp.id(kind integer, n bigint) RETURNS uuid LANGUAGE sql IMMUTABLE AS
  $$ SELECT (lpad(to_hex(n), 12, '0') || '7' || lpad(kind::text, 3, '0') || '8' || repeat('0', 15))::uuid $$;
INSERT INTO process (tenant_id, id, mode, state, corpus_id, started)
  VALUES (:'tenant', pg_temp.id(7, :run), 'workers', 'completed', pg_temp.id(3, 1), now());
INSERT INTO worker_run (tenant_id, id, process_id, worker_version_id, summary)
  VALUES (:'tenant', pg_temp.id(8, :run), pg_temp.id(7, :run), pg_temp.id(6, 1), 'Worker Reader @ 1');
INSERT INTO source (tenant_id, corpus_id, worker_run_id, generation) VALUES (:'tenant', pg_temp.id(3, 1), pg_temp.id(8, :run), 1)
  RETURNING id AS source \gset
INSERT INTO transcription (tenant_id, id, corpus_id, element_id, source_id, text, confidence)
  SELECT :'tenant', uuid7(n), pg_temp.id(3, 1), pg_temp.id(0, :elements / 20 + 1 + n % (:elements - :elements / 20)), :source,
    'Item, the said ' || n || ' at the feast of Saint John', 0.9 FROM generate_series(1, :size) AS n;
INSERT INTO result_count (tenant_id, corpus_id, lineage_id, element_kept, source_id, kept, kind, n)
  SELECT t.tenant_id, t.corpus_id, e.lineage_id, e.kept, t.source_id, t.kept, 'transcription', count(*) FROM transcription t
    JOIN element e ON e.tenant_id = t.tenant_id AND e.id = t.element_id WHERE t.source_id = :source GROUP BY 1, 2, 3, 4, 5, 6;
COMMIT;
VACUUM (ANALYZE) transcription;
SELECT :source;
