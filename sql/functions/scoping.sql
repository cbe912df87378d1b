-- Deletions that are limited to elements and what is below them. What the runs made there first becomes a part of their sources, which
-- nobody sees; from there on it is a deletion like any other.

-- What a filter is limited to, null where to nothing. Refused when it names nothing that is there: it never means more than it says.
CREATE OR REPLACE FUNCTION tops_of_filter(corpus uuid, filter jsonb) RETURNS uuid[] LANGUAGE plpgsql STABLE AS $$
DECLARE tops uuid[];
BEGIN
  IF filter ? 'element_id' THEN
    tops := ARRAY(SELECT e.id FROM element e WHERE e.tenant_id = own_tenant() AND e.corpus_id = corpus AND e.id = (filter->>'element_id')::uuid);
    IF tops = '{}' THEN
      PERFORM refuse(400, 'does_not_exist', 'There is no such element in this corpus; nothing was deleted.', '["element_id"]');
    END IF;
  ELSIF filter ? 'selection' THEN
    tops := ARRAY(SELECT e.id FROM selected_element s JOIN element e ON e.tenant_id = own_tenant() AND e.id = s.element_id AND e.corpus_id = corpus
      WHERE s.tenant_id = own_tenant() AND s.user_id = own_user() AND s.corpus_id = corpus ORDER BY e.id);
    IF tops = '{}' THEN
      PERFORM refuse(400, 'empty_selection', 'No element of this corpus is selected; nothing was deleted.', '["selection"]');
    END IF;
  END IF;
  RETURN tops;
END $$;

-- A selection changes: what was selected belongs to what was asked.
CREATE OR REPLACE FUNCTION pinned_filter(filter jsonb, tops uuid[]) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE WHEN filter ? 'selection' THEN filter || jsonb_build_object('selected', encode(sha256(tops::text::bytea), 'hex')) ELSE filter END
$$;

-- The elements that are seen below others in any of their places, and what is at home below these, which includes what is hidden there.
-- As the owner: the undo of another deletion shall not find there what this one has taken.
CREATE OR REPLACE FUNCTION elements_within(in_corpus uuid, tops uuid[]) RETURNS SETOF uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  WITH seen AS MATERIALIZED (
    SELECT DISTINCT p.element_id FROM element_path top JOIN element_path p ON p.tenant_id = own_tenant() AND p.corpus_id = in_corpus
      AND p.key >= top.key AND p.key < top.key || '\xffffffffffff'::bytea
    WHERE top.tenant_id = own_tenant() AND top.corpus_id = in_corpus AND top.element_id = ANY (tops) AND is_seen(top.lineage_id, top.kept)
      AND is_seen(p.lineage_id, p.kept)
  )
  SELECT s.element_id FROM seen s
  UNION
  SELECT h FROM homes_below(in_corpus, ARRAY(SELECT s.element_id FROM seen s)) AS h
$$;

-- Elements and all that is at home below them. The caller decides who looks: people do not see what is hidden there.
CREATE OR REPLACE FUNCTION homes_below(in_corpus uuid, tops uuid[]) RETURNS SETOF uuid LANGUAGE sql STABLE AS $$
  SELECT DISTINCT p.element_id FROM element_path top JOIN element_path p ON p.tenant_id = own_tenant() AND p.corpus_id = in_corpus
    AND p.key >= top.key AND p.key < top.key || '\xffffffffffff'::bytea AND p.home
  WHERE top.tenant_id = own_tenant() AND top.corpus_id = in_corpus AND top.element_id = ANY (tops) AND top.home
$$;

-- What result_count says of a whole corpus, of what these sources made within elements and what stands on or below that.
CREATE OR REPLACE FUNCTION counts_within(in_corpus uuid, chosen integer[], tops uuid[])
RETURNS TABLE (kind text, source_id integer, kept boolean, element_kept boolean, transcription_source_id integer, transcription_kept boolean, n bigint,
  hand integer, below boolean, within boolean) LANGUAGE sql STABLE AS $$
  WITH inside AS MATERIALIZED (SELECT i AS id FROM elements_within(in_corpus, tops) AS i),
  below AS MATERIALIZED (
    SELECT h AS id FROM homes_below(in_corpus, ARRAY(SELECT e.id FROM inside i JOIN element e ON e.tenant_id = own_tenant() AND e.id = i.id
      AND e.source_id = ANY (chosen))) AS h
  ), looked_at AS (
    SELECT e.id, e.source_id, e.kept, e.lineage_id, b.id IS NOT NULL AS below, i.id IS NOT NULL AS within
    FROM inside i FULL JOIN below b ON b.id = i.id JOIN element e ON e.tenant_id = own_tenant() AND e.id = coalesce(i.id, b.id)
  )
  SELECT r.kind, r.source_id, r.kept, a.kept, r.transcription_source_id, r.transcription_kept, count(*), coalesce(l.hand, 0), a.below, a.within
  FROM looked_at a CROSS JOIN LATERAL standing_on(a.id, a.source_id, a.kept) AS r
    LEFT JOIN lineage l ON l.tenant_id = own_tenant() AND l.id = a.lineage_id
  GROUP BY 1, 2, 3, 4, 5, 6, 8, 9, 10
$$;

-- Makes what these sources made within elements parts of them, and gives the parts; none where nothing is there. Readers see no difference,
-- but the sources are closed. The caller holds the corpus alone, its structure and the sources. As the owner: what other deletions hide there
-- is taken too.
CREATE OR REPLACE FUNCTION split_sources(in_corpus uuid, chosen integer[], tops uuid[]) RETURNS integer[]
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  inside uuid[] := ARRAY(SELECT elements_within(in_corpus, tops));
  own uuid[] := ARRAY(SELECT e.id FROM element e WHERE e.tenant_id = own_tenant() AND e.id = ANY (inside) AND e.source_id = ANY (chosen));
  touched uuid[] := ARRAY(SELECT homes_below(in_corpus, own));
  used integer[] := ARRAY(SELECT DISTINCT e.source_id FROM element e WHERE e.tenant_id = own_tenant() AND e.id = ANY (own));
  parts integer[] := '{}';
  plan record;
  old integer;
  made integer;
  more uuid[];
  their integer[];
BEGIN
  FOR plan IN SELECT p.table_name FROM erasure_plans() AS p WHERE p.how = 'result' LOOP
    EXECUTE format('SELECT coalesce(array_agg(DISTINCT t.element_id), ''{}''), coalesce(array_agg(DISTINCT t.source_id), ''{}'') FROM %I t
      WHERE t.tenant_id = own_tenant() AND t.element_id = ANY ($1) AND t.source_id = ANY ($2)', plan.table_name) INTO more, their USING inside, chosen;
    touched := ARRAY(SELECT unnest(touched) UNION SELECT unnest(more));
    used := ARRAY(SELECT unnest(used) UNION SELECT unnest(their) ORDER BY 1);
  END LOOP;
  IF used = '{}' THEN RETURN '{}'; END IF;
  -- Of the runs that made any of it the last generation too, also if nothing there is of it: whatever is of a later one was published since.
  used := ARRAY(SELECT unnest(used) UNION (SELECT DISTINCT ON (s.worker_run_id) s.id FROM source s
    WHERE s.tenant_id = own_tenant() AND s.id = ANY (chosen) AND s.worker_run_id IN (
      SELECT u.worker_run_id FROM source u WHERE u.tenant_id = own_tenant() AND u.id = ANY (used))
    ORDER BY s.worker_run_id, s.generation DESC, s.id = ANY (used) DESC) ORDER BY 1);
  IF cardinality(touched) > most_erased() THEN
    PERFORM refuse(400, 'too_many', format('Results on more than %s elements would go: delete those of smaller parts, or of the whole project.', most_erased()));
  END IF;
  FOREACH old IN ARRAY used LOOP
    UPDATE source s SET open = false WHERE s.tenant_id = own_tenant() AND s.id = old AND s.open;
    INSERT INTO source (tenant_id, corpus_id, worker_run_id, generation, part, open)
      SELECT s.tenant_id, s.corpus_id, s.worker_run_id, s.generation, 1 + (SELECT max(o.part) FROM source o WHERE o.tenant_id = own_tenant()
        AND o.corpus_id = s.corpus_id AND o.worker_run_id = s.worker_run_id AND o.generation = s.generation), false
      FROM source s WHERE s.tenant_id = own_tenant() AND s.id = old RETURNING id INTO made;
    parts := parts || made;
  END LOOP;
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
  PERFORM split_lineages(in_corpus, own, used, parts);
  UPDATE element e SET lineage_id = p.lineage_id FROM element_path p
    WHERE e.tenant_id = own_tenant() AND e.id = ANY (touched) AND p.tenant_id = own_tenant() AND p.element_id = e.id AND p.home AND p.lineage_id <> e.lineage_id;
  PERFORM count_lineages(touched, 1);
  PERFORM set_hidden(own_tenant());
  RETURN parts;
END $$;

-- Gives each place along these elements the lineage that its sources now make, hidden by whatever hides the one that it had.
CREATE OR REPLACE FUNCTION split_lineages(in_corpus uuid, own uuid[], used integer[], parts integer[]) RETURNS void LANGUAGE sql AS $$
  WITH places AS MATERIALIZED (
    SELECT DISTINCT p.key, p.lineage_id FROM element_path o JOIN element_path p ON p.tenant_id = own_tenant() AND p.corpus_id = in_corpus
      AND p.key >= o.key AND p.key < o.key || '\xffffffffffff'::bytea
    WHERE o.tenant_id = own_tenant() AND o.element_id = ANY (own)
  ), fresh AS MATERIALIZED (
    SELECT p.key, p.lineage_id, l.survived,
      ARRAY(SELECT member FROM unnest(l.sources) AS member WHERE member <> ALL (used) UNION SELECT unnest(along.sources) ORDER BY 1) AS sources,
      -- The mark of a person's own run is that of whatever was signed last on the way.
      CASE WHEN l.hand = ANY (used) THEN along.sources[array_length(along.sources, 1)] ELSE l.hand END AS hand
    FROM places p JOIN lineage l ON l.tenant_id = own_tenant() AND l.id = p.lineage_id CROSS JOIN LATERAL (
      SELECT array_agg(a.source_id ORDER BY length) AS sources FROM generate_series(6, octet_length(p.key), 6) AS length
        JOIN element_path a ON a.tenant_id = own_tenant() AND a.corpus_id = in_corpus AND a.key = substring(p.key FROM 1 FOR length)
        WHERE a.source_id = ANY (used || parts)) AS along
  ), made AS (
    INSERT INTO lineage (tenant_id, corpus_id, sources, survived, hand)
      SELECT DISTINCT own_tenant(), in_corpus, f.sources, f.survived, f.hand FROM fresh f RETURNING id, sources, survived, hand
  ), moved AS (
    UPDATE element_path p SET lineage_id = m.id FROM fresh f JOIN made m ON (m.sources, m.survived, m.hand) = (f.sources, f.survived, f.hand)
      WHERE p.tenant_id = own_tenant() AND p.corpus_id = in_corpus AND p.key = f.key
  )
  INSERT INTO hidden_lineage (tenant_id, lineage_id, deletion_id, corpus_id, everything)
  SELECT own_tenant(), m.id, h.deletion_id, in_corpus, bool_or(h.everything)
  FROM fresh f JOIN made m ON (m.sources, m.survived, m.hand) = (f.sources, f.survived, f.hand)
    JOIN hidden_lineage h ON h.tenant_id = own_tenant() AND h.lineage_id = f.lineage_id
  GROUP BY m.id, h.deletion_id
$$;
