ALTER TABLE element ENABLE ROW LEVEL SECURITY;
ALTER TABLE element FORCE ROW LEVEL SECURITY;
CREATE POLICY own_tenant ON element
  USING (element.tenant_id = own_tenant());

-- What a deletion has hidden is in no query of the server. The arrays are set by enter(); without it they are null and nothing is seen.
CREATE POLICY not_hidden ON element AS RESTRICTIVE FOR SELECT TO palimpsest_app
  USING ((element.lineage_id <> ALL ((SELECT hidden_lineages())::integer[])
    OR (element.kept AND element.lineage_id <> ALL (erased_lineages()))));

GRANT SELECT, INSERT, UPDATE, DELETE ON element TO palimpsest_app;
