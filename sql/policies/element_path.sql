ALTER TABLE element_path ENABLE ROW LEVEL SECURITY;
ALTER TABLE element_path FORCE ROW LEVEL SECURITY;
CREATE POLICY own_tenant ON element_path
  USING (element_path.tenant_id = own_tenant());

-- What a deletion has hidden is in no query of the server. The arrays are set by enter(); without it they are null and nothing is seen.
CREATE POLICY not_hidden ON element_path AS RESTRICTIVE FOR SELECT TO palimpsest_app
  USING ((element_path.lineage_id <> ALL ((SELECT hidden_lineages())::integer[])
    OR (element_path.kept AND element_path.lineage_id <> ALL (erased_lineages()))));

GRANT SELECT, INSERT, UPDATE, DELETE ON element_path TO palimpsest_app;
