-- Types are numbered in their corpus, one after the other: workers add them side by side.
CREATE OR REPLACE FUNCTION create_element_type(in_corpus uuid, wanted_slug text, called text, is_folder boolean, in_color text)
RETURNS SETOF element_type LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_advisory_xact_lock(hashtextextended(in_corpus::text, 23));
  RETURN QUERY INSERT INTO element_type (tenant_id, id, corpus_id, number, slug, display_name, folder, color)
    SELECT own_tenant(), uuid7(), in_corpus, 1 + coalesce(max(t.number), 0), wanted_slug, called, is_folder, in_color
    FROM element_type t WHERE t.tenant_id = own_tenant() AND t.corpus_id = in_corpus
    RETURNING *;
END $$;
