ALTER TABLE audit_event ENABLE ROW LEVEL SECURITY;
ALTER TABLE audit_event FORCE ROW LEVEL SECURITY;
CREATE POLICY own_tenant ON audit_event
  USING (audit_event.tenant_id = (SELECT own_tenant()));
GRANT SELECT, INSERT ON audit_event TO palimpsest_app;
