-- Writes into the audit log: who, when, what. Never values of configurations, never secrets.
CREATE OR REPLACE FUNCTION note_event(happened text, about jsonb, in_corpus uuid DEFAULT NULL) RETURNS void LANGUAGE sql AS $$
  INSERT INTO audit_event (tenant_id, id, actor_id, kind, corpus_id, detail)
  VALUES (own_tenant(), uuid7(), own_user(), happened, in_corpus, about)
$$;
