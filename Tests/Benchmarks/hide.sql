-- What a deletion of the runs 7 to 11 leaves behind: five sources and their five lineages hidden.
INSERT INTO deletion (tenant_id, id, corpus_id, undo_until)
  SELECT tenant_id, gen_random_uuid(), id, now() + interval '1 day' FROM corpus;
INSERT INTO hidden_source (tenant_id, source_id, deletion_id, corpus_id, everything)
  SELECT s.tenant_id, s.id, d.id, d.corpus_id, false FROM source s CROSS JOIN deletion d WHERE s.id > 6;
INSERT INTO hidden_lineage (tenant_id, lineage_id, deletion_id, corpus_id, everything)
  SELECT l.tenant_id, l.id, d.id, d.corpus_id, false FROM lineage l CROSS JOIN deletion d WHERE l.id > 6;
