import Postgres
import Shapes
import Tenancy
import Testing

@testable import Server

/// Every statement is prepared on a migrated database, and what it takes and returns is held against its Swift types.
@Suite struct StatementTests {
    @Test func statementsAreWhatTheirTypesSay() async throws {
        let declarations = try Compose.declarations()
        let faults = try await TestDatabase.with { database in
            try await database.connected(to: database.application) { lease in
                var faults: [String] = []
                for declaration in declarations { faults += await declaration.faults(lease) }
                return faults
            }
        }
        #expect(faults == [])
    }

    /// Policies compare the tenant with a setting. Since each statement names the tenant too, that is done once a scan, and each row is found
    /// by the tenant in an index; a filter that reads the setting would read it for every row.
    @Test func noStatementAsksForTheTenantOnceARow() async throws {
        let faults = try await plans().filter { $0.line.contains(/^\s*(Join )?Filter: .*app\.tenant_id/) }
        #expect(faults.map { "\($0.statement): \($0.line)" } == [])
    }

    /// What is below an element is one range of keys. Where its end is not looked for in the index, all of the corpus behind it is read.
    /// The places of one element are few, and may be compared.
    @Test func noStatementReadsPastTheEndOfARangeOfKeys() async throws {
        let faults = try await plans().filter {
            $0.line.contains(#/^\s*(Join )?Filter: .*[.(]key <=? /#) && !$0.line.contains(#/\(q\.element_id = p\.element_id\)/#)
        }
        #expect(faults.map { "\($0.statement): \($0.line)" } == [])
    }

    /// What an element is in has the beginnings of its key. Where these are not looked for in the index, every place is compared with them.
    @Test func noStatementComparesAllPlacesWithTheBeginningsOfAKey() async throws {
        let condition = #/^\s*(Hash Cond|Merge Cond|(Join )?Filter): .*(key = SUBSTRING\(|SUBSTRING\([^=]*\) = \w*\.?key)/#
        let faults = try await plans().filter { $0.line.contains(condition) }
        #expect(faults.map { "\($0.statement): \($0.line)" } == [])
    }

    /// Every line of every generic plan.
    private func plans() async throws -> [(statement: String, line: String)] {
        let declarations = try Compose.declarations()
        return try await TestDatabase.with { database in
            try await database.connected(to: database.application) { lease in
                // The tables are empty: by its own choice the planner would read them whole.
                try await lease.script("SET enable_seqscan = off; SET plan_cache_mode = force_generic_plan")
                var lines: [(statement: String, line: String)] = []
                for declaration in declarations where declaration.placeholders.contains("tenant") {
                    lines += try await declaration.plan(lease).map { (declaration.name, $0) }
                }
                return lines
            }
        }
    }

    @Test func statementsHaveNamesOfTheirOwn() throws {
        let names = try Compose.declarations().map(\.name)
        #expect(Set(names).count == names.count)
    }

    /// Row-level security alone would hold, but an explicit tenant is what indexes and shards are chosen by.
    @Test func statementsOnTablesNameTheTenant() throws {
        let silent = try Compose.declarations().filter { declaration in
            !declaration.placeholders.contains("tenant") && !["(", "FROM deployment"].contains { declaration.sql.contains($0) }
        }
        #expect(silent.map(\.name) == [])
    }
}

extension Declaration {
    /// The lines of its generic plan.
    fileprivate func plan(_ lease: Lease) async throws -> [String] {
        let parameters = try await lease.describe(sql).parameterTypes.count
        let nulls = Array(repeating: "NULL", count: parameters).joined(separator: ", ")
        try await lease.script("PREPARE planned_\(name) AS \(sql)")
        let rows = try await lease.run(Call("EXPLAIN EXECUTE planned_\(name)\(parameters == 0 ? "" : "(\(nulls))")"))
        return (0..<rows.count).compactMap { rows.text($0, 0) }
    }

    /// What is wrong with one statement.
    func faults(_ lease: Lease) async -> [String] {
        let description: Description
        do {
            description = try await lease.describe(sql)
        } catch let failure as PostgresFailure {
            return ["\(name): \(failure.message ?? failure.description) at \(failure.position ?? 0)"]
        } catch {
            return ["\(name): \(error)"]
        }
        return unsupplied.map { "\(name): nobody supplies $\($0)." } + columns(description)
    }

    private var unsupplied: [String] {
        placeholders.filter { name in
            !(["tenant", "limit", "offset", "after"] + also).contains(name) && input.resolve(name) == nil
        }
    }

    private func columns(_ description: Description) -> [String] {
        let found = Dictionary(description.columns.map { ($0.name, $0.typeOID) }) { first, _ in first }
        return row.properties.compactMap { property in
            guard let type = found[property.name] else { return "\(name): there is no column \(property.name)." }
            return property.shape.unwrapped.accepts(type)
                ? nil : "\(name): \(property.name) is \(property.shape), the column of type \(type)."
        }
    }
}

extension Shape {
    fileprivate func resolve(_ dotted: String) -> Shape? {
        dotted.split(separator: ".").reduce(Shape?.some(self)) { $0?.unwrapped[String($1)] }
    }

    /// Whether a column of this type is written as JSON of this shape.
    fileprivate func accepts(_ type: UInt32) -> Bool {
        switch self {
        case .boolean: type == 16
        case .integer: [20, 21, 23].contains(type)
        case .number: [700, 701, 1700].contains(type)
        case .string: [25, 1043, 2950, 1184].contains(type)
        case .array, .object, .dictionary: [114, 3802].contains(type)
        case .any, .nullable: true
        }
    }
}
