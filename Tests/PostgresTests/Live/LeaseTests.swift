import Postgres
import Testing

@Suite struct LeaseTests {
    @Test func aTransactionIsKeptOrNot() async throws {
        struct Enough: Error {}
        try await Server.withPool { pool in
            _ = try await pool.segment([Call("DROP TABLE IF EXISTS lease_kept"), Call("CREATE TABLE lease_kept (a int)")])
            try await pool.lease { lease in
                try await lease.transaction { _ = try await lease.run(Call("INSERT INTO lease_kept VALUES (1)")) }
                await #expect(throws: Enough.self) {
                    try await lease.transaction {
                        _ = try await lease.run(Call("INSERT INTO lease_kept VALUES (2)"))
                        throw Enough()
                    }
                }
            }
            #expect(try await pool.value("SELECT string_agg(a::text, ',') FROM lease_kept") == "1")
            _ = try await pool.segment([Call("DROP TABLE lease_kept")])
        }
    }

    @Test func aTransactionThatFailedQuietlyIsNotTakenForKept() async throws {
        try await Server.withLease { lease in
            let found = try await failure { try await lease.transaction { _ = try? await lease.run(Call("SELECT 1 / 0")) } }
            #expect(found?.code == .server)
            #expect(try await lease.value("SELECT 1") == "1")
        }
    }

    @Test func anOpenTransactionIsRolledBackWhenGivenBack() async throws {
        try await Server.withPool {
            $0.leased = 1
        } _: { pool in
            let pid = try await pool.lease { lease in
                _ = try await lease.segment([Call("BEGIN"), Call("CREATE TABLE lease_left_open (a int)")])
                return try await lease.value("SELECT pg_backend_pid()")
            }
            try await pool.lease { lease async throws in
                #expect(try await lease.value("SELECT pg_backend_pid()") == pid)
                #expect(try await lease.value("SELECT to_regclass('lease_left_open') IS NULL") == "t")
            }
        }
    }

    @Test func borrowersTakeTurns() async throws {
        try await Server.withPool {
            $0.leased = 2
        } _: { pool in
            let sum = try await withThrowingTaskGroup(of: Int.self) { group in
                for number in 0..<20 {
                    group.addTask { try await pool.lease { Int(try await $0.value("SELECT \(number)") ?? "") ?? -1000 } }
                }
                return try await group.reduce(0, +)
            }
            #expect(sum == 190)
        }
    }

    @Test func waitingForALoanHasAnEnd() async throws {
        try await Server.withPool {
            $0.leased = 1
            $0.waitTimeout = .seconds(1)
        } _: { pool in
            try await pool.lease { _ in try await expect(.timeout) { try await pool.lease { _ in } } }
            #expect(try await pool.lease { try await $0.value("SELECT 1") } == "1")
        }
    }

    @Test func aLeaseEndsWithItsClosure() async throws {
        try await Server.withPool { pool in
            let kept = try await pool.lease { $0 }
            try await expect(.cancelled) { _ = try await kept.run(Call("SELECT 1")) }
        }
    }

    @Test func cancellingTheTaskStopsTheServer() async throws {
        try await Server.withPool {
            $0.leased = 1
        } _: { pool in
            // Unstructured, to be cancelled from here.
            let task = Task { try await pool.lease { try await $0.run(Call("SELECT pg_sleep(60) -- cancelled lease")) } }
            _ = try await Server.untilRunning("-- cancelled lease")
            task.cancel()
            await #expect(throws: CancellationError.self) { try await task.value }
            #expect(try await pool.lease { try await $0.value("SELECT 2") } == "2")
        }
    }

    @Test func aBackendTerminatedOnLoanIsReplaced() async throws {
        try await Server.withPool {
            $0.leased = 1
        } _: { pool in
            let found = try await failure {
                try await pool.lease { lease in
                    try await Server.terminate(try await lease.value("SELECT pg_backend_pid()") ?? "")
                    _ = try await lease.run(Call("SELECT 1"))
                }
            }
            #expect(found?.code == .connectionLost)
            #expect(try await pool.lease { try await $0.value("SELECT 2") } == "2")
        }
    }

    @Test func aScriptRunsManyStatementsAndSaysWhereItFails() async throws {
        try await Server.withLease { lease in
            try await lease.script("CREATE TEMP TABLE lease_script (a int); INSERT INTO lease_script VALUES (1), (2)")
            #expect(try await lease.value("SELECT count(*) FROM lease_script") == "2")
            let found = try await failure { try await lease.script("DELETE FROM lease_script; SELECT nonsense") }
            #expect(found?.sqlState == "42703")
            #expect(found?.position == 34)
            #expect(try await lease.value("SELECT count(*) FROM lease_script") == "2")
            try await lease.script("VACUUM lease_script")
        }
    }

    @Test func aStatementIsDescribedWithoutRunningIt() async throws {
        try await Server.withLease { lease in
            let description = try await lease.describe("SELECT $1::uuid AS id, relname FROM pg_class WHERE oid = $2")
            #expect(description.parameterTypes == [2950, 26])
            #expect(description.columns.map(\.name) == ["id", "relname"])
            #expect(description.columns.map(\.typeOID) == [2950, 19])
            let found = try await failure { _ = try await lease.describe("SELECT nonsense") }
            #expect(found?.sqlState == "42703")
            #expect(try await lease.value("SELECT 1") == "1")
        }
    }
}
