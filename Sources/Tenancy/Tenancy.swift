public import Postgres

/// Lends scopes. Nothing else of the server holds the pool.
public struct Tenancy: Sendable {
    let pool: Pool
    private let restrictsCommands: Bool
    private let ending: Call?
    private let waits = Waits()
    private let parties = Parties()

    /// - Parameters:
    ///   - restrictsCommands: whether only instance administrators may say what workers execute.
    ///   - ending: what every segment ends with. The tests of rights let it refuse, so that they try everything and nothing is kept.
    public init(pool: Pool, restrictsCommands: Bool = false, ending: Call? = nil) {
        self.pool = pool
        self.ending = ending
        self.restrictsCommands = restrictsCommands
    }

    /// Lends the door to rows for one request, job or page.
    /// - Parameters:
    ///   - apart: on connections of its own, for long statements that no request should wait behind.
    ///   - origin: where the caller reaches this server, `https://host`, for the addresses in what they are answered.
    public func scope<Result>(
        for caller: Caller, _ access: Access, apart: Bool = false, origin: String? = nil, _ body: (Scope) async throws -> Result
    ) async throws -> Result {
        try await body(
            Scope(
                caller: caller, access: access, pool: pool, parties: parties, waits: waits, restrictsCommands: restrictsCommands,
                apart: apart, origin: origin, ending: ending))
    }

    /// The tenant that a Host header means: the one with that host, or the only one there is.
    public func tenant(ofHost host: String) async throws -> ID<Tenant>? {
        let rows = try await pool.segment([Call("SELECT tenant_of_host($1)", [.text(host)])])[0]
        return rows.text(0, 0).flatMap { ID<Tenant>($0) }
    }

    /// The tenants in which a task waits for an executor, or has lost the one it had.
    public func tenantsWithTasks() async throws -> [ID<Tenant>] {
        let rows = try await pool.segment([Call("SELECT tenants_with_tasks()")])[0]
        return (0..<rows.count).compactMap { rows.text($0, 0).flatMap { ID<Tenant>($0) } }
    }

    /// The jobs of these kinds that are due, with the tenant of each; whoever takes one enters its tenant first.
    public func jobsWaiting(_ kinds: [String]) async throws -> [(tenant: ID<Tenant>, job: ID<Job>)] {
        let rows = try await pool.segment([
            Call("SELECT tenant_id, id FROM jobs_waiting($1::text[])", [.text("{\(kinds.joined(separator: ","))}")])
        ])[0]
        return (0..<rows.count).compactMap { row in
            guard let tenant = rows.text(row, 0).flatMap({ ID<Tenant>($0) }), let job = rows.text(row, 1).flatMap({ ID<Job>($0) }) else {
                return nil
            }
            return (tenant, job)
        }
    }

    /// Whether this is the Enterprise edition. Asked of the database each time: it is what decides.
    public func isEnterprise() async throws -> Bool {
        try await pool.segment([Call("SELECT edition FROM deployment")])[0].text(0, 0) == "enterprise"
    }

    /// How many jobs of each kind are in a state, in all tenants, what they have left to do, and for how long the oldest that is due has waited.
    public func jobBacklog() async throws -> [JobBacklog] {
        let rows = try await pool.segment([Call("SELECT kind, state, jobs, objects_left, oldest FROM job_backlog()")])[0]
        return (0..<rows.count).map { row in
            func number(_ column: Int) -> Double { rows.text(row, column).flatMap { Double($0) } ?? 0 }
            return JobBacklog(
                kind: rows.text(row, 0) ?? "", state: rows.text(row, 1) ?? "", jobs: number(2), objectsLeft: number(3), oldest: number(4))
        }
    }

    /// How many lineages deletions hide in the tenant where it is most: every read there looks through them.
    public func mostHiddenLineages() async throws -> Double {
        let rows = try await pool.segment([Call("SELECT most_hidden_lineages()")])[0]
        return rows.text(0, 0).flatMap { Double($0) } ?? 0
    }

    /// How busy the connections are.
    public var poolUse: PoolUse {
        get async { await pool.use }
    }

    /// Whether the database answers.
    public func ping() async throws {
        _ = try await pool.segment([Call("SELECT 1")])
    }

    /// Wake-up hints. What is true is in the tables; a hint may be missed.
    public func notifications(on channels: [String]) -> AsyncStream<Notification> {
        pool.notifications(on: channels)
    }
}

/// The jobs of a kind that are in a state.
public struct JobBacklog: Sendable {
    public let kind: String
    /// queued, running or failed.
    public let state: String
    public let jobs: Double
    public let objectsLeft: Double
    /// In seconds since it was due; 0 where none is due.
    public let oldest: Double
}
