ALTER TABLE audit_event ENABLE ROW LEVEL SECURITY;
ALTER TABLE audit_event FORCE ROW LEVEL SECURITY;
CREATE POLICY own_tenant ON audit_event
  USING (audit_event.tenant_id = own_tenant());

-- Read by instance administrators, and what is about a corpus by its administrators. Nobody changes or removes anything.
CREATE POLICY seen_by_administrators ON audit_event AS RESTRICTIVE FOR SELECT TO palimpsest_app
  USING (instance_administrator() OR (corpus_id IS NOT NULL AND (unrestricted()
    OR EXISTS (SELECT 1 FROM corpus_access a WHERE a.tenant_id = own_tenant() AND a.user_id = own_user()
      AND a.corpus_id = audit_event.corpus_id AND a.level >= 100))));

GRANT SELECT, INSERT ON audit_event TO palimpsest_app;
