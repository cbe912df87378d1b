-- One row for all tenants: the runtime role may only read it.
GRANT SELECT ON deployment TO palimpsest_app;
GRANT USAGE ON SEQUENCE source_id, lineage_id, path_key TO palimpsest_app;
