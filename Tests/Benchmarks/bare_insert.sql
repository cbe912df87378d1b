-- The least that a bulk of transcriptions costs: arrays into the table, joined to parents that are held. Nothing is checked or counted.
INSERT INTO transcription (tenant_id, id, corpus_id, element_id, source_id, kept, text, confidence, orientation, creator_id)
SELECT p.tenant_id, uuid7(g.number), p.corpus_id, p.id, 5, false, g.text, g.confidence, 'horizontal-lr', NULL
FROM unnest(:elements::uuid[], :texts::text[], :confidences::real[]) WITH ORDINALITY AS g (element_id, text, confidence, number)
JOIN (SELECT e.tenant_id, e.corpus_id, e.id FROM element e
  WHERE e.tenant_id = :tenant::uuid AND e.id = ANY (:elements::uuid[]) FOR KEY SHARE) AS p ON p.id = g.element_id;
