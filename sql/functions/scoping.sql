-- Deletions that are limited to elements and what is below them: where that is, and what is there. What the runs made there first becomes a part
-- of their sources (splitting.sql), which nobody sees; from there on it is a deletion like any other.

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

-- Elements and all that is at home below them. The caller decides who looks: people do not see what is hidden there, and the end of a range is
-- looked for in the index for them only where it is worked out apart.
CREATE OR REPLACE FUNCTION homes_below(in_corpus uuid, tops uuid[]) RETURNS SETOF uuid LANGUAGE sql STABLE AS $$
  SELECT DISTINCT p.element_id FROM (SELECT t.key, t.key || '\xffffffffffff'::bytea AS past FROM element_path t
      WHERE t.tenant_id = own_tenant() AND t.corpus_id = in_corpus AND t.element_id = ANY (tops) AND t.home OFFSET 0) AS top
    JOIN element_path p ON p.tenant_id = own_tenant() AND p.corpus_id = in_corpus AND p.key >= top.key AND p.key < top.past AND p.home
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
