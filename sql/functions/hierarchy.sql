-- Links. They carry no source and change no element's lineage, only paths; where a person linked an element it stays. The structure of the corpus is locked for everyone else.

CREATE OR REPLACE FUNCTION link_elements(parent uuid, children uuid[], place jsonb) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  in_corpus uuid := (SELECT e.corpus_id FROM element e WHERE e.tenant_id = own_tenant() AND e.id = parent);
  child uuid;
  next_place integer;
  more bigint;
BEGIN
  IF in_corpus IS NULL THEN PERFORM refuse(404, 'not_found', 'There is no element with this id.'); END IF;
  PERFORM pg_advisory_xact_lock(structure_lock(in_corpus));
  FOREACH child IN ARRAY children LOOP
    IF NOT EXISTS (SELECT FROM element e WHERE e.tenant_id = own_tenant() AND e.id = child AND e.corpus_id = in_corpus) THEN
      PERFORM refuse(400, 'does_not_exist', format('There is no element %s in this corpus.', child), place);
    ELSIF EXISTS (SELECT FROM element_path p WHERE p.tenant_id = own_tenant() AND p.element_id = child AND p.parent_id = parent) THEN
      PERFORM refuse(400, 'exists', format('The element %s is below this parent already.', child), place);
    ELSIF child = parent OR EXISTS (SELECT FROM element_path c JOIN element_path p ON p.tenant_id = own_tenant() AND p.corpus_id = in_corpus
      AND p.key > c.key AND p.key < c.key || '\xffffffffffff'::bytea AND p.element_id = parent
      WHERE c.tenant_id = own_tenant() AND c.element_id = child) THEN
      PERFORM refuse(400, 'cycle', format('The element %s is above this parent: the link would make a circle.', child), place);
    END IF;
    -- Every path of the child's subtree, seen from one of its own paths, is repeated below every path of the parent.
    SELECT count(*) * (SELECT count(*) FROM element_path p WHERE p.tenant_id = own_tenant() AND p.element_id = parent) INTO more
    FROM subtree_of(child) AS s;
    IF more > 100000 THEN PERFORM refuse(400, 'too_many_paths', format('The link would make %s new paths; 100,000 is the most.', more), place); END IF;
    next_place := 1 + coalesce((SELECT max(p.ordering) FROM element_path p WHERE p.tenant_id = own_tenant() AND p.parent_id = parent), -1);
    WITH above AS MATERIALIZED (
      SELECT p.key || substring(int8send(nextval('path_key')) FROM 3) AS key, p.lineage_id FROM element_path p
      WHERE p.tenant_id = own_tenant() AND p.element_id = parent
    )
    INSERT INTO element_path (tenant_id, corpus_id, element_id, parent_id, ordering, type_number, source_id, lineage_id, kept, home, key)
    SELECT own_tenant(), in_corpus, s.element_id, CASE WHEN s.element_id = child AND s.suffix = '' THEN parent ELSE s.parent_id END,
      CASE WHEN s.suffix = '' THEN next_place ELSE s.ordering END, s.type_number, s.source_id,
      lineage_along(in_corpus, above.lineage_id, s.sources), own_task() IS NULL AND (s.suffix = '' OR e.kept), false, above.key || s.suffix
    FROM above CROSS JOIN subtree_of(child) AS s JOIN element e ON e.tenant_id = own_tenant() AND e.id = s.element_id;
    -- A top-level path ends where the element gets its first parent.
    PERFORM remove_paths_under(child, NULL);
  END LOOP;
  PERFORM keep_elements(children || parent);
END $$;

-- The paths of an element's subtree, as seen from its first own path: what follows its key, and the sources on the way.
CREATE OR REPLACE FUNCTION subtree_of(top uuid)
RETURNS TABLE (element_id uuid, parent_id uuid, ordering integer, type_number smallint, source_id integer, suffix bytea, sources integer[])
LANGUAGE sql STABLE AS $$
  WITH root AS (SELECT p.corpus_id, p.key FROM element_path p WHERE p.tenant_id = own_tenant() AND p.element_id = top ORDER BY p.key LIMIT 1)
  SELECT p.element_id, p.parent_id, p.ordering, p.type_number, p.source_id, substring(p.key FROM octet_length(root.key) + 1),
    ARRAY(SELECT DISTINCT a.source_id FROM generate_series(octet_length(root.key), octet_length(p.key), 6) AS length
      JOIN element_path a ON a.tenant_id = own_tenant() AND a.corpus_id = p.corpus_id AND a.key = substring(p.key FROM 1 FOR length)
      WHERE a.source_id <> 0 ORDER BY a.source_id)
  FROM root JOIN element_path p ON p.tenant_id = own_tenant() AND p.corpus_id = root.corpus_id
    AND p.key >= root.key AND p.key < root.key || '\xffffffffffff'::bytea
$$;

CREATE OR REPLACE FUNCTION lineage_along(corpus uuid, base integer, sources integer[]) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
  reached integer := base;
  source integer;
BEGIN
  FOREACH source IN ARRAY sources LOOP reached := lineage_with(corpus, reached, source); END LOOP;
  RETURN reached;
END $$;

-- Removes the paths that run from this parent (null: the top level) through this element, unless none would be left.
CREATE OR REPLACE FUNCTION remove_paths_under(child uuid, parent uuid) RETURNS void LANGUAGE sql AS $$
  DELETE FROM element_path p USING element_path own
  WHERE own.tenant_id = own_tenant() AND own.element_id = child AND own.parent_id IS NOT DISTINCT FROM parent
    AND p.tenant_id = own_tenant() AND p.corpus_id = own.corpus_id AND p.key >= own.key AND p.key < own.key || '\xffffffffffff'::bytea
$$;

CREATE OR REPLACE FUNCTION unlink_element(parent uuid, child uuid) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  given element;
BEGIN
  SELECT * INTO given FROM element e WHERE e.tenant_id = own_tenant() AND e.id = child;
  PERFORM pg_advisory_xact_lock(structure_lock(given.corpus_id));
  IF NOT EXISTS (SELECT FROM element_path p WHERE p.tenant_id = own_tenant() AND p.element_id = child AND p.parent_id = parent) THEN
    PERFORM refuse(404, 'not_found', 'The element is not below this parent.');
  END IF;
  IF NOT EXISTS (SELECT FROM element_path p WHERE p.tenant_id = own_tenant() AND p.element_id = child AND p.parent_id IS DISTINCT FROM parent) THEN
    -- Its last parent: it goes to the top level, with what is below it.
    WITH fresh AS MATERIALIZED (SELECT substring(int8send(nextval('path_key')) FROM 3) AS key)
    INSERT INTO element_path (tenant_id, corpus_id, element_id, parent_id, ordering, type_number, source_id, lineage_id, kept, home, key)
    SELECT own_tenant(), given.corpus_id, s.element_id, CASE WHEN s.suffix = '' THEN NULL ELSE s.parent_id END, CASE WHEN s.suffix = '' THEN 0 ELSE s.ordering END,
      s.type_number, s.source_id, lineage_along(given.corpus_id, 0, s.sources), e.kept,
      CASE WHEN s.suffix = '' THEN coalesce(given.home_id, parent) = parent ELSE coalesce(e.home_id = s.parent_id, false) END, fresh.key || s.suffix
    FROM fresh CROSS JOIN subtree_of(child) AS s
      JOIN element e ON e.tenant_id = own_tenant() AND e.id = s.element_id;
  END IF;
  PERFORM remove_paths_under(child, parent);
  PERFORM keep_elements(ARRAY[child]);
END $$;
