-- Lists in the order in which elements were made: of a corpus, and of its top level.
CREATE INDEX element_by_corpus ON element (tenant_id, corpus_id, id);
CREATE INDEX element_path_at_top ON element_path (tenant_id, corpus_id, element_id) WHERE parent_id IS NULL;
DROP INDEX element_path_top_level;
