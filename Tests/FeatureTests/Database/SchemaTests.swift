import Postgres
import Shapes
import Tenancy
import Testing

@testable import Server

/// The catalogue of a migrated database, held against the rules for every table, so that a new one cannot forget them.
@Suite struct SchemaTests {
    /// Each holds, and each can be broken.
    @Test func everyTableKeepsTheRules() async throws {
        try await TestDatabase.with { database in
            try await database.connected(to: database.owner) { lease in
                for rule in SchemaRule.all {
                    #expect(try await lease.breaches(of: rule) == [], "\(rule)")
                    try await lease.script("BEGIN; \(rule.broken)")
                    #expect(try await lease.breaches(of: rule) != [], "\(rule), after: \(rule.broken)")
                    try await lease.script("ROLLBACK")
                }
            }
        }
    }

    /// Each right of the runtime role on a table is one that a statement, or a function that runs with its caller's rights, makes use of.
    @Test func everyGrantIsUsed() async throws {
        let declared = JSONValue.array(try Compose.declarations().map { .string($0.sql) })
        try await TestDatabase.with { database in
            try await database.connected(to: database.owner) { lease in
                let unused = Call(Self.unusedGrants, [.text(declared.text)])
                #expect(try await lease.breaches(unused) == [])
                try await lease.script("BEGIN; GRANT DELETE ON artifact TO palimpsest_app")
                #expect(try await lease.breaches(unused) == ["artifact: DELETE"])
                try await lease.script("ROLLBACK")
            }
        }
    }

    /// $1: the declared statements. Rows that are locked need the right to update them, and results are written by statements that are made for
    /// each kind of them.
    private static let unusedGrants = """
        WITH texts AS (
          SELECT f.prosrc AS sql FROM pg_proc f WHERE f.pronamespace = 'public'::regnamespace AND NOT f.prosecdef
          UNION ALL SELECT jsonb_array_elements_text($1::jsonb)
        ), grants AS (
          SELECT c.relname AS name, r.command FROM pg_class c CROSS JOIN (VALUES ('INSERT'), ('UPDATE'), ('DELETE')) AS r (command)
          WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND has_table_privilege('palimpsest_app', c.oid, r.command)
        )
        SELECT g.name || ': ' || g.command FROM grants g
        WHERE NOT (g.command <> 'INSERT' AND g.name IN ('transcription', 'classification', 'metadata', 'transcription_entity', 'embedding')
            AND EXISTS (SELECT FROM texts x WHERE x.sql ~ format('format\\(''%s (FROM )?%%I r', g.command)))
          AND NOT EXISTS (SELECT FROM texts x WHERE CASE g.command
            WHEN 'INSERT' THEN x.sql ~ format('INSERT INTO %s\\M', g.name)
            WHEN 'DELETE' THEN x.sql ~ format('DELETE FROM %s\\M', g.name)
            ELSE x.sql ~ format('UPDATE %s\\M', g.name) OR (x.sql ~ format('INSERT INTO %s\\M', g.name) AND x.sql ~ 'DO UPDATE')
              OR (x.sql ~ format('(FROM|JOIN) %s\\M', g.name) AND x.sql ~ 'FOR (NO KEY |KEY )?(UPDATE|SHARE)') END)
        ORDER BY 1
        """

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
}

extension Lease {
    fileprivate func breaches(of rule: SchemaRule) async throws -> [String] { try await breaches(Call(rule.query)) }

    fileprivate func breaches(_ query: Call) async throws -> [String] {
        let rows = try await run(query)
        return (0..<rows.count).compactMap { rows.text($0, 0) }
    }
}
