ALTER TABLE ml_class ENABLE ROW LEVEL SECURITY;
ALTER TABLE ml_class FORCE ROW LEVEL SECURITY;
CREATE POLICY own_tenant ON ml_class
  USING (ml_class.tenant_id = own_tenant());
GRANT SELECT, INSERT, UPDATE ON ml_class TO palimpsest_app;
