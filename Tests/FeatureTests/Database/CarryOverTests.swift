import Postgres
import Shapes
import Tenancy
import Testing

@testable import Server

/// Fault 24: a connection takes nothing of one segment into the next, whatever ends it, and however many share it.
@Suite struct CarryOverTests {
    /// What a segment finds of its predecessor.
    private static let look = Call(
        """
        SELECT count(*) FROM unnest(ARRAY['app.tenant_id', 'app.user_id', 'app.unrestricted', 'app.instance_administrator', 'app.task_id',
          'app.hidden_sources']) AS name WHERE coalesce(current_setting(name, true), '') <> ''
        """)

    @Test(arguments: [
        "SELECT 1", "SELECT 1 / 0", "SELECT refuse(409, 'no', 'No.')", "SELECT set_config('statement_timeout', '20', true), NULL",
    ])
    func whateverEndsASegmentNothingStays(_ end: String) async throws {
        try await Tester.with { tester in
            _ = try await tester.post("/api/v1/corpus/", ["name": "Parish"]).created()
            try await tester.onOneConnection { pool in
                let calls =
                    [Call.enter(tester.tenant, scheme: "system"), Call(end)]
                    + (end.contains("timeout") ? [Call("SELECT pg_sleep(30)")] : [])
                _ = try? await pool.segment(calls)
                let left = try await pool.segment([Self.look])[0]
                #expect((0..<left.count).allSatisfy { left.text($0, 0) == "0" })
                let seen = try await pool.segment([Call("SELECT count(*) FROM corpus")])[0]
                #expect(seen.text(0, 0) == "0")
            }
        }
    }

    /// The request went away while its statement ran.
    @Test func aCancelledSegmentLeavesNothing() async throws {
        try await Tester.with { tester in
            _ = try await tester.post("/api/v1/corpus/", ["name": "Parish"]).created()
            try await tester.onOneConnection { pool in
                await withTaskGroup(of: Void.self) { group in
                    group.addTask {
                        _ = try? await pool.segment([.enter(tester.tenant, scheme: "system"), Call("SELECT pg_sleep(0.2)")])
                    }
                    group.cancelAll()
                }
                let seen = try await pool.segment([Call("SELECT count(*) FROM corpus")])[0]
                #expect(seen.text(0, 0) == "0")
            }
        }
    }

    /// Two tenants and somebody without one, all at once through one connection: each sees its own.
    @Test func segmentsInOnePipelineDoNotMix() async throws {
        try await Tester.with(.enterprise) { tester in
            let other = try await tester.secondTenant()
            try await tester.onOneConnection { pool in
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for number in 0..<300 {
                        group.addTask {
                            let tenant = [tester.tenant, other, nil][number % 3]
                            let enter = tenant.map { [Call.enter($0, scheme: "system")] } ?? []
                            let seen = try await pool.segment(enter + [Call("SELECT own_tenant(), (SELECT count(*) FROM user_account)")])
                            let last = try #require(seen.last)
                            #expect(last.text(0, 0) == tenant?.text && last.text(0, 1) == (tenant == nil ? "0" : "1"))
                        }
                    }
                    try await group.waitForAll()
                }
            }
        }
    }
}

extension Tester {
    /// A pool of a single connection of the runtime role.
    fileprivate func onOneConnection(_ body: @Sendable @escaping (Pool) async throws -> Void) async throws {
        var configuration = Configuration(connectionString: database.application)
        configuration.shared = 1
        let pool = Pool(configuration, logger: TestDatabase.logger)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await pool.run() }
            defer { group.cancelAll() }
            try await body(pool)
        }
    }
}
