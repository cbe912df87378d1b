-- One row for all tenants: the runtime role may only read it.
GRANT SELECT ON deployment TO palimpsest_app;
GRANT USAGE ON SEQUENCE source_id, lineage_id, path_key, deletion_moved TO palimpsest_app;
