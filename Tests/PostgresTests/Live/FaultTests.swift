import Postgres
import Testing

/// Each fault leaves the pool in step: the segment after it gets its own answer.
@Suite struct FaultTests {
    private func connect(_ connectionString: String) async throws -> PostgresFailure? {
        try await failure { try await Connection.withConnection(connectionString, Server.logger, connectTimeout: .seconds(5)) { _ in } }
    }

    @Test(arguments: ["postgres://[", "host", "nosuchkeyword=secret", "host='unclosed password=secret"])
    func aMalformedConnectionStringIsNotShown(string: String) async throws {
        let found = try #require(await connect(string))
        #expect(found.code == .invalidConnectionString)
        #expect(!found.debugDescription.contains("secret"))
    }

    @Test func aWrongPasswordIsRefused() async throws {
        try await Server.withLease { lease in
            try await lease.script(
                """
                DO $$ BEGIN CREATE ROLE password_probe LOGIN PASSWORD 'right';
                EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$
                """)
        }
        let string = try await Server.configuration(user: "password_probe").connectionString
        let found = try #require(await connect(string + " password=wrong"))
        #expect(found.code == .authentication)
        #expect(found.sqlState == "28P01")
        #expect(!found.debugDescription.contains("wrong"))
        #expect(try await connect(string + " passfile=/nonexistent")?.code == .authentication)
        #expect(try await connect(string + " password=right") == nil)
    }

    @Test func aDatabaseThatDoesNotExistIsTheServersRefusal() async throws {
        let found = try #require(await connect(try await Server.configuration().connectionString + " dbname=nosuch"))
        #expect(found.code == .server)
        #expect(found.sqlState == "3D000")
    }

    @Test(arguments: ["host=/nonexistent", "host=127.0.0.1 port=1", "host=nosuch.invalid"])
    func noServerIsUnreachable(string: String) async throws {
        #expect(try await connect(string)?.code == .unreachable)
    }

    @Test func aPoolWithoutServerSaysWhyItWaited() async throws {
        try await Server.withPool {
            $0.connectionString = "host=/nonexistent"
            $0.waitTimeout = .seconds(1)
        } _: { pool in
            try await expect(.unreachable) { _ = try await pool.isInStep() }
            try await expect(.unreachable) { try await pool.lease { _ in } }
        }
    }

    @Test func aCancelledTaskDoesNotWaitForAConnection() async throws {
        try await Server.withPool {
            $0.connectionString = "host=/nonexistent"
        } _: { pool in
            // Unstructured, to be cancelled from here.
            let segment = Task { try await pool.isInStep() }
            let lease = Task { try await pool.lease { _ in } }
            segment.cancel()
            await #expect(throws: CancellationError.self) { try await segment.value }
            lease.cancel()
            await #expect(throws: (any Error).self) { try await lease.value }
        }
    }

    @Test func aTerminatedBackendFailsWhatIsInFlightAndIsReplaced() async throws {
        try await Server.withPool {
            $0.shared = 1
        } _: { pool in
            async let found = failure { _ = try await pool.segment([Call("SELECT 1"), Call("SELECT pg_sleep(60) -- terminated backend")]) }
            try await Server.terminate(try await Server.untilRunning("-- terminated backend"))
            let failure = try await found
            #expect(failure?.code == .connectionLost, "\(failure.debugDescription)")
            #expect(try await pool.isInStep())
        }
    }

    @Test func aStatementTimeoutIsTheServersRefusal() async throws {
        try await Server.withPool {
            $0.shared = 1
        } _: { pool in
            let found = try await failure {
                _ = try await pool.segment([Call("SELECT set_config('statement_timeout', '20ms', true)"), Call("SELECT pg_sleep(60)")])
            }
            #expect(found?.sqlState == "57014")
            #expect(found?.call == 1)
            #expect(try await pool.isInStep())
        }
    }

    @Test func textWithNULIsNotSent() async throws {
        try await Server.withPool { pool in
            for call in [Call("SELECT $1::text", [.text("a\0b")]), Call("SELECT 1\0")] {
                let found = try await failure { _ = try await pool.segment([Call("SELECT 1"), call]) }
                #expect(found?.code == .invalidParameter)
                #expect(found?.call == 1)
            }
            #expect(try await pool.isInStep())
        }
    }

    @Test func anErrorInTheMiddleKeepsNothingAndLeavesOthersAlone() async throws {
        try await Server.withPool {
            $0.shared = 1
        } _: { pool in
            _ = try await pool.segment([Call("DROP TABLE IF EXISTS fault_middle"), Call("CREATE TABLE fault_middle (a int UNIQUE)")])
            async let before = pool.isInStep()
            async let found = failure {
                _ = try await pool.segment([
                    Call("INSERT INTO fault_middle VALUES (1)"), Call("SELECT 1 / $1::int", [.text("0")]),
                    Call("INSERT INTO fault_middle VALUES (2)"),
                ])
            }
            async let after = pool.isInStep()
            #expect(try await found?.sqlState == "22012")
            #expect(try await found?.call == 1)
            #expect(try await (before, after) == (true, true))
            #expect(try await pool.value("SELECT count(*) FROM fault_middle") == "0")
            _ = try await pool.segment([Call("DROP TABLE fault_middle")])
        }
    }

    @Test func aDeferredConstraintFailsTheSegmentAsAWhole() async throws {
        try await Server.withPool {
            $0.shared = 1
        } _: { pool in
            _ = try await pool.segment([
                Call("DROP TABLE IF EXISTS fault_deferred"),
                Call("CREATE TABLE fault_deferred (a int CONSTRAINT only_once UNIQUE DEFERRABLE INITIALLY DEFERRED)"),
            ])
            let found = try await failure {
                _ = try await pool.segment([Call("INSERT INTO fault_deferred VALUES (1)"), Call("INSERT INTO fault_deferred VALUES (1)")])
            }
            #expect(found?.sqlState == "23505")
            #expect(found?.constraint == "only_once")
            #expect(found?.call == nil)
            #expect(try await pool.value("SELECT count(*) FROM fault_deferred") == "0")
            _ = try await pool.segment([Call("DROP TABLE fault_deferred")])
        }
    }

    @Test(arguments: ["COPY (SELECT 1) TO STDOUT", "COPY pg_class FROM STDIN"])
    func copyClosesTheConnection(sql: String) async throws {
        try await Server.withPool {
            $0.shared = 1
        } _: { pool in
            let found = try await failure { _ = try await pool.segment([Call("SELECT 1"), Call(sql)]) }
            #expect(found?.code == .unexpectedCopy)
            #expect(found?.call == 1)
            #expect(try await pool.isInStep())
            try await expect(.unexpectedCopy) { try await pool.lease { try await $0.script(sql) } }
            #expect(try await pool.lease { try await $0.value("SELECT 5") } == "5")
        }
    }

    @Test func beginOnASharedConnectionClosesIt() async throws {
        try await Server.withPool {
            $0.shared = 1
        } _: { pool in
            try await expect(.protocolViolation) { _ = try await pool.segment([Call("BEGIN")]) }
            #expect(try await pool.isInStep())
        }
    }

    @Test func beyondTheQueueLimitIsOverloaded() async throws {
        try await Server.withPool {
            $0.shared = 1
            $0.queueLimit = 1
        } _: { pool in
            async let slow = failure { _ = try await pool.segment([Call("SELECT pg_sleep(60) -- queue limit")]) }
            let pid = try await Server.untilRunning("-- queue limit")
            try await expect(.overloaded) { _ = try await pool.isInStep() }
            try await Server.terminate(pid)
            _ = try await slow
            #expect(try await pool.isInStep())
        }
    }

    @Test func aCancelledTaskGoesOnAtOnceAndItsConnectionStaysInStep() async throws {
        try await Server.withPool {
            $0.shared = 1
        } _: { pool in
            try await Server.withLease { lease in
                // Holds what the segment waits for, so that it cannot end by itself.
                _ = try await lease.run(Call("SELECT pg_advisory_lock(7301)"))
                // Unstructured, to be cancelled from here.
                let task = Task { try await pool.segment([Call("SELECT pg_advisory_xact_lock(7301) -- cancelled task")]) }
                _ = try await Server.untilRunning("-- cancelled task")
                task.cancel()
                await #expect(throws: CancellationError.self) { try await task.value }
            }
            #expect(try await pool.isInStep())
        }
    }

    @Test func aSerializationFailureIsTriedAgain() async throws {
        try await Server.withPool { pool in
            let sql = "DO $$ BEGIN RAISE EXCEPTION 'once more' USING ERRCODE = '40001'; END $$"
            _ = try await pool.segment([Call("DROP SEQUENCE IF EXISTS fault_tries"), Call("CREATE SEQUENCE fault_tries")])
            #expect(
                try await failure { _ = try await pool.segment([Call("SELECT nextval('fault_tries')"), Call(sql)]) }?.sqlState == "40001")
            // Sequences are not rolled back.
            #expect(try await pool.value("SELECT last_value FROM fault_tries") == "\(Pool.mostTries)")
            _ = try await pool.segment([Call("DROP SEQUENCE fault_tries")])
        }
    }
}
