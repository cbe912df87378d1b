ALTER TABLE capability_key ENABLE ROW LEVEL SECURITY;
ALTER TABLE capability_key FORCE ROW LEVEL SECURITY;
CREATE POLICY own_tenant ON capability_key
  USING (capability_key.tenant_id = own_tenant());
-- No grant at all: the runtime role signs and checks through functions, and never reads a key.
