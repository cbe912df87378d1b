import Logging
import Postgres
import Support
import Testing

/// The PostgreSQL that the tests in this folder talk to.
enum Server {
    static let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    static func configuration(user: String = "postgres") async throws -> Configuration {
        let cluster = try await TestCluster.shared()
        return Configuration(
            connectionString: cluster.connectionString(database: "postgres", user: user), shared: 2, applicationName: "test")
    }

    /// Runs `body` with a pool that is up, and ends the pool afterwards.
    static func withPool<T: Sendable>(
        _ change: @Sendable (inout Configuration) -> Void = { _ in }, _ body: @Sendable (Pool) async throws -> T
    ) async throws -> T {
        var configuration = try await configuration()
        change(&configuration)
        let pool = Pool(configuration, logger: logger)
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await pool.run() }
            let value = try await body(pool)
            group.cancelAll()
            return value
        }
    }

    static func withLease<T: Sendable>(_ body: @Sendable (Lease) async throws -> T) async throws -> T {
        try await Connection.withConnection(try await configuration().connectionString, logger, body)
    }

    /// Returns once a backend that runs `sql` is found, from outside.
    static func untilRunning(_ marker: String) async throws -> String {
        try await withLease { lease in
            while true {
                let rows = try await lease.run(
                    Call(
                        "SELECT pid FROM pg_stat_activity WHERE state = 'active' AND pid <> pg_backend_pid() AND query LIKE '%' || $1 || '%'",
                        [.text(marker)]))
                if let pid = rows.text(0, 0) { return pid }
            }
        }
    }

    static func terminate(_ pid: String) async throws {
        try await withLease { lease in
            // Waits until it is gone, for at most five seconds.
            _ = try await lease.run(Call("SELECT pg_terminate_backend($1::int, 5000)", [.text(pid)]))
        }
    }
}

extension Pool {
    /// The text in the first row and column of one call.
    func value(_ sql: String, _ parameters: Parameter...) async throws -> String? {
        try await segment([Call(sql, parameters)])[0].text(0, 0)
    }

    /// True when a segment gets its own answer.
    func isInStep() async throws -> Bool {
        let marker = "\(UInt64.random(in: 0...UInt64.max))"
        let rows = try await segment([Call("SELECT 1"), Call("SELECT $1::text", [.text(marker)]), Call("SELECT 3")])
        return rows.map { $0.text(0, 0) } == ["1", marker, "3"]
    }
}

extension Lease {
    func value(_ sql: String, _ parameters: Parameter...) async throws -> String? {
        try await run(Call(sql, parameters)).text(0, 0)
    }
}

/// The failure that `body` ends with.
func failure(_ body: () async throws -> Void) async throws -> PostgresFailure? {
    do {
        try await body()
        return nil
    } catch let failure as PostgresFailure {
        return failure
    }
}

func expect(_ code: PostgresFailure.Code, at location: SourceLocation = #_sourceLocation, _ body: () async throws -> Void) async throws {
    let found = try await failure(body)
    #expect(found?.code == code, sourceLocation: location)
}
