import FoundationEssentials
public import Logging
public import Postgres
import Shapes
public import Tenancy

/// One attempt at a job, as whoever carries it out sees it. The attempt's number fences off an earlier holder that lost its lease.
public struct RunningJob: Sendable {
    public let id: ID<Job>
    /// Has the job's kind, id and attempt as metadata.
    public let logger: Logger
    /// Whose job it is.
    public var tenant: ID<Tenant> { scope.caller.tenant }
    var waits: Waits { scope.waits }
    let kind: String
    let attempt: Int
    private let args: String
    /// Reads and writes in the job's tenant, as the server itself, and without asking whether this attempt still counts.
    private let scope: Scope

    init(_ claimed: ClaimedJob, scope: Scope, logger: Logger) {
        id = claimed.id
        kind = claimed.kind
        attempt = claimed.attempt
        args = claimed.args
        self.scope = scope
        var logger = logger
        logger[metadataKey: "job"] = "\(claimed.id)"
        logger[metadataKey: "kind"] = "\(claimed.kind)"
        logger[metadataKey: "attempt"] = "\(claimed.attempt)"
        self.logger = logger
    }

    func arguments<Arguments: Decodable>(_ type: Arguments.Type) throws -> Arguments {
        try JSONDecoder().decode(type, from: Data(args.utf8))
    }

    /// One transaction of the work. It holds the job's row, so two holders never advance at once, and renews the lease.
    /// - Returns: one result for each call.
    /// - Throws: ``PostgresFailure``; nothing is kept then. Also when this attempt does not count any more.
    public func run(_ calls: [Call]) async throws -> [Rows] {
        let hold = try scope.call(Self.holding, Held(id: id, attempt: attempt, lease: JobRunner.lease))
        return Array(try await scope.run([hold] + calls).dropFirst())
    }

    /// One statement as a call of ``run(_:)``, with the tenant supplied.
    public func call<Input, Row>(_ statement: Statement<Input, Row>, _ input: Input) throws -> Call {
        try scope.call(statement, input)
    }

    /// A transaction of one statement.
    /// - Returns: its first row.
    public func first<Input, Row>(_ statement: Statement<Input, Row>, _ input: Input) async throws -> Row? {
        try statement.rows(try await run([call(statement, input)])[0]).first
    }

    /// As the last call of a transaction: so much more is done with it. Statements may call `advance_job` themselves instead.
    /// - Parameter total: how much there is in all, once that is known.
    public func progress(_ more: Int, of total: Int? = nil) throws -> Call {
        try scope.call(Self.advancing, Advance(id: id, more: more, total: total))
    }
}

// MARK: What the runner says of it

extension RunningJob {
    enum Outcome: String, Codable, Sendable, CaseIterable, Described {
        case done, cancelled, queued
        static let sample = Outcome.done
    }

    func renew() async throws {
        _ = try await run([])
    }

    func end(_ outcome: Outcome) async throws {
        _ = try await scope.rows(Self.ending, Ended(id: id, attempt: attempt, outcome: outcome))
    }

    func fail(_ why: String) async throws {
        _ = try await scope.rows(Self.failing, Failed(id: id, attempt: attempt, why: why.replacing("\0", with: "")))
    }

    struct Held: Codable, Sendable {
        var id: ID<Job>
        var attempt: Int
        /// An interval.
        var lease: String
    }
    struct Advance: Codable, Sendable {
        var id: ID<Job>
        var more: Int
        var total: Int?
    }
    struct Ended: Codable, Sendable {
        var id: ID<Job>
        var attempt: Int
        var outcome: Outcome
    }
    struct Failed: Codable, Sendable {
        var id: ID<Job>
        var attempt: Int
        var why: String
    }

    static let holding = Statement<Held, NoRow>("hold_job", "SELECT hold_job($id, $attempt, $lease::interval)")
    static let advancing = Statement<Advance, NoRow>("advance_job", "SELECT advance_job($id, $more::bigint, $total::bigint)")
    static let ending = Statement<Ended, NoRow>("end_job", "SELECT end_job($id, $attempt, $outcome)")
    static let failing = Statement<Failed, NoRow>("fail_job", "SELECT fail_job($id, $attempt, $why)")
}
