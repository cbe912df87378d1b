-- Setting apart what runs made within elements: what is to go becomes a part of its source, which nobody sees until that is hidden. Where it is
-- little this is done in the request, else by a job in batches, first the sources place by place below the elements, then the lineages of
-- all places along what was moved. Between the two a lineage may name the source and not yet its part; neither is hidden without the other.
--
-- While one is in preparation, another may set apart some of the same. Each source that one of them divides has a part for each combination of
-- deletions that take it, so that the undo of one leaves to the other what it took.

-- Chooses what is divided, and makes the parts; none where nothing is there. inside is where, many how many elements are concerned. Readers see no
-- difference, but the sources are closed. The caller holds the corpus alone, its structure and the sources. As the owner: what other
-- deletions hide there is taken too.
CREATE OR REPLACE FUNCTION begin_split(in_corpus uuid, chosen integer[], tops uuid[], OUT used integer[], OUT parts integer[], OUT inside uuid[], OUT many integer)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  own uuid[];
  touched uuid[];
  plan record;
  old integer;
  made integer;
  more uuid[];
  their integer[];
BEGIN
  inside := ARRAY(SELECT elements_within(in_corpus, tops));
  own := ARRAY(SELECT e.id FROM element e WHERE e.tenant_id = own_tenant() AND e.id = ANY (inside) AND e.source_id = ANY (chosen));
  touched := ARRAY(SELECT homes_below(in_corpus, own));
  used := ARRAY(SELECT DISTINCT e.source_id FROM element e WHERE e.tenant_id = own_tenant() AND e.id = ANY (own));
  parts := '{}';
  FOR plan IN SELECT p.table_name FROM erasure_plans() AS p WHERE p.how = 'result' LOOP
    EXECUTE format('SELECT coalesce(array_agg(DISTINCT t.element_id), ''{}''), coalesce(array_agg(DISTINCT t.source_id), ''{}'') FROM %I t
      WHERE t.tenant_id = own_tenant() AND t.element_id = ANY ($1) AND t.source_id = ANY ($2)', plan.table_name) INTO more, their USING inside, chosen;
    touched := ARRAY(SELECT unnest(touched) UNION SELECT unnest(more));
    used := ARRAY(SELECT unnest(used) UNION SELECT unnest(their));
  END LOOP;
  many := cardinality(touched);
  IF used = '{}' THEN RETURN; END IF;
  -- Of the runs that made any of it the last generation too, also if nothing there is of it: whatever is of a later one was published since.
  used := ARRAY(SELECT unnest(used) UNION (SELECT DISTINCT ON (s.worker_run_id) s.id FROM source s
    WHERE s.tenant_id = own_tenant() AND s.id = ANY (chosen) AND s.worker_run_id IN (
      SELECT u.worker_run_id FROM source u WHERE u.tenant_id = own_tenant() AND u.id = ANY (used))
    ORDER BY s.worker_run_id, s.generation DESC, s.id = ANY (used) DESC));
  used := with_parts_in_preparation(in_corpus, used);
  FOREACH old IN ARRAY used LOOP
    UPDATE source s SET open = false WHERE s.tenant_id = own_tenant() AND s.id = old AND s.open;
    INSERT INTO source (tenant_id, corpus_id, worker_run_id, generation, part, open)
      SELECT s.tenant_id, s.corpus_id, s.worker_run_id, s.generation, 1 + (SELECT max(o.part) FROM source o WHERE o.tenant_id = own_tenant()
        AND o.corpus_id = s.corpus_id AND o.worker_run_id = s.worker_run_id AND o.generation = s.generation), false
      FROM source s WHERE s.tenant_id = own_tenant() AND s.id = old RETURNING id INTO made;
    parts := parts || made;
  END LOOP;
  -- What they have still to take, and this one takes before, is of both.
  UPDATE deletion d SET split_from = d.split_from || shared.old, split_into = d.split_into || shared.new
  FROM (SELECT p.id, array_agg(parts[array_position(used, m.old)]) AS old, array_agg(parts[array_position(used, m.new)]) AS new
    FROM deletion p CROSS JOIN LATERAL unnest(p.split_from, p.split_into) AS m (old, new)
    WHERE p.tenant_id = own_tenant() AND p.corpus_id = in_corpus AND p.state = 'preparing' AND m.old = ANY (used) GROUP BY 1) AS shared
  WHERE d.tenant_id = own_tenant() AND d.id = shared.id;
END $$;

-- Sources with the parts that deletions in preparation are about to make of them, and with what parts are made of.
CREATE OR REPLACE FUNCTION with_parts_in_preparation(in_corpus uuid, chosen integer[]) RETURNS integer[] LANGUAGE sql STABLE AS $$
  WITH RECURSIVE family AS (
    SELECT s FROM unnest(chosen) AS s
    UNION
    SELECT CASE f.s WHEN m.old THEN m.new ELSE m.old END FROM family f
      JOIN deletion d ON d.tenant_id = own_tenant() AND d.corpus_id = in_corpus AND d.state = 'preparing' AND d.split_from IS NOT NULL
      CROSS JOIN LATERAL unnest(d.split_from, d.split_into) AS m (old, new) WHERE f.s IN (m.old, m.new)
  ) SELECT array_agg(f.s ORDER BY f.s) FROM family f
$$;

-- All of it at once. Elements in the order of their ids, and counters last.
CREATE OR REPLACE FUNCTION split_now(in_corpus uuid, used integer[], parts integer[], inside uuid[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  PERFORM move_to_parts(used, parts, inside);
  PERFORM settle_lineages(in_corpus, used, parts, ARRAY(
    SELECT DISTINCT p.key FROM element_path o JOIN element_path p ON p.tenant_id = own_tenant() AND p.corpus_id = in_corpus
      AND p.key >= o.key AND p.key < o.key || '\xffffffffffff'::bytea
    WHERE o.tenant_id = own_tenant() AND o.corpus_id = in_corpus AND o.source_id = ANY (parts)));
  PERFORM set_hidden(own_tenant());
END $$;

-- Puts what a deletion takes into its job's hands.
CREATE OR REPLACE FUNCTION prepare_split(made uuid, in_corpus uuid, used integer[], parts integer[], within uuid[], places bigint, runs uuid[], asked jsonb,
  keep boolean, numbers jsonb) RETURNS void LANGUAGE plpgsql AS $$
DECLARE work uuid;
BEGIN
  work := enqueue_job('mark_deleted', format('Delete results on %s elements', places), in_corpus, CASE cardinality(runs) WHEN 1 THEN runs[1] END,
    jsonb_build_object('deletion', made), now(), places,
    'Until all is set apart nothing is hidden: undo the deletion (RestoreWorkerResults) to stop it.');
  INSERT INTO deletion (tenant_id, id, corpus_id, keep_manual, state, undo_until, counts, creator_id, filter, worker_runs, job_id, tops, marked_to, split_from, split_into)
  SELECT own_tenant(), made, in_corpus, keep, 'preparing', now() + t.purge_horizon, numbers, own_user(), asked, runs, work, within, '', used, parts
  FROM tenant t WHERE t.tenant_id = own_tenant();
  PERFORM note_event('results_being_deleted', jsonb_build_object('deletion', made, 'worker_runs', run_cards(runs), 'keep_manual', keep, 'counts', numbers), in_corpus);
END $$;

-- One batch of at most so many places: tells how many were done, or null when all are. As the owner, as whoever begins.
CREATE OR REPLACE FUNCTION split_places(given deletion, most integer) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  reached bytea;
  ids uuid[];
  keys bytea[];
BEGIN
  IF given.tenant_id <> own_tenant() THEN RETURN NULL; END IF;
  IF given.settling THEN
    keys := places_along(given, most);
    IF keys = '{}' THEN RETURN NULL; END IF;
    PERFORM settle_lineages(given.corpus_id, given.split_from, given.split_into, keys);
    reached := keys[cardinality(keys)];
  ELSE
    SELECT n.reached, n.ids INTO reached, ids FROM places_within(given, most) AS n;
    PERFORM move_to_parts(given.split_from, given.split_into, ids);
  END IF;
  UPDATE deletion d SET marked_to = coalesce(reached, ''), settling = d.settling OR reached IS NULL, moved = nextval('deletion_moved')
    WHERE d.tenant_id = own_tenant() AND d.id = given.id;
  PERFORM set_hidden(own_tenant());
  RETURN CASE WHEN given.settling THEN 0 ELSE cardinality(ids) END;
END $$;

-- The next places within what a deletion is limited to: the last of them, null when there are none, and whose they are. Range by range, each read in its
-- order and only as far as the batch goes.
CREATE OR REPLACE FUNCTION places_within(given deletion, most integer, OUT reached bytea, OUT ids uuid[]) LANGUAGE plpgsql STABLE AS $$
DECLARE
  top bytea;
  looked_at integer := 0;
  next record;
BEGIN
  ids := '{}';
  FOR top IN SELECT p.key FROM element_path p WHERE p.tenant_id = own_tenant() AND p.corpus_id = given.corpus_id AND p.element_id = ANY (given.tops)
      AND p.key || '\xffffffffffff'::bytea > given.marked_to ORDER BY 1 LOOP
    SELECT count(*) AS n, (array_agg(n.key ORDER BY n.key DESC))[1] AS last,
      array_agg(n.element_id) FILTER (WHERE is_seen(n.lineage_id, n.kept) OR is_taken(given.corpus_id, top, n.key)) AS elements INTO next FROM (
      SELECT p.key, p.element_id, p.lineage_id, p.kept FROM element_path p
      WHERE p.tenant_id = own_tenant() AND p.corpus_id = given.corpus_id AND p.key >= top AND p.key < top || '\xffffffffffff'::bytea
        AND p.key > coalesce(reached, given.marked_to)
      ORDER BY p.key LIMIT most - looked_at) AS n;
    CONTINUE WHEN next.n = 0;
    looked_at := looked_at + next.n;
    reached := next.last;
    ids := ids || coalesce(next.elements, '{}');
    EXIT WHEN looked_at >= most;
  END LOOP;
  ids := ARRAY(SELECT DISTINCT unnest(ids));
END $$;

-- Whether a hidden place is at home below one that is seen, or below the very top: then it goes with that, so that no undo finds it there.
CREATE OR REPLACE FUNCTION is_taken(in_corpus uuid, top bytea, place bytea) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
DECLARE above record;
BEGIN
  FOR above IN SELECT p.key, p.lineage_id, p.kept, e.home_id IS NOT DISTINCT FROM p.parent_id AS at_home
      FROM generate_series(octet_length(top), octet_length(place), 6) AS length
        JOIN element_path p ON p.tenant_id = own_tenant() AND p.corpus_id = in_corpus AND p.key = substring(place FROM 1 FOR length)
        JOIN element e ON e.tenant_id = own_tenant() AND e.id = p.element_id ORDER BY length DESC LOOP
    IF above.key = top OR is_seen(above.lineage_id, above.kept) THEN RETURN true; END IF;
    IF NOT above.at_home THEN RETURN false; END IF;
  END LOOP;
  RETURN false;
END $$;

-- Elements that were moved to parts may have places anywhere: the next of these, and of whatever is below them.
CREATE OR REPLACE FUNCTION places_along(given deletion, most integer) RETURNS bytea[] LANGUAGE plpgsql STABLE AS $$
DECLARE
  keys bytea[] := '{}';
  past bytea := given.marked_to;
  -- The first on the way to where the last batch ended: that is not through yet, perhaps.
  top bytea := (SELECT p.key FROM generate_series(6, octet_length(given.marked_to), 6) AS length JOIN element_path p ON p.tenant_id = own_tenant()
    AND p.corpus_id = given.corpus_id AND p.key = substring(given.marked_to FROM 1 FOR length) WHERE p.source_id = ANY (given.split_into) ORDER BY 1 LIMIT 1);
BEGIN
  LOOP
    IF top IS NULL THEN
      SELECT first.key INTO top FROM unnest(given.split_into) AS part CROSS JOIN LATERAL (SELECT p.key FROM element_path p
        WHERE p.tenant_id = own_tenant() AND p.corpus_id = given.corpus_id AND p.source_id = part AND p.key > past ORDER BY p.key LIMIT 1) AS first
        ORDER BY 1 LIMIT 1;
      EXIT WHEN NOT FOUND;
    END IF;
    keys := keys || ARRAY(SELECT p.key FROM element_path p WHERE p.tenant_id = own_tenant() AND p.corpus_id = given.corpus_id
      AND p.key >= top AND p.key < top || '\xffffffffffff'::bytea AND p.key > given.marked_to ORDER BY p.key LIMIT most - cardinality(keys));
    EXIT WHEN cardinality(keys) >= most;
    past := top || '\xffffffffffff'::bytea;
    top := NULL;
  END LOOP;
  RETURN keys;
END $$;

-- Gives what sources made on these elements, and the elements that they made, to the parts.
CREATE OR REPLACE FUNCTION move_to_parts(used integer[], parts integer[], inside uuid[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  touched uuid[] := ARRAY(SELECT e.id FROM element e WHERE e.tenant_id = own_tenant() AND e.id = ANY (inside) AND e.source_id = ANY (used));
  own uuid[] := touched;
  plan record;
  more uuid[];
BEGIN
  FOR plan IN SELECT p.table_name FROM erasure_plans() AS p WHERE p.how = 'result' LOOP
    EXECUTE format('SELECT coalesce(array_agg(DISTINCT t.element_id), ''{}'') FROM %I t
      WHERE t.tenant_id = own_tenant() AND t.element_id = ANY ($1) AND t.source_id = ANY ($2)', plan.table_name) INTO more USING inside, used;
    touched := touched || more;
  END LOOP;
  touched := ARRAY(SELECT DISTINCT unnest(touched) ORDER BY 1);
  PERFORM FROM element e WHERE e.tenant_id = own_tenant() AND e.id = ANY (touched) ORDER BY e.id FOR UPDATE;
  PERFORM count_lineages(touched, -1);
  FOR plan IN SELECT p.table_name FROM erasure_plans() AS p WHERE p.how IN ('result', 'activity') ORDER BY p.place DESC LOOP
    EXECUTE format('UPDATE %I t SET source_id = $2[array_position($1, t.source_id)]
      WHERE t.tenant_id = own_tenant() AND t.element_id = ANY ($3) AND t.source_id = ANY ($1)', plan.table_name) USING used, parts, inside;
  END LOOP;
  UPDATE transcription_entity t SET transcription_source_id = parts[array_position(used, t.transcription_source_id)]
    WHERE t.tenant_id = own_tenant() AND t.element_id = ANY (inside) AND t.transcription_source_id = ANY (used);
  UPDATE element e SET source_id = parts[array_position(used, e.source_id)] WHERE e.tenant_id = own_tenant() AND e.id = ANY (own);
  UPDATE element_path p SET source_id = parts[array_position(used, p.source_id)]
    WHERE p.tenant_id = own_tenant() AND p.element_id = ANY (own) AND p.source_id = ANY (used);
  PERFORM count_lineages(touched, 1);
END $$;

-- Gives each of these places the lineage that its sources now make, hidden by whatever hides the one that it had, and elements that of their homes.
CREATE OR REPLACE FUNCTION settle_lineages(in_corpus uuid, used integer[], parts integer[], keys bytea[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  changed bytea[];
  lineages integer[];
  ids uuid[];
BEGIN
  WITH fresh AS MATERIALIZED (SELECT * FROM lineages_with_parts(in_corpus, used, parts, keys)), made AS (
    INSERT INTO lineage (tenant_id, corpus_id, sources, survived, hand)
      SELECT DISTINCT own_tenant(), in_corpus, f.sources, f.survived, f.hand FROM fresh f
      ON CONFLICT DO NOTHING RETURNING id, sources, survived, hand
  )
  INSERT INTO hidden_lineage (tenant_id, lineage_id, deletion_id, corpus_id, everything)
  SELECT own_tenant(), m.id, h.deletion_id, in_corpus, bool_or(h.everything)
  FROM fresh f JOIN made m ON (m.sources, m.survived, m.hand) = (f.sources, f.survived, f.hand)
    JOIN hidden_lineage h ON h.tenant_id = own_tenant() AND h.lineage_id = f.lineage_id
  GROUP BY m.id, h.deletion_id;
  SELECT coalesce(array_agg(f.key), '{}'), array_agg(l.id), array_agg(f.element_id) FILTER (WHERE f.home) INTO changed, lineages, ids
    FROM lineages_with_parts(in_corpus, used, parts, keys) AS f JOIN lineage l ON l.tenant_id = own_tenant() AND l.corpus_id = in_corpus
      AND l.sources = f.sources AND l.survived = f.survived AND l.hand = f.hand
    WHERE l.id <> f.lineage_id;
  IF changed = '{}' THEN RETURN; END IF;
  PERFORM FROM element e WHERE e.tenant_id = own_tenant() AND e.id = ANY (ids) ORDER BY e.id FOR UPDATE;
  PERFORM count_lineages(ids, -1);
  UPDATE element_path p SET lineage_id = n.lineage FROM unnest(changed, lineages) AS n (key, lineage)
    WHERE p.tenant_id = own_tenant() AND p.corpus_id = in_corpus AND p.key = n.key;
  UPDATE element e SET lineage_id = p.lineage_id FROM element_path p
    WHERE e.tenant_id = own_tenant() AND e.id = ANY (ids) AND p.tenant_id = own_tenant() AND p.element_id = e.id AND p.home AND p.lineage_id <> e.lineage_id;
  PERFORM count_lineages(ids, 1);
END $$;

-- The lineages that places should have, where they have any.
CREATE OR REPLACE FUNCTION lineages_with_parts(in_corpus uuid, used integer[], parts integer[], keys bytea[])
RETURNS TABLE (key bytea, element_id uuid, home boolean, lineage_id integer, sources integer[], survived uuid[], hand integer) LANGUAGE sql STABLE AS $$
  SELECT p.key, p.element_id, p.home, p.lineage_id,
    ARRAY(SELECT member FROM unnest(l.sources) AS member WHERE member <> ALL (used || parts) UNION SELECT unnest(along.sources) ORDER BY 1), l.survived,
    -- The mark of a person's own run is that of whatever was signed last on the way.
    CASE WHEN l.hand = ANY (used || parts) THEN along.sources[array_length(along.sources, 1)] ELSE l.hand END
  FROM element_path p JOIN lineage l ON l.tenant_id = own_tenant() AND l.id = p.lineage_id CROSS JOIN LATERAL (
    SELECT array_agg(a.source_id ORDER BY length) AS sources FROM generate_series(6, octet_length(p.key), 6) AS length
      JOIN element_path a ON a.tenant_id = own_tenant() AND a.corpus_id = in_corpus AND a.key = substring(p.key FROM 1 FOR length)
      WHERE a.source_id = ANY (used || parts)) AS along
  WHERE p.tenant_id = own_tenant() AND p.corpus_id = in_corpus AND p.key = ANY (keys)
$$;

-- Hides what was set apart, in one commit, and asks for its purge.
CREATE OR REPLACE FUNCTION hide_split(wanted uuid) RETURNS void LANGUAGE plpgsql AS $$
DECLARE given deletion;
BEGIN
  SELECT * INTO given FROM deletion d WHERE d.tenant_id = own_tenant() AND d.id = wanted;
  PERFORM hide_sources(wanted, given.corpus_id, given.split_into, given.worker_runs, given.filter, given.keep_manual,
    deletion_numbers(given.corpus_id, given.split_into, given.keep_manual));
END $$;

-- The structure of a corpus has changed: deletions in preparation look at all of it again. As the owner: who moves elements changes no deletions.
CREATE OR REPLACE FUNCTION look_again(in_corpus uuid) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  UPDATE deletion d SET marked_to = '', settling = false
  WHERE d.tenant_id = own_tenant() AND d.corpus_id = in_corpus AND d.state = 'preparing' AND d.split_from IS NOT NULL
$$;
