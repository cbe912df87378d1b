-- Selections: what a person has marked, corpus by corpus, to have it processed. Nobody else sees it.

-- Adds elements, all or none; those that are selected already stay so. A selection is read by people and copied into processes, so it has an end.
CREATE OR REPLACE FUNCTION add_to_selection(ids uuid[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  greatest_size CONSTANT integer := 10000;
  full_corpus text;
BEGIN
  PERFORM refuse_faults((SELECT coalesce(jsonb_agg(jsonb_build_object('attr', jsonb_build_array('ids', i.number - 1), 'code', 'does_not_exist',
      'detail', 'There is no element with this id.') ORDER BY i.number), '[]')
    FROM unnest(ids) WITH ORDINALITY AS i (id, number) WHERE level_on('element', i.id) IS NULL));
  INSERT INTO selected_element (tenant_id, user_id, corpus_id, element_id)
    SELECT own_tenant(), own_user(), e.corpus_id, e.id FROM element e WHERE e.tenant_id = own_tenant() AND e.id = ANY (ids)
    ORDER BY e.corpus_id, e.id ON CONFLICT DO NOTHING;
  SELECT c.name INTO full_corpus FROM corpus c WHERE c.tenant_id = own_tenant() AND (
    SELECT count(*) FROM selected_element s WHERE s.tenant_id = own_tenant() AND s.user_id = own_user() AND s.corpus_id = c.id) > greatest_size LIMIT 1;
  IF FOUND THEN
    PERFORM refuse(400, 'selection_full', format('At most %s elements can be selected in one corpus, which would be exceeded in %s.', greatest_size, full_corpus),
      '["ids"]');
  END IF;
END $$;

-- Takes out one element, or those of a corpus, or without either everything.
CREATE OR REPLACE FUNCTION remove_from_selection(one uuid, of_corpus uuid) RETURNS void LANGUAGE sql AS $$
  DELETE FROM selected_element s WHERE s.tenant_id = own_tenant() AND s.user_id = own_user()
    AND (one IS NULL OR s.element_id = one) AND (of_corpus IS NULL OR s.corpus_id = of_corpus)
$$;
