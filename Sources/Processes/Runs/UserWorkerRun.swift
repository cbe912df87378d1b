import HTTPTypes
import Postgres
import Shapes
import Tenancy
import Web

/// What people read under everything that a user worker run has signed.
struct RunSummary: Leaf {
    let value: String
    static let shape = Shape.string(.init(minimum: 1, maximum: 250, pattern: "\\S(.*\\S)?"))
    static let sample = RunSummary(value: "Import from a spreadsheet")
    init(value: String) { self.value = value }
}

struct CreateUserWorkerRun: Codable, Sendable {
    struct Content: Codable, Sendable {
        var summary: RunSummary
    }
    var body: Content
}

struct ListUserWorkerRuns: Codable, Sendable, Paged {
    var page: Int?
    var page_size: Int?
}

/// Worker runs of a person's own, to sign what they publish with programs of theirs.
enum UserWorkerRun {
    private static let own = """
        FROM worker_run r WHERE r.tenant_id = $tenant AND r.owner_id = own_user()
        """
    static let list = Statement<ListUserWorkerRuns, WorkerRunRow>(
        "list_user_worker_runs",
        "SELECT \(WorkerRunRow.columns), \(WorkerRunRow.results("")) \(own) ORDER BY r.id DESC LIMIT $limit OFFSET $offset")
    static let count = Statement<ListUserWorkerRuns, Count>("count_user_worker_runs", "SELECT count(*) \(own)")
    static let create = Statement<CreateUserWorkerRun, OnlyRunID>(
        "create_user_worker_run", "SELECT create_user_worker_run($body.summary) AS id")

    static let operations: [Operation] = [
        Operation(
            "ListUserWorkerRuns", "/api/v1/user/worker-runs/", "The worker runs that the caller may sign with, newest first",
            rule: .person.own, page: list, count: count),
        Operation(
            "CreateUserWorkerRun", .post, "/api/v1/user/worker-runs/", "Make a worker run of one's own", rule: .person.own, status: .created
        ) { (input: CreateUserWorkerRun, scope: Scope) -> Reply<WorkerRunRow> in
            guard let made = try await scope.first(create, input) else { throw Problem.notFound }
            return try .row(await scope.rows(WorkerRunRow.retrieve, made))
        },
    ]
}
