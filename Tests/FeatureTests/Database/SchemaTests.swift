import Postgres
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
    fileprivate func breaches(of rule: SchemaRule) async throws -> [String] {
        let rows = try await run(Call(rule.query))
        return (0..<rows.count).compactMap { rows.text($0, 0) }
    }
}
