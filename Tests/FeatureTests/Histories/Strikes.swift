import Postgres
import Synchronization

/// Ends connections of a server at the end of a segment, just before its commit or just after it, when a test says so; and makes requests
/// again that were refused for it, as the real client does. Whatever they do must then have been done once.
final class Strikes: Sendable {
    enum Moment: Int, Sendable {
        case beforeCommit = 2
        case afterCommit = 3
    }

    /// What every segment ends with. After a commit the connection waits for a standby that does not exist, until it is ended.
    static let ending = Call("SELECT strike()")

    private let database: TestDatabase
    private let repeats: Bool
    private let next = Mutex<Moment?>(nil)

    /// - Parameter repeats: whether requests that were refused for it are made again.
    init(_ database: TestDatabase, repeats: Bool) async throws {
        self.database = database
        self.repeats = repeats
        // What stands in a sequence stays when the transaction does not.
        try await database.connected(to: database.owner) { lease in
            try await lease.script(
                """
                CREATE SEQUENCE moment;
                GRANT SELECT, UPDATE ON moment TO palimpsest_app;
                CREATE FUNCTION strike() RETURNS void LANGUAGE plpgsql AS $$
                DECLARE
                  chosen bigint := (SELECT last_value FROM moment);
                BEGIN
                  IF chosen = 1 THEN RETURN; END IF;
                  PERFORM setval('moment', 1);
                  IF chosen = 2 THEN PERFORM pg_terminate_backend(pg_backend_pid()), pg_sleep(60); END IF;
                  PERFORM set_config('synchronous_commit', 'on', true);
                END $$
                """)
        }
    }

    /// The next segment that comes to its end meets it.
    func meet(_ moment: Moment) { next.withLock { $0 = moment } }

    /// All connections of the server, wherever they are.
    func everywhere() async throws {
        try await database.connected(to: database.owner) { lease in
            _ = try await lease.run(
                Call(
                    """
                    SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
                    WHERE datname = current_database() AND usename = 'palimpsest_app'
                    """))
        }
    }

    /// - Parameter send: makes a request.
    func insisting(_ send: () async throws -> Answer) async throws -> Answer {
        guard let moment = next.withLock({ moment in moment.take() }) else { return try await repeating(send) }
        try await choose(moment.rawValue)
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await self.endWhoWaits() }
            defer { group.cancelAll() }
            let answer = try await repeating(send)
            try await choose(1)
            return answer
        }
    }

    private func repeating(_ send: () async throws -> Answer) async throws -> Answer {
        for _ in 0..<(repeats ? 20 : 0) {
            let answer = try await send()
            if answer.status != 503 { return answer }
        }
        return try await send()
    }

    private func choose(_ value: Int) async throws {
        try await database.connected(to: database.owner) { lease in
            _ = try await lease.run(Call("SELECT setval('moment', $1)", [.text(String(value))]))
        }
    }

    /// Until the request has been answered.
    private func endWhoWaits() async throws {
        try await database.connected(to: database.owner) { lease in
            while !Task.isCancelled {
                _ = try await lease.run(
                    Call(
                        """
                        SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                        WHERE datname = current_database() AND usename = 'palimpsest_app' AND wait_event = 'SyncRep'
                        """))
            }
        }
    }
}
