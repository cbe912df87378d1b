ALTER TABLE entity_type ENABLE ROW LEVEL SECURITY;
ALTER TABLE entity_type FORCE ROW LEVEL SECURITY;
CREATE POLICY own_tenant ON entity_type
  USING (entity_type.tenant_id = own_tenant());
GRANT SELECT, INSERT, UPDATE ON entity_type TO palimpsest_app;
