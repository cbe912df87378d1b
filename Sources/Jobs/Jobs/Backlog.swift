import Postgres
public import Tenancy

/// The jobs of a tenant that are not done, for operators.
public struct Backlog: Sendable, CustomStringConvertible {
    /// One of them, as a line.
    public struct Entry: Sendable, CustomStringConvertible {
        let row: Row

        public var description: String {
            let progress = "\(row.done)/\(row.total.map(String.init) ?? "?")"
            return [row.id.text, row.kind, row.state, progress, row.run_at, row.description, row.error.map { "(\($0))" }]
                .compactMap { $0 }.joined(separator: "  ")
        }
    }

    /// The longest waiting first.
    public let jobs: [Entry]

    /// How many wait, run and have failed, how much is to be done, and for how long the oldest that is due has waited.
    public var description: String {
        func count(_ state: String) -> Int { jobs.filter { $0.row.state == state }.count }
        let left = jobs.map { max(($0.row.total ?? 0) - $0.row.done, 0) }.reduce(0, +)
        let oldest = jobs.compactMap { $0.row.state == "queued" ? $0.row.overdue : nil }.max() ?? 0
        return
            "\(count("queued")) queued, \(count("running")) running, \(count("failed")) failed; \(left) objects left; the oldest due job has waited \(oldest) s"
    }

    struct Row: Codable, Sendable {
        var id: ID<Job>
        var kind: String
        var state: String
        var description: String
        var total: Int?
        var done: Int
        var run_at: String
        var error: String?
        /// In seconds since it was due; null before.
        var overdue: Int?
    }

    static let statement = Statement<NoInput, Row>(
        "job_backlog",
        """
        SELECT j.id, j.kind, j.state, j.description, j.total, j.done, j.run_at, j.error,
          CASE WHEN j.run_at <= now() THEN extract(epoch FROM now() - j.run_at)::bigint END AS overdue
        FROM job j WHERE j.tenant_id = $tenant AND j.state IN ('queued', 'running', 'failed') ORDER BY j.run_at, j.id
        """)
}

extension Jobs {
    /// What waits, runs or has failed in the scope's tenant.
    /// - Throws: ``PostgresFailure``.
    public static func backlog(_ scope: Scope) async throws -> Backlog {
        Backlog(jobs: try await scope.all(Backlog.statement, NoInput()).map(Backlog.Entry.init(row:)))
    }
}
