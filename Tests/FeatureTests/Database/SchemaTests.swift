import Postgres
import Testing

@testable import Server

/// The catalogue of a migrated database, held against the rules for every table, so that a new one cannot forget them.
@Suite struct SchemaTests {
    /// What each query returns is wrong.
    static let rules: [(rule: String, query: String)] = [
        (
            "row security is on, forced, and has a policy",
            """
            SELECT t.name FROM tables t WHERE t.of_tenants AND NOT (t.relrowsecurity AND t.relforcerowsecurity
              AND EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = t.oid AND p.polpermissive))
            """
        ),
        (
            "every table is a tenant's",
            "SELECT t.name FROM tables t WHERE NOT t.of_tenants AND t.name NOT IN ('schema_file', 'deployment')"
        ),
        (
            "every index, the primary key among them, begins with the tenant",
            """
            SELECT i.indexrelid::regclass::text FROM pg_index i JOIN tables t ON t.oid = i.indrelid AND t.of_tenants
            WHERE (SELECT a.attname FROM pg_attribute a WHERE a.attrelid = t.oid AND a.attnum = i.indkey[0]) <> 'tenant_id'
              AND NOT (t.name = 'tenant' AND i.indisunique)
            """
        ),
        (
            "every foreign key between tables of tenants begins with the tenant on both sides",
            """
            SELECT k.conname::text FROM pg_constraint k JOIN tables t ON t.oid = k.conrelid WHERE k.contype = 'f'
              AND ('tenant_id' <> (SELECT a.attname FROM pg_attribute a WHERE a.attrelid = k.conrelid AND a.attnum = k.conkey[1])
                OR 'tenant_id' <> (SELECT a.attname FROM pg_attribute a WHERE a.attrelid = k.confrelid AND a.attnum = k.confkey[1])
                OR (cardinality(k.conkey) < 2 AND k.confrelid <> 'tenant'::regclass))
            """
        ),
        (
            "the columns of every foreign key begin an index, a whole one where the row that it refers to can be deleted",
            """
            SELECT k.conname::text FROM pg_constraint k JOIN tables t ON t.oid = k.conrelid WHERE k.contype = 'f'
              AND NOT EXISTS (SELECT FROM pg_index i WHERE i.indrelid = k.conrelid
                AND (i.indpred IS NULL OR NOT has_table_privilege('palimpsest_app', k.confrelid, 'DELETE'))
                AND (SELECT array_agg(column_number ORDER BY column_number) FROM unnest((i.indkey::int2[])[0:cardinality(k.conkey) - 1]) column_number)
                  = (SELECT array_agg(column_number ORDER BY column_number) FROM unnest(k.conkey) column_number))
            """
        ),
        (
            "a reference that is emptied keeps its tenant",
            """
            SELECT k.conname::text FROM pg_constraint k JOIN tables t ON t.oid = k.conrelid
            WHERE k.contype = 'f' AND (k.confdeltype = 'd' OR k.confupdtype <> 'a'
              OR (k.confdeltype = 'n' AND (k.confdelsetcols IS NULL OR k.confdelsetcols && ARRAY[k.conkey[1]])))
            """
        ),
        (
            "tables that grow without bound declare no foreign keys",
            """
            SELECT k.conname::text FROM pg_constraint k JOIN tables t ON t.oid = k.conrelid WHERE k.contype = 'f'
              AND EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = t.oid AND a.attname IN ('source_id', 'element_id') AND NOT a.attisdropped)
              AND t.name NOT IN ('task', 'process', 'hidden_source')
            """
        ),
        (
            "constraints that refusals speak of have names of their own",
            """
            SELECT k.conname::text FROM pg_constraint k JOIN tables t ON t.oid = k.conrelid
            WHERE k.contype NOT IN ('p', 'n') AND k.conname ~ '_(check|key|fkey|excl)[0-9]*$' AND k.confrelid <> 'tenant'::regclass
            """
        ),
        (
            "functions with their owner's rights fix their search path, temporary tables last",
            """
            SELECT f.oid::regprocedure::text FROM pg_proc f WHERE f.pronamespace = 'public'::regnamespace AND f.prosecdef
              AND NOT coalesce('search_path=pg_catalog, public, pg_temp' = ANY (f.proconfig), false)
            """
        ),
        (
            "the policy for the tenant holds for every command and asks once a statement, not once a row",
            """
            SELECT p.polrelid::regclass::text || ': ' || p.polname FROM pg_policy p JOIN tables t ON t.oid = p.polrelid
            WHERE p.polpermissive AND (p.polcmd <> '*' OR p.polname <> 'own_tenant' OR p.polwithcheck IS NOT NULL
              OR pg_get_expr(p.polqual, p.polrelid) !~ '^\\(tenant_id = \\( SELECT own_tenant\\(\\) AS own_tenant\\)\\)$')
            """
        ),
        (
            "every other policy only takes away, from the runtime role",
            """
            SELECT p.polrelid::regclass::text || ': ' || p.polname FROM pg_policy p
            WHERE NOT p.polpermissive AND p.polroles <> ARRAY['palimpsest_app'::regrole::oid]
            """
        ),
        (
            "functions with their owner's rights name the tenant of their caller, or that of the row that fired them",
            """
            SELECT f.oid::regprocedure::text FROM pg_proc f WHERE f.pronamespace = 'public'::regnamespace AND f.prosecdef
              AND f.prorettype <> 'trigger'::regtype AND f.prosrc !~ 'own_tenant\\(\\)'
              AND f.proname NOT IN ('flatten_access', 'tenant_of_host', 'jobs_waiting', 'is_named_by_runs') AND f.proname !~ '^tenants_with_'
            """
        ),
        (
            "only triggers flatten",
            "SELECT 'flatten_access' WHERE has_function_privilege('palimpsest_app', 'flatten_access(uuid, text, uuid)', 'EXECUTE')"
        ),
        (
            "every index can be used under row security: of the operators, only those of B-trees are leakproof",
            """
            SELECT i.indexrelid::regclass::text FROM pg_index i JOIN tables t ON t.oid = i.indrelid AND t.of_tenants
              JOIN pg_class c ON c.oid = i.indexrelid WHERE c.relam <> (SELECT a.oid FROM pg_am a WHERE a.amname = 'btree')
            """
        ),
        (
            "nothing goes round the policies: no view or materialised view without them, no rule",
            """
            SELECT c.relname::text FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('v', 'm', 'f')
            UNION ALL SELECT r.rulename::text FROM pg_rewrite r JOIN tables t ON t.oid = r.ev_class
            """
        ),
        (
            "the runtime role owns nothing",
            """
            SELECT c.relname::text FROM pg_class c WHERE c.relowner = 'palimpsest_app'::regrole
            UNION ALL SELECT f.proname::text FROM pg_proc f WHERE f.proowner = 'palimpsest_app'::regrole
            UNION ALL SELECT n.nspname::text FROM pg_namespace n WHERE n.nspowner = 'palimpsest_app'::regrole
            """
        ),
        (
            "the runtime role can make nothing, and passes no policy",
            """
            SELECT what FROM (VALUES
              ('CREATE in the schema', has_schema_privilege('palimpsest_app', 'public', 'CREATE')),
              -- The rights on a database itself are not copied with it.
              ('CREATE in the database', has_database_privilege('palimpsest_app', 'template_community', 'CREATE')),
              ('TEMP', has_database_privilege('palimpsest_app', 'template_community', 'TEMP')),
              ('superuser', (SELECT rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb FROM pg_roles WHERE rolname = 'palimpsest_app')),
              ('member of a role', EXISTS (SELECT FROM pg_auth_members m WHERE m.member = 'palimpsest_app'::regrole))
            ) AS rights (what, held) WHERE held
            """
        ),
        (
            "the runtime role only reads the deployment, the tenants and which files of the schema there are, and empties no table",
            """
            SELECT t.name || ': ' || r.what FROM tables t
              CROSS JOIN (VALUES ('SELECT'), ('INSERT'), ('UPDATE'), ('DELETE'), ('TRUNCATE'), ('REFERENCES'), ('TRIGGER')) AS r (what)
            WHERE has_table_privilege('palimpsest_app', t.oid, r.what) AND (r.what IN ('TRUNCATE', 'REFERENCES', 'TRIGGER')
              OR (t.name IN ('schema_file', 'deployment', 'tenant') AND r.what <> 'SELECT'))
            """
        ),
        (
            "what is flattened from memberships and what is audited cannot be rewritten by the runtime role",
            """
            SELECT t.name || ': ' || r.what FROM tables t CROSS JOIN (VALUES ('INSERT'), ('UPDATE'), ('DELETE')) AS r (what)
            WHERE has_table_privilege('palimpsest_app', t.oid, r.what)
              AND (t.name LIKE '%\\_access' OR (t.name = 'audit_event' AND r.what <> 'INSERT'))
            """
        ),
    ]

    @Test(arguments: rules) func everyTableKeepsTheRules(_ rule: String, _ query: String) async throws {
        let wrong = try await TestDatabase.with { database in
            try await database.connected(to: database.owner) { lease in
                let rows = try await lease.run(Call(Self.tables + query))
                return (0..<rows.count).compactMap { rows.text($0, 0) }
            }
        }
        #expect(wrong == [], "\(rule)")
    }

    /// The functions were made with their bodies unchecked, since they name each other.
    @Test func everyFunctionCompiles() async throws {
        let faults = try await TestDatabase.with { database in
            try await database.connected(to: database.owner) { lease in
                let rows = try await lease.run(
                    Call(
                        """
                        SELECT f.oid::regprocedure::text, pg_get_functiondef(f.oid) FROM pg_proc f
                        WHERE f.pronamespace = 'public'::regnamespace AND f.prokind = 'f'
                        """))
                try #require(rows.count > 20)
                try await lease.script("SET check_function_bodies = on")
                var faults: [String] = []
                for row in 0..<rows.count {
                    guard let name = rows.text(row, 0), let definition = rows.text(row, 1) else { continue }
                    do { try await lease.script(definition) } catch { faults.append("\(name): \(String(reflecting: error))") }
                }
                return faults
            }
        }
        #expect(faults == [])
    }

    private static let tables = """
        WITH tables AS (
          SELECT c.oid, c.relname::text AS name, c.relrowsecurity, c.relforcerowsecurity,
            EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'tenant_id') AS of_tenants
          FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'm', 'v', 'f')
        )

        """
}
