import Postgres
import Tenancy
import Testing

@testable import Server
@testable import Web

/// What holds when the server asks for nothing: every rule is taken away, and the database is left to itself.
@Suite struct DatabaseAloneTests {
    /// No operation asks for a level any more: whoever has signed in may try everything, on things of another tenant too.
    static let unguarded = Compose.operations.map { operation in
        var operation = operation
        operation.decision.kind = nil
        if operation.decision.level != .anyone { operation.decision.level = .signedIn }
        return operation
    }

    @Test func withoutTheServersChecksAnotherTenantIsOutOfReach() async throws {
        try await Tester.with(.enterprise) { tester in
            let matrix = try await Matrix(tester, .enterprise)
            let other = try #require(try await tester.value("SELECT tenant_id FROM tenant WHERE slug = 'second'"))
            let before = try await tester.digests(of: other)
            let shown = try await matrix.attack(.foreign, as: [.stranger, .admin, .task, .instanceAdministrator], through: Self.unguarded)
            #expect(shown == [])
            let after = try await tester.digests(of: other)
            #expect(after.filter { before[$0.key] != $0.value }.keys.sorted() == [])
        }
    }

    /// Within a tenant: a person without rights, and a guest, on the tables that say who may do what.
    @Test func withoutTheServersChecksRightsHold() async throws {
        try await Tester.with(.enterprise) { tester in
            let matrix = try await Matrix(tester, .enterprise)
            let before = try await tester.rows(of: Self.catalogue)
            _ = try await matrix.attack(.elsewhere, as: [.stranger, .guest, .task], through: Self.unguarded)
            _ = try await matrix.attack(.own, as: [.stranger, .guest], through: Self.unguarded)
            let lost = before.subtracting(try await tester.rows(of: Self.catalogue))
            #expect(lost == [])
        }
    }

    static let catalogue = [
        "corpus", "worker", "worker_version", "worker_configuration", "model", "model_version", "membership", "user_group", "group_member",
        "audit_event", "api_token",
    ]

    /// Statements that no operation has, as whoever has no rights and as a guest: what is hidden is not there, what is seen stays as it is.
    @Test(arguments: [Role.stranger, .guest]) func policiesHoldWhateverTheStatement(_ role: Role) async throws {
        try await Tester.with(.enterprise) { tester in
            let own = try await Seed(tester, "zqown")
            let person = try await tester.person("\(role)@example.org")
            if role == .guest { try await tester.admit(person, to: own, 10) }
            let secret = try #require(Secret(try await tester.token(of: person)))
            let enter = Call(
                "SELECT enter($1::uuid, 'token', decode($2, 'hex'), true, NULL, NULL, 1)", [tester.tenant.parameter, .text(secret.digest)])
            let before = try await tester.rows(of: Self.catalogue)
            let seen = try await tester.database.connected(to: tester.database.application) { lease in
                var seen: Set<String> = []
                for table in Self.catalogue where table != "api_token" {
                    let rows = try await lease.segment([enter, Call("SELECT count(*) FROM \(table)")])[1]
                    if rows.text(0, 0) != "0" { seen.insert(table) }
                    for change in [
                        "UPDATE \(table) SET tenant_id = tenant_id", "DELETE FROM \(table)",
                        "INSERT INTO \(table) SELECT * FROM \(table)",
                    ] {
                        // Refused as a whole, or without effect: the comparison below says.
                        _ = try? await lease.segment([enter, Call(change)])
                    }
                }
                return seen
            }
            // Everybody may leave what they are a member of.
            let lost = before.subtracting(try await tester.rows(of: Self.catalogue)).filter { !$0.contains(person.text) }
            #expect(lost == [])
            if role == .stranger { #expect(seen == []) }
        }
    }
}

extension Tester {
    private func tables() async throws -> [String] {
        let rows = try await asOwner(
            """
            SELECT c.relname FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r'
              AND EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'tenant_id') ORDER BY 1
            """)
        return (0..<rows.count).compactMap { rows.text($0, 0) }
    }

    /// A digest of every table's rows of a tenant.
    fileprivate func digests(of tenant: String) async throws -> [String: String] {
        var digests: [String: String] = [:]
        for table in try await tables() {
            digests[table] = try await value(
                "SELECT coalesce(md5(string_agg(t::text, '|' ORDER BY t::text)), '') FROM \(table) t WHERE tenant_id = $1", [.text(tenant)])
        }
        return digests
    }

    /// All rows of some tables, as text.
    fileprivate func rows(of tables: [String]) async throws -> Set<String> {
        var all: Set<String> = []
        for table in tables {
            let rows = try await asOwner("SELECT '\(table) ' || t::text FROM \(table) t")
            for row in 0..<rows.count { all.insert(rows.text(row, 0) ?? "") }
        }
        return all
    }
}
