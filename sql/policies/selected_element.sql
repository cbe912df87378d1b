ALTER TABLE selected_element ENABLE ROW LEVEL SECURITY;
ALTER TABLE selected_element FORCE ROW LEVEL SECURITY;
CREATE POLICY own_tenant ON selected_element
  USING (selected_element.tenant_id = own_tenant());
GRANT SELECT, INSERT, DELETE ON selected_element TO palimpsest_app;

-- A selection is nobody else's business, administrators' neither.
CREATE POLICY own_selection ON selected_element AS RESTRICTIVE TO palimpsest_app
  USING (selected_element.user_id = own_user());
