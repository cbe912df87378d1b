ALTER TABLE purge_cursor ENABLE ROW LEVEL SECURITY;
ALTER TABLE purge_cursor FORCE ROW LEVEL SECURITY;
CREATE POLICY own_tenant ON purge_cursor
  USING (purge_cursor.tenant_id = own_tenant());
GRANT SELECT ON purge_cursor TO palimpsest_app;
