-- A corpus of :size elements, read by several worker runs, as the API would have left it. Ids follow from numbers, so that every run of
-- the benchmarks measures the same rows. To be run by the owner, with `person` and `task` set to the secrets of the two callers.
\set QUIET on
BEGIN;
SELECT tenant_id AS tenant FROM tenant \gset
CREATE FUNCTION pg_temp.id(kind integer, n bigint) RETURNS uuid LANGUAGE sql IMMUTABLE AS
  $$ SELECT (lpad(to_hex(n), 12, '0') || '7' || lpad(kind::text, 3, '0') || '8' || repeat('0', 15))::uuid $$;
CREATE FUNCTION pg_temp.key(n bigint) RETURNS bytea LANGUAGE sql IMMUTABLE AS $$ SELECT substring(int8send(n) FROM 3) $$;

-- Who asks: a person who is no administrator, and a task that is running.
INSERT INTO user_account (tenant_id, id, email, email_key, display_name)
  VALUES (:'tenant', pg_temp.id(1, 1), 'reader@example.org', 'reader@example.org', 'Reader');
INSERT INTO api_token (tenant_id, id, user_id, name, digest, scope)
  VALUES (:'tenant', pg_temp.id(2, 1), pg_temp.id(1, 1), 'Benchmark', sha256(:'person'), 'read');
INSERT INTO corpus (tenant_id, id, name) VALUES (:'tenant', pg_temp.id(3, 1), 'Register');
INSERT INTO membership (tenant_id, id, user_id, corpus_id, level)
  VALUES (:'tenant', pg_temp.id(4, 1), pg_temp.id(1, 1), pg_temp.id(3, 1), 10);

-- Runs 1 to 4 found the zones, 5 and 6 read them, and 7 to 11 made what is there to be hidden. Each has a process and one source.
INSERT INTO worker (tenant_id, id, name, slug, type) VALUES (:'tenant', pg_temp.id(5, 1), 'Reader', 'reader', 'recognizer');
INSERT INTO worker_version (tenant_id, id, worker_id, version, state) VALUES (:'tenant', pg_temp.id(6, 1), pg_temp.id(5, 1), 1, 'available');
INSERT INTO process (tenant_id, id, mode, state, corpus_id, started)
  SELECT :'tenant', pg_temp.id(7, n), 'workers', 'running', pg_temp.id(3, 1), now() FROM generate_series(1, 11) AS n;
INSERT INTO worker_run (tenant_id, id, process_id, worker_version_id, summary)
  SELECT :'tenant', pg_temp.id(8, n), pg_temp.id(7, n), pg_temp.id(6, 1), 'Worker Reader @ 1' FROM generate_series(1, 11) AS n;
INSERT INTO source (tenant_id, id, corpus_id, worker_run_id, generation)
  SELECT :'tenant', n, pg_temp.id(3, 1), pg_temp.id(8, n), 1 FROM generate_series(1, 11) AS n;
INSERT INTO lineage (tenant_id, id, corpus_id, sources) SELECT :'tenant', n, pg_temp.id(3, 1), ARRAY[n] FROM generate_series(1, 11) AS n;
SELECT setval('source_id', 11), setval('lineage_id', 11), setval('path_key', :size + 500) \g /dev/null
INSERT INTO task (tenant_id, id, process_id, worker_run_id, round, slug, state, attempt, token_digest, lease_until, source_id, started)
  VALUES (:'tenant', pg_temp.id(9, 1), pg_temp.id(7, 5), pg_temp.id(8, 5), 1, 'reader', 'running', 1, sha256(:'task'),
    now() + interval '1 year', 5, now());

-- Folders of pages by hand; paragraphs, lines and words by the runs 1 to 4 in turn, a thousand at a time.
INSERT INTO element_type (tenant_id, id, corpus_id, number, slug, display_name, folder)
  SELECT :'tenant', pg_temp.id(10, number), pg_temp.id(3, 1), number, slug, initcap(slug), number = 1
  FROM unnest(ARRAY['folder', 'page', 'paragraph', 'text_line', 'word']) WITH ORDINALITY AS t (slug, number);
INSERT INTO image_server (tenant_id, id, url, display_name) VALUES (:'tenant', pg_temp.id(11, 1), 'https://images.example.org/iiif/2', 'Images');
CREATE TEMPORARY TABLE made AS
  SELECT n, pg_temp.id(0, n) AS id, shape.*, CASE WHEN n <= pages THEN 0 WHEN n <= :size THEN 1 + n / 1000 % 4 ELSE 7 + n % 5 END AS source,
    CASE WHEN n > pages THEN folders + 1 + n % (pages - folders) WHEN n > folders THEN 1 + n % folders END AS parent,
    CASE WHEN n > pages THEN 3 + n % 3 WHEN n > folders THEN 2 ELSE 1 END AS type
  FROM (SELECT :size / 1000 AS folders, :size / 20 AS pages) AS shape, generate_series(1, :size + 500) AS n;
ALTER TABLE made ADD PRIMARY KEY (n);
INSERT INTO image (tenant_id, id, server_id, path, width, height)
  SELECT :'tenant', pg_temp.id(12, n), pg_temp.id(11, 1), 'page-' || n, 2000, 3000 FROM made WHERE type = 2;
INSERT INTO element (tenant_id, id, corpus_id, type_number, name, source_id, lineage_id, home_id, image_id, polygon, confidence)
  SELECT :'tenant', id, pg_temp.id(3, 1), type, 'Element ' || n, source, source, pg_temp.id(0, parent),
    CASE type WHEN 1 THEN NULL WHEN 2 THEN pg_temp.id(12, n) ELSE pg_temp.id(12, parent) END,
    CASE type WHEN 1 THEN NULL WHEN 2 THEN '{{0,0},{0,3000},{2000,3000},{2000,0}}'::integer[]
      ELSE ARRAY[[100, n % 2900], [1900, n % 2900], [1900, n % 2900 + 60], [100, n % 2900 + 60], [100, n % 2900]] END,
    CASE WHEN type > 2 THEN (n % 100) / 100.0 END
  FROM made ORDER BY n;
INSERT INTO element_path (tenant_id, corpus_id, element_id, parent_id, ordering, type_number, source_id, lineage_id, key)
  SELECT :'tenant', pg_temp.id(3, 1), m.id, page.id, m.n, m.type, m.source, m.source,
    coalesce(pg_temp.key(page.parent), '') || coalesce(pg_temp.key(m.parent), '') || pg_temp.key(m.n)
  FROM made m LEFT JOIN made page ON page.n = m.parent ORDER BY m.n;

-- Run 5 read every zone, run 6 every third; what is to be hidden was read by its own run. Pages have classes and metadata of run 5.
INSERT INTO transcription (tenant_id, id, corpus_id, element_id, source_id, text, confidence)
  SELECT :'tenant', pg_temp.id(13, n * 2 + reader), pg_temp.id(3, 1), id, CASE WHEN source > 6 THEN source ELSE reader END,
    'Item, the said ' || n || ' at the feast of Saint John', 0.9
  FROM made, generate_series(5, 6) AS reader WHERE type > 2 AND (reader = 5 OR n % 3 = 0 AND source < 7) ORDER BY n;
INSERT INTO ml_class (tenant_id, id, corpus_id, name) SELECT :'tenant', pg_temp.id(14, n), pg_temp.id(3, 1), 'class ' || n FROM generate_series(1, 2) AS n;
INSERT INTO classification (tenant_id, id, corpus_id, element_id, source_id, ml_class_id, confidence)
  SELECT :'tenant', pg_temp.id(15, n * 2 + class), pg_temp.id(3, 1), id, 5, pg_temp.id(14, class), 0.5
  FROM made, generate_series(1, 2) AS class WHERE type = 2 ORDER BY n;
INSERT INTO metadata (tenant_id, id, corpus_id, element_id, source_id, type, name, value)
  SELECT :'tenant', pg_temp.id(16, n * 3 + item), pg_temp.id(3, 1), id, 5, 'text', 'Field ' || item, 'Value ' || n
  FROM made, generate_series(1, 3) AS item WHERE type = 2 ORDER BY n;

INSERT INTO result_count (tenant_id, corpus_id, lineage_id, element_kept, source_id, kept, kind, n)
  SELECT :'tenant', pg_temp.id(3, 1), e.lineage_id, false, r.source_id, false, r.kind, count(*) FROM element e JOIN (
    SELECT id AS element_id, source_id, 'element' AS kind FROM element
    UNION ALL SELECT element_id, source_id, 'transcription' FROM transcription
    UNION ALL SELECT element_id, source_id, 'classification' FROM classification
    UNION ALL SELECT element_id, source_id, 'metadata' FROM metadata) AS r ON r.element_id = e.id GROUP BY 3, 5, 7;
COMMIT;
VACUUM (ANALYZE);
CHECKPOINT;
