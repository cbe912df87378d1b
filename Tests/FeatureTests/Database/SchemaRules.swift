import Testing

/// A rule for the whole schema, as a query whose every row is a breach of it.
struct SchemaRule: Sendable, CustomTestStringConvertible {
    let name: String
    /// A change to the schema after which the query must find something: a rule that cannot be broken says nothing.
    let broken: String
    let query: String

    init(_ name: String, broken: String, _ query: String) {
        self.name = name
        self.broken = broken
        self.query = Self.tables + query
    }

    var testDescription: String { name }

    private static let tables = """
        WITH tables AS (
          SELECT c.oid, c.relname::text AS name, c.relrowsecurity, c.relforcerowsecurity,
            EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'tenant_id') AS of_tenants
          FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'm', 'v', 'f')
        )

        """

    static let all: [SchemaRule] = [
        SchemaRule(
            "row security is on, forced, and has a policy",
            broken: "ALTER TABLE corpus NO FORCE ROW LEVEL SECURITY",
            """
            SELECT t.name FROM tables t WHERE t.of_tenants AND NOT (t.relrowsecurity AND t.relforcerowsecurity
              AND EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = t.oid AND p.polpermissive))
            """),
        SchemaRule(
            "every table is a tenant's",
            broken: "CREATE TABLE notes (id integer)",
            "SELECT t.name FROM tables t WHERE NOT t.of_tenants AND t.name NOT IN ('schema_file', 'deployment')"),
        SchemaRule(
            "every index, the primary key among them, begins with the tenant",
            broken: "CREATE INDEX ON element (corpus_id)",
            """
            SELECT i.indexrelid::regclass::text FROM pg_index i JOIN tables t ON t.oid = i.indrelid AND t.of_tenants
            WHERE (SELECT a.attname FROM pg_attribute a WHERE a.attrelid = t.oid AND a.attnum = i.indkey[0]) <> 'tenant_id'
              AND NOT (t.name = 'tenant' AND i.indisunique)
            """),
        SchemaRule(
            "every foreign key between tables of tenants begins with the tenant on both sides",
            broken:
                "ALTER TABLE task ADD CONSTRAINT task_alone UNIQUE (id); ALTER TABLE artifact ADD CONSTRAINT artifact_alone FOREIGN KEY (task_id) REFERENCES task (id)",
            """
            SELECT k.conname::text FROM pg_constraint k JOIN tables t ON t.oid = k.conrelid WHERE k.contype = 'f'
              AND ('tenant_id' <> (SELECT a.attname FROM pg_attribute a WHERE a.attrelid = k.conrelid AND a.attnum = k.conkey[1])
                OR 'tenant_id' <> (SELECT a.attname FROM pg_attribute a WHERE a.attrelid = k.confrelid AND a.attnum = k.confkey[1])
                OR (cardinality(k.conkey) < 2 AND k.confrelid <> 'tenant'::regclass))
            """),
        SchemaRule(
            "the columns of every foreign key begin an index, a whole one where the row that it refers to can be deleted",
            broken: "DROP INDEX artifact_by_file",
            """
            SELECT k.conname::text FROM pg_constraint k JOIN tables t ON t.oid = k.conrelid WHERE k.contype = 'f'
              AND NOT EXISTS (SELECT FROM pg_index i WHERE i.indrelid = k.conrelid
                AND (i.indpred IS NULL OR NOT has_table_privilege('palimpsest_app', k.confrelid, 'DELETE'))
                AND (SELECT array_agg(column_number ORDER BY column_number) FROM unnest((i.indkey::int2[])[0:cardinality(k.conkey) - 1]) column_number)
                  = (SELECT array_agg(column_number ORDER BY column_number) FROM unnest(k.conkey) column_number))
            """),
        SchemaRule(
            "a reference that is emptied keeps its tenant",
            broken:
                "ALTER TABLE artifact DROP CONSTRAINT artifact_file, ADD CONSTRAINT artifact_file FOREIGN KEY (tenant_id, digest) REFERENCES stored_file ON DELETE SET NULL",
            """
            SELECT k.conname::text FROM pg_constraint k JOIN tables t ON t.oid = k.conrelid
            WHERE k.contype = 'f' AND (k.confdeltype = 'd' OR k.confupdtype <> 'a'
              OR (k.confdeltype = 'n' AND (k.confdelsetcols IS NULL OR k.confdelsetcols && ARRAY[k.conkey[1]])))
            """),
        SchemaRule(
            "tables that grow without bound declare no foreign keys",
            broken: "ALTER TABLE transcription ADD CONSTRAINT transcription_corpus FOREIGN KEY (tenant_id, corpus_id) REFERENCES corpus",
            """
            SELECT k.conname::text FROM pg_constraint k JOIN tables t ON t.oid = k.conrelid WHERE k.contype = 'f'
              AND EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = t.oid AND a.attname IN ('source_id', 'element_id') AND NOT a.attisdropped)
              AND t.name NOT IN ('task', 'process', 'hidden_source')
            """),
        SchemaRule(
            "constraints that refusals speak of have names of their own",
            broken: "ALTER TABLE corpus ADD CHECK (name <> description)",
            """
            SELECT k.conname::text FROM pg_constraint k JOIN tables t ON t.oid = k.conrelid
            WHERE k.contype NOT IN ('p', 'n') AND k.conname ~ '_(check|key|fkey|excl)[0-9]*$' AND k.confrelid <> 'tenant'::regclass
            """),
        SchemaRule(
            "functions with their owner's rights fix their search path, temporary tables last",
            broken: "ALTER FUNCTION worker_version_card(uuid) RESET search_path",
            """
            SELECT f.oid::regprocedure::text FROM pg_proc f WHERE f.pronamespace = 'public'::regnamespace AND f.prosecdef
              AND NOT coalesce('search_path=pg_catalog, public, pg_temp' = ANY (f.proconfig), false)
            """),
        SchemaRule(
            "the policy for the tenant holds for every command, and is one that statements which name the tenant ask once a scan",
            broken: "ALTER POLICY own_tenant ON corpus USING (tenant_id = own_tenant() OR name = 'everybody')",
            """
            SELECT p.polrelid::regclass::text || ': ' || p.polname FROM pg_policy p JOIN tables t ON t.oid = p.polrelid
            WHERE p.polpermissive AND (p.polcmd <> '*' OR p.polname <> 'own_tenant' OR p.polwithcheck IS NOT NULL
              OR pg_get_expr(p.polqual, p.polrelid) <> '(tenant_id = own_tenant())')
            """),
        SchemaRule(
            "every other policy only takes away, from the runtime role",
            broken: "CREATE POLICY other ON corpus AS RESTRICTIVE FOR SELECT USING (true)",
            """
            SELECT p.polrelid::regclass::text || ': ' || p.polname FROM pg_policy p
            WHERE NOT p.polpermissive AND p.polroles <> ARRAY['palimpsest_app'::regrole::oid]
            """),
        SchemaRule(
            "functions with their owner's rights name the tenant of their caller, or that of the row that fired them",
            broken:
                "CREATE FUNCTION everything() RETURNS bigint LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS 'SELECT count(*) FROM corpus'",
            """
            SELECT f.oid::regprocedure::text FROM pg_proc f WHERE f.pronamespace = 'public'::regnamespace AND f.prosecdef
              AND f.prorettype <> 'trigger'::regtype AND f.prosrc !~ 'own_tenant\\(\\)'
              AND f.proname NOT IN ('flatten_access', 'tenant_of_host', 'jobs_waiting', 'is_named_by_runs', 'job_backlog', 'most_hidden_lineages', 'forget_marks') AND f.proname !~ '^tenants_with_'
            """),
        SchemaRule(
            "only triggers flatten",
            broken: "GRANT EXECUTE ON FUNCTION flatten_access(uuid, text, uuid) TO palimpsest_app",
            "SELECT 'flatten_access' WHERE has_function_privilege('palimpsest_app', 'flatten_access(uuid, text, uuid)', 'EXECUTE')"),
        SchemaRule(
            "every index can be used under row security: of the operators, only those of B-trees are leakproof",
            broken: "CREATE INDEX ON audit_event USING hash (tenant_id)",
            """
            SELECT i.indexrelid::regclass::text FROM pg_index i JOIN tables t ON t.oid = i.indrelid AND t.of_tenants
              JOIN pg_class c ON c.oid = i.indexrelid WHERE c.relam <> (SELECT a.oid FROM pg_am a WHERE a.amname = 'btree')
            """),
        SchemaRule(
            "nothing goes round the policies: no view or materialised view without them, no rule",
            broken: "CREATE VIEW corpora AS SELECT * FROM corpus",
            """
            SELECT c.relname::text FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('v', 'm', 'f')
            UNION ALL SELECT r.rulename::text FROM pg_rewrite r JOIN tables t ON t.oid = r.ev_class
            """),
        SchemaRule(
            "the runtime role owns nothing",
            broken: "ALTER TABLE artifact OWNER TO palimpsest_app",
            """
            SELECT c.relname::text FROM pg_class c WHERE c.relowner = 'palimpsest_app'::regrole
            UNION ALL SELECT f.proname::text FROM pg_proc f WHERE f.proowner = 'palimpsest_app'::regrole
            UNION ALL SELECT n.nspname::text FROM pg_namespace n WHERE n.nspowner = 'palimpsest_app'::regrole
            """),
        SchemaRule(
            "the runtime role can make nothing, and passes no policy",
            broken: "GRANT CREATE ON SCHEMA public TO palimpsest_app",
            """
            SELECT what FROM (VALUES
              ('CREATE in the schema', has_schema_privilege('palimpsest_app', 'public', 'CREATE')),
              -- The rights on a database itself are not copied with it.
              ('CREATE in the database', has_database_privilege('palimpsest_app', 'template_community', 'CREATE')),
              ('TEMP', has_database_privilege('palimpsest_app', 'template_community', 'TEMP')),
              ('superuser', (SELECT rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb FROM pg_roles WHERE rolname = 'palimpsest_app')),
              ('member of a role', EXISTS (SELECT FROM pg_auth_members m WHERE m.member = 'palimpsest_app'::regrole))
            ) AS rights (what, held) WHERE held
            """),
        SchemaRule(
            "the runtime role only reads the deployment, the tenants and which files of the schema there are, and empties no table",
            broken: "GRANT UPDATE ON tenant TO palimpsest_app",
            """
            SELECT t.name || ': ' || r.what FROM tables t
              CROSS JOIN (VALUES ('SELECT'), ('INSERT'), ('UPDATE'), ('DELETE'), ('TRUNCATE'), ('REFERENCES'), ('TRIGGER')) AS r (what)
            WHERE has_table_privilege('palimpsest_app', t.oid, r.what) AND (r.what IN ('TRUNCATE', 'REFERENCES', 'TRIGGER')
              OR (t.name IN ('schema_file', 'deployment', 'tenant') AND r.what <> 'SELECT'))
            """),
        SchemaRule(
            "what is flattened from memberships and what is audited cannot be rewritten by the runtime role",
            broken: "GRANT INSERT ON corpus_access TO palimpsest_app",
            """
            SELECT t.name || ': ' || r.what FROM tables t CROSS JOIN (VALUES ('INSERT'), ('UPDATE'), ('DELETE')) AS r (what)
            WHERE has_table_privilege('palimpsest_app', t.oid, r.what)
              AND (t.name LIKE '%\\_access' OR (t.name = 'audit_event' AND r.what <> 'INSERT'))
            """),
        SchemaRule(
            "what grows without bound is filtered by its policies with leakproof operators, and by no call for each row",
            broken: "ALTER POLICY not_hidden ON element USING (lower(element.name) <> '')",
            """
            SELECT p.polrelid::regclass::text || ': ' || p.polname FROM pg_policy p
            WHERE EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = p.polrelid AND a.attname IN ('source_id', 'lineage_id', 'element_id'))
              AND (EXISTS (SELECT FROM regexp_matches(p.polqual::text, ':(?:opfuncid|funcid) (\\d+)', 'g') AS called (id)
                  JOIN pg_proc f ON f.oid = called.id[1]::oid AND f.pronamespace = 'pg_catalog'::regnamespace WHERE NOT f.proleakproof)
                OR regexp_replace(pg_get_expr(p.polqual, p.polrelid), '(own_tenant|own_user|nothing_hidden|erased_(lineages|sources))\\(\\)|\\( SELECT hidden_\\w+\\(\\) AS \\w+\\)', '', 'g') ~ '\\w\\(')
            """),
        SchemaRule(
            "what is hidden from whoever has no right to it is changed and removed by those alone who have",
            broken: "DROP POLICY changed_by_administrators ON worker",
            """
            SELECT t.name || ': ' || r.command FROM tables t CROSS JOIN (VALUES ('UPDATE', 'w'), ('DELETE', 'd')) AS r (command, code)
            WHERE EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = t.oid AND p.polname LIKE 'seen\\_%' AND p.polcmd = 'r')
              AND has_any_column_privilege('palimpsest_app', t.oid, CASE r.command WHEN 'UPDATE' THEN 'UPDATE' ELSE 'SELECT' END)
              AND has_table_privilege('palimpsest_app', t.oid, r.command)
              AND NOT EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = t.oid AND NOT p.polpermissive AND p.polcmd = r.code::"char")
            """),
        SchemaRule(
            "a table has rights for the runtime role only where there is a policy of its own, and nobody else has any",
            broken: "GRANT SELECT ON corpus TO PUBLIC",
            """
            SELECT c.relname::text || ': ' || CASE WHEN entry.grantee = 0 THEN 'PUBLIC' ELSE pg_get_userbyid(entry.grantee) END
            FROM pg_class c CROSS JOIN LATERAL aclexplode(c.relacl) AS entry
            WHERE c.relnamespace = 'public'::regnamespace AND entry.grantee <> c.relowner
              AND (entry.grantee = 0 OR pg_get_userbyid(entry.grantee) NOT IN ('palimpsest_app', 'palimpsest_purge') OR entry.is_grantable)
            """),
    ]
}
