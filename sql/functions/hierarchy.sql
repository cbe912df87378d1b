-- Links and moves. A link carries no source: an element's lineage is that of its home, where it was made or moved to. Where a person linked
-- an element it stays. The structure of the corpus is locked for everyone else.

CREATE OR REPLACE FUNCTION link_elements(parent uuid, children uuid[], place jsonb) RETURNS void LANGUAGE plpgsql AS $$
DECLARE in_corpus uuid := (SELECT e.corpus_id FROM element e WHERE e.tenant_id = own_tenant() AND e.id = parent);
BEGIN
  -- Before any lock, and in the same words for what is not there and for what the caller may not see.
  IF in_corpus IS NULL OR corpus_level(in_corpus) IS NULL THEN
    PERFORM refuse(404, 'not_found', 'There is no element with this id.');
  ELSIF children = '{}' THEN
    PERFORM refuse(400, 'length', 'Must hold at least 1 items.', place);
  END IF;
  PERFORM place_below(parent, children, place);
  PERFORM keep_elements(children || parent);
END $$;

-- Names all children that are not in the corpus: of a list by their index.
CREATE OR REPLACE FUNCTION refuse_missing_children(in_corpus uuid, children uuid[], place jsonb) RETURNS void LANGUAGE sql AS $$
  SELECT refuse_all(400, missing.errors) FROM (
    SELECT jsonb_agg(jsonb_build_object('attr', place_of_child(place, c.number), 'code', 'does_not_exist',
      'detail', format('There is no element %s in this corpus.', c.id)) ORDER BY c.number) AS errors
    FROM unnest(children) WITH ORDINALITY AS c (id, number)
    WHERE NOT EXISTS (SELECT FROM element e WHERE e.tenant_id = own_tenant() AND e.corpus_id = in_corpus AND e.id = c.id)) AS missing
  WHERE missing.errors IS NOT NULL
$$;

-- Where in the request a child is named, the first by 1.
CREATE OR REPLACE FUNCTION place_of_child(place jsonb, number bigint) RETURNS jsonb LANGUAGE sql IMMUTABLE AS
  $$ SELECT CASE WHEN place = '["children"]' THEN place || to_jsonb(number - 1) ELSE place END $$;

-- Gives elements a place below a parent, beside those that they have. It keeps nothing; the caller does.
CREATE OR REPLACE FUNCTION place_below(parent uuid, children uuid[], place jsonb) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  in_corpus uuid := (SELECT e.corpus_id FROM element e WHERE e.tenant_id = own_tenant() AND e.id = parent);
  child uuid;
  number bigint := 0;
  item jsonb;
  next_place integer;
  more bigint;
  levels integer;
BEGIN
  PERFORM hold_visibility(in_corpus);
  IF NOT EXISTS (SELECT FROM element e WHERE e.tenant_id = own_tenant() AND e.id = parent) THEN
    PERFORM refuse(404, 'not_found', 'There is no element with this id.');
  END IF;
  PERFORM pg_advisory_xact_lock(structure_lock(in_corpus));
  PERFORM look_again(in_corpus);
  PERFORM refuse_hidden_places(parent, false);
  PERFORM refuse_missing_children(in_corpus, children, place);
  FOREACH child IN ARRAY children LOOP
    number := number + 1;
    item := place_of_child(place, number);
    IF EXISTS (SELECT FROM element_path p WHERE p.tenant_id = own_tenant() AND p.element_id = child AND p.parent_id = parent) THEN
      PERFORM refuse(400, 'exists', format('The element %s is below this parent already.', child), item);
    ELSIF child = parent OR EXISTS (SELECT FROM element_path c JOIN element_path p ON p.tenant_id = own_tenant() AND p.corpus_id = in_corpus
      AND p.key > c.key AND p.key < c.key || '\xffffffffffff'::bytea AND p.element_id = parent
      WHERE c.tenant_id = own_tenant() AND c.element_id = child) THEN
      PERFORM refuse(400, 'cycle', format('The element %s is above this parent: the link would make a circle.', child), item);
    END IF;
    PERFORM refuse_hidden_places(child, true);
    -- Every path of the child's subtree, seen from one of its own paths, is repeated below every path of the parent.
    SELECT count(*) * (SELECT count(*) FROM element_path p WHERE p.tenant_id = own_tenant() AND p.element_id = parent),
      1 + max(octet_length(s.suffix)) / 6 INTO more, levels FROM subtree_of(child) AS s;
    IF more > 100000 THEN PERFORM refuse(400, 'too_many_paths', format('The link would make %s new paths; 100,000 is the most.', more), item); END IF;
    PERFORM refuse_too_deep(parent, levels, item);
    next_place := 1 + coalesce((SELECT max(p.ordering) FROM element_path p WHERE p.tenant_id = own_tenant() AND p.parent_id = parent), -1);
    WITH above AS MATERIALIZED (
      SELECT p.key || substring(int8send(nextval('path_key')) FROM 3) AS key, p.lineage_id FROM element_path p
      WHERE p.tenant_id = own_tenant() AND p.element_id = parent
    )
    INSERT INTO element_path (tenant_id, corpus_id, element_id, parent_id, ordering, type_number, source_id, lineage_id, kept, home, key)
    SELECT own_tenant(), in_corpus, s.element_id, CASE WHEN s.element_id = child AND s.suffix = '' THEN parent ELSE s.parent_id END,
      CASE WHEN s.suffix = '' THEN next_place ELSE s.ordering END, s.type_number, s.source_id,
      lineage_below(in_corpus, above.lineage_id, s.sources, s.source_id, true), own_task() IS NULL AND (s.suffix = '' OR e.kept), false, above.key || s.suffix
    FROM above CROSS JOIN subtree_of(child) AS s JOIN element e ON e.tenant_id = own_tenant() AND e.id = s.element_id;
    -- A top-level path ends where the element gets its first parent, which becomes its home.
    IF EXISTS (SELECT FROM element_path p WHERE p.tenant_id = own_tenant() AND p.element_id = child AND p.parent_id IS NULL) THEN
      PERFORM remove_paths_under(child, NULL);
      PERFORM settle_home(child, parent);
    END IF;
  END LOOP;
END $$;

-- A hundred levels are the most: each is six bytes of the keys of what is below it. Hidden places count too, as in paths_of.
CREATE OR REPLACE FUNCTION refuse_too_deep(parent uuid, levels integer, place jsonb) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF (SELECT max(octet_length(p.key)) FROM paths_of(parent) AS p) / 6 + levels > 100 THEN
    PERFORM refuse(400, 'too_deep', 'Elements may stand in one another 100 levels deep.', place);
  END IF;
END $$;

-- Gives an element the home that one of its places says, and all that is at home below it their places and lineages there. Work by hand
-- keeps its new home, whoever moved it there. The caller holds the structure.
CREATE OR REPLACE FUNCTION settle_home(top uuid, new_home uuid) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  in_corpus uuid;
  start bytea;
  keys bytea[];
BEGIN
  -- The parent's own home comes first, where there are several places below it. A join would read all places to find that above one.
  SELECT p.corpus_id, p.key INTO in_corpus, start FROM element_path p
    WHERE p.tenant_id = own_tenant() AND p.element_id = top AND p.parent_id IS NOT DISTINCT FROM new_home
    ORDER BY (SELECT above.home FROM element_path above WHERE above.tenant_id = own_tenant() AND above.corpus_id = p.corpus_id
      AND above.key = substring(p.key FROM 1 FOR octet_length(p.key) - 6)) DESC NULLS LAST, p.key LIMIT 1;
  UPDATE element e SET home_id = new_home WHERE e.tenant_id = own_tenant() AND e.id = top;
  keys := ARRAY(
    WITH RECURSIVE homes AS (
      SELECT top AS id, start AS key
      UNION ALL
      SELECT e.id, p.key FROM homes h JOIN element e ON e.tenant_id = own_tenant() AND e.home_id = h.id
        JOIN element_path p ON p.tenant_id = own_tenant() AND p.element_id = e.id AND p.corpus_id = in_corpus
          AND p.key > h.key AND p.key < h.key || '\xffffffffffff'::bytea AND octet_length(p.key) = octet_length(h.key) + 6
    ) SELECT h.key FROM homes h);
  PERFORM settle_homes(keys, in_corpus);
  -- From the parents on: what is kept itself would end the walk before it began. What a person signed with a run of their own is not
  -- marked, its lineage says so.
  PERFORM keep_with_ancestors(ARRAY(
    SELECT DISTINCT e.home_id FROM element_path p
      JOIN element e ON e.tenant_id = own_tenant() AND e.id = p.element_id
      JOIN lineage l ON l.tenant_id = own_tenant() AND l.id = e.lineage_id
    WHERE p.tenant_id = own_tenant() AND p.corpus_id = in_corpus AND p.key = ANY (keys) AND e.home_id IS NOT NULL AND (e.kept OR l.hand <> 0)));
  IF own_task() IS NOT NULL THEN PERFORM keep_places_under(start, in_corpus); END IF;
END $$;

-- Where a task moved work by hand, its places below one another are kept as they were before.
CREATE OR REPLACE FUNCTION keep_places_under(start bytea, in_corpus uuid) RETURNS void LANGUAGE sql AS $$
  UPDATE element_path p SET kept = true FROM element e, element above
  WHERE p.tenant_id = own_tenant() AND p.corpus_id = in_corpus AND p.key > start AND p.key < start || '\xffffffffffff'::bytea AND NOT p.kept
    AND e.tenant_id = own_tenant() AND e.id = p.element_id AND e.kept
    AND above.tenant_id = own_tenant() AND above.id = p.parent_id AND above.kept
$$;

-- These places are the homes of their elements: lineages follow, and counters with them, in key order.
CREATE OR REPLACE FUNCTION settle_homes(keys bytea[], in_corpus uuid) RETURNS void LANGUAGE plpgsql AS $$
DECLARE ids uuid[] := ARRAY(SELECT p.element_id FROM element_path p WHERE p.tenant_id = own_tenant() AND p.corpus_id = in_corpus AND p.key = ANY (keys) ORDER BY 1);
BEGIN
  PERFORM FROM element e WHERE e.tenant_id = own_tenant() AND e.id = ANY (ids) ORDER BY e.id FOR UPDATE;
  UPDATE element_path p SET home = p.key = ANY (keys), kept = p.kept OR (p.key = ANY (keys) AND e.kept) FROM element e
    WHERE p.tenant_id = own_tenant() AND p.element_id = ANY (ids) AND e.tenant_id = own_tenant() AND e.id = p.element_id
      AND (p.home <> (p.key = ANY (keys)) OR (p.key = ANY (keys) AND e.kept AND NOT p.kept));
  PERFORM count_lineages(ids, -1);
  UPDATE element e SET lineage_id = p.lineage_id FROM element_path p WHERE e.tenant_id = own_tenant() AND e.id = ANY (ids)
    AND p.tenant_id = own_tenant() AND p.element_id = e.id AND p.home AND p.lineage_id <> e.lineage_id;
  PERFORM count_lineages(ids, 1);
END $$;

-- Counts elements with what stands on them, or takes them out. As the owner, for the results on them that a deletion hides.
CREATE OR REPLACE FUNCTION count_lineages(ids uuid[], sign integer) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  INSERT INTO result_count AS counted (tenant_id, corpus_id, lineage_id, element_kept, source_id, kept, kind, transcription_source_id,
    transcription_kept, n)
  SELECT own_tenant(), e.corpus_id, e.lineage_id, e.kept, r.source_id, r.kept, r.kind, r.transcription_source_id, r.transcription_kept, sum(sign)
  FROM element e CROSS JOIN LATERAL standing_on(e.id, e.source_id, e.kept) AS r WHERE e.tenant_id = own_tenant() AND e.id = ANY (ids)
  GROUP BY 2, 3, 4, 5, 6, 7, 8, 9 ORDER BY 2, 3, 4, 5, 6, 7, 8, 9
  ON CONFLICT ON CONSTRAINT result_count_pkey DO UPDATE SET n = counted.n + excluded.n
$$;
REVOKE ALL ON FUNCTION count_lineages(uuid[], integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION count_lineages(uuid[], integer) TO palimpsest_app;

-- Moves an element from below one parent (null: its home) to another, with all that is below it.
CREATE OR REPLACE FUNCTION move_element(child uuid, from_parent uuid, to_parent uuid) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  given element;
  origin uuid;
BEGIN
  SELECT * INTO given FROM element e WHERE e.tenant_id = own_tenant() AND e.id = child;
  PERFORM hold_visibility(given.corpus_id);
  PERFORM pg_advisory_xact_lock(structure_lock(given.corpus_id));
  SELECT * INTO given FROM element e WHERE e.tenant_id = own_tenant() AND e.id = child;
  IF NOT FOUND THEN PERFORM refuse(404, 'not_found', 'There is no element with this id.'); END IF;
  origin := coalesce(from_parent, (SELECT p.parent_id FROM element_path p WHERE p.tenant_id = own_tenant() AND p.element_id = child ORDER BY p.home DESC, p.key LIMIT 1));
  IF from_parent IS NOT NULL AND NOT EXISTS (SELECT FROM element_path p WHERE p.tenant_id = own_tenant() AND p.element_id = child AND p.parent_id = from_parent) THEN
    PERFORM refuse(400, 'does_not_exist', 'The element is not below this parent.', '["from"]');
  ELSIF NOT EXISTS (SELECT FROM element e WHERE e.tenant_id = own_tenant() AND e.id = to_parent AND e.corpus_id = given.corpus_id) THEN
    PERFORM refuse(400, 'does_not_exist', 'There is no such element in this corpus.', '["to"]');
  END IF;
  -- From the top level the first place below a parent is a move already.
  PERFORM place_below(to_parent, ARRAY[child], '["to"]');
  IF origin IS NOT NULL THEN
    PERFORM remove_paths_under(child, origin);
    IF origin = given.home_id THEN PERFORM settle_home(child, to_parent); END IF;
  END IF;
  PERFORM keep_elements(ARRAY[child, to_parent]);
END $$;

-- The paths of an element's subtree, as seen from its first own path: what follows its key, and the sources on the way. Where the range ends,
-- and each key on the way, is worked out apart: only then it may be looked for in the index before the policies have been asked.
CREATE OR REPLACE FUNCTION subtree_of(top uuid)
RETURNS TABLE (element_id uuid, parent_id uuid, ordering integer, type_number smallint, source_id integer, suffix bytea, sources integer[])
LANGUAGE sql STABLE AS $$
  WITH root AS (SELECT p.corpus_id, p.key, p.key || '\xffffffffffff'::bytea AS past FROM element_path p
    WHERE p.tenant_id = own_tenant() AND p.element_id = top ORDER BY p.key LIMIT 1)
  SELECT p.element_id, p.parent_id, p.ordering, p.type_number, p.source_id, substring(p.key FROM octet_length(root.key) + 1),
    ARRAY(SELECT DISTINCT a.source_id FROM generate_series(octet_length(root.key), octet_length(p.key), 6) AS length
      CROSS JOIN LATERAL (SELECT a.source_id FROM element_path a
        WHERE a.tenant_id = own_tenant() AND a.corpus_id = p.corpus_id AND a.key = substring(p.key FROM 1 FOR length) OFFSET 0) AS a
      WHERE a.source_id <> 0 ORDER BY a.source_id)
  FROM root JOIN element_path p ON p.tenant_id = own_tenant() AND p.corpus_id = root.corpus_id
    AND p.key >= root.key AND p.key < root.past
$$;

-- All places of an element, those too that a deletion hides; seen says which are not. As the owner, who sees the hidden ones.
CREATE OR REPLACE FUNCTION paths_of(element uuid) RETURNS TABLE (key bytea, lineage_id integer, home boolean, seen boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT p.key, p.lineage_id, p.home, is_seen(p.lineage_id, p.kept) FROM element_path p WHERE p.tenant_id = own_tenant() AND p.element_id = paths_of.element
$$;

-- What the policies of elements and paths ask.
CREATE OR REPLACE FUNCTION is_seen(lineage integer, is_kept boolean) RETURNS boolean LANGUAGE sql STABLE AS
  $$ SELECT lineage <> ALL (hidden_lineages()) OR (is_kept AND lineage <> ALL (erased_lineages())) $$;

-- Places that a deletion hides would not move along, and its undo would find them somewhere else: so nothing is linked, unlinked or moved
-- that has hidden places itself, or with below is true anywhere below it. As the owner, who sees them.
CREATE OR REPLACE FUNCTION refuse_hidden_places(top uuid, below boolean) RETURNS void
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  IF hidden_lineages() = '{}' THEN RETURN; END IF;
  IF EXISTS (SELECT FROM element_path p WHERE p.tenant_id = own_tenant() AND p.element_id = top AND NOT is_seen(p.lineage_id, p.kept))
    OR below AND EXISTS (SELECT FROM element_path own CROSS JOIN LATERAL unnest(hidden_lineages()) AS hidden (lineage)
      JOIN element_path p ON p.tenant_id = own_tenant() AND p.corpus_id = own.corpus_id AND p.lineage_id = hidden.lineage
        AND p.key > own.key AND p.key < own.key || '\xffffffffffff'::bytea AND NOT is_seen(p.lineage_id, p.kept)
      WHERE own.tenant_id = own_tenant() AND own.element_id = top) THEN
    PERFORM refuse(409, 'hidden_below', 'Deleted results that can still be brought back have their place here: undo the deletion first, or wait until they are purged.');
  END IF;
END $$;

-- Removes the paths that run from this parent (null: the top level) through this element, unless none would be left. Where their range ends
-- is worked out apart, as above.
CREATE OR REPLACE FUNCTION remove_paths_under(child uuid, parent uuid) RETURNS void LANGUAGE sql AS $$
  DELETE FROM element_path p USING (SELECT o.corpus_id, o.key, o.key || '\xffffffffffff'::bytea AS past FROM element_path o
    WHERE o.tenant_id = own_tenant() AND o.element_id = child AND o.parent_id IS NOT DISTINCT FROM parent OFFSET 0) AS own
  WHERE p.tenant_id = own_tenant() AND p.corpus_id = own.corpus_id AND p.key >= own.key AND p.key < own.past
$$;

CREATE OR REPLACE FUNCTION unlink_element(parent uuid, child uuid) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  given element;
BEGIN
  SELECT * INTO given FROM element e WHERE e.tenant_id = own_tenant() AND e.id = child;
  PERFORM hold_visibility(given.corpus_id);
  PERFORM pg_advisory_xact_lock(structure_lock(given.corpus_id));
  SELECT * INTO given FROM element e WHERE e.tenant_id = own_tenant() AND e.id = child;
  IF NOT FOUND THEN PERFORM refuse(404, 'not_found', 'There is no element with this id.'); END IF;
  PERFORM look_again(given.corpus_id);
  PERFORM refuse_hidden_places(child, true);
  IF NOT EXISTS (SELECT FROM element_path p WHERE p.tenant_id = own_tenant() AND p.element_id = child AND p.parent_id = parent) THEN
    PERFORM refuse(404, 'not_found', 'The element is not below this parent.');
  END IF;
  IF NOT EXISTS (SELECT FROM element_path p WHERE p.tenant_id = own_tenant() AND p.element_id = child AND p.parent_id IS DISTINCT FROM parent) THEN
    -- Its last parent: it goes to the top level, with what is below it.
    WITH fresh AS MATERIALIZED (SELECT substring(int8send(nextval('path_key')) FROM 3) AS key)
    INSERT INTO element_path (tenant_id, corpus_id, element_id, parent_id, ordering, type_number, source_id, lineage_id, kept, home, key)
    SELECT own_tenant(), given.corpus_id, s.element_id, CASE WHEN s.suffix = '' THEN NULL ELSE s.parent_id END, CASE WHEN s.suffix = '' THEN 0 ELSE s.ordering END,
      s.type_number, s.source_id, lineage_below(given.corpus_id, 0, s.sources, s.source_id, true), e.kept,
      CASE WHEN s.suffix = '' THEN coalesce(given.home_id, parent) = parent ELSE coalesce(e.home_id = s.parent_id, false) END, fresh.key || s.suffix
    FROM fresh CROSS JOIN subtree_of(child) AS s
      JOIN element e ON e.tenant_id = own_tenant() AND e.id = s.element_id;
  END IF;
  PERFORM remove_paths_under(child, parent);
  IF given.home_id IS NOT DISTINCT FROM parent THEN
    -- Another of its places is its home from now on: the first.
    PERFORM settle_home(child, (SELECT p.parent_id FROM element_path p WHERE p.tenant_id = own_tenant() AND p.element_id = child ORDER BY p.key LIMIT 1));
  END IF;
  PERFORM keep_elements(ARRAY[child]);
END $$;
