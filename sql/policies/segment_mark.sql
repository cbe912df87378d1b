ALTER TABLE segment_mark ENABLE ROW LEVEL SECURITY;
ALTER TABLE segment_mark FORCE ROW LEVEL SECURITY;
CREATE POLICY own_tenant ON segment_mark
  USING (segment_mark.tenant_id = own_tenant());
GRANT SELECT, INSERT ON segment_mark TO palimpsest_app;
