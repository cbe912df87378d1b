-- Embeddings: always by a run.
CREATE OR REPLACE FUNCTION publish_embedding(run uuid, on_element uuid, vector real[]) RETURNS uuid LANGUAGE plpgsql AS $$
DECLARE
  parent element;
  source integer;
  made uuid := uuid7();
BEGIN
  SELECT * INTO parent FROM element e WHERE e.tenant_id = own_tenant() AND e.id = on_element;
  source := source_to_sign(run, parent.corpus_id);
  PERFORM keep_elements(ARRAY[on_element]);
  SELECT * INTO parent FROM element e WHERE e.tenant_id = own_tenant() AND e.id = on_element FOR SHARE;
  IF NOT FOUND THEN PERFORM refuse(404, 'not_found', 'There is no element with this id.'); END IF;
  INSERT INTO embedding (tenant_id, id, corpus_id, element_id, source_id, value, creator_id)
  VALUES (own_tenant(), made, parent.corpus_id, on_element, source, vector, own_user());
  PERFORM count_results(parent.corpus_id, parent.lineage_id, parent.kept, source, false, 'embedding', 1);
  RETURN made;
END $$;
