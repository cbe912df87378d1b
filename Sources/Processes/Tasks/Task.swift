import HTTPTypes
import Postgres
import Shapes
public import Tenancy
import Web

/// One execution of a worker run, or of a chunk of its elements.
struct TaskRow: Decodable, Sendable {
    var id: ID<WorkTask>
    var slug: String
    var state: String
    var parents: [ID<WorkTask>]
    var process: ID<Process>
    var worker_run: ID<WorkerRun>
    var attempt: Int
    var chunk: Int
    var agent: String?
    var exit_code: Int?
    var logs: String
    var created: String
    var started: String?
    var finished: String?
}

struct OnlyTaskID: Codable, Sendable {
    var id: ID<WorkTask>
}

enum Outcome: String, Codable, Sendable, CaseIterable, Described {
    case completed, failed, error
    static let sample = Outcome.completed
}

/// How a program ended, as its system says: a signal may be negative.
struct ExitCode: Leaf {
    let value: Int
    static let shape = Shape.integer(-2_147_483_648...2_147_483_647)
    static let sample = ExitCode(value: 0)
    init(value: Int) { self.value = value }
}

struct PartialUpdateTask: Codable, Sendable {
    struct Content: Codable, Sendable {
        var state: Outcome
        var exit_code: ExitCode?
    }
    var id: ID<WorkTask>
    var body: Content
}

struct ClaimTask: Codable, Sendable {
    struct Content: Codable, Sendable {
        /// Only tasks of this process.
        var process: ID<Process>?
        /// What the claimer calls itself, for people.
        var agent: String?
        var lease: LeaseSeconds?
    }
    var body: Content
}

/// A task that has been handed out, with all that a worker program needs to run.
public struct ClaimedTask: Codable, Sendable {
    public var id: ID<WorkTask>
    public var worker_run_id: ID<WorkerRun>
    public var process_id: ID<Process>
    public var attempt: Int
    /// What its program authenticates with, scheme `Ponos`. Shown here and nowhere else.
    public var token: String
    public var command: String?
    /// Whether the program expects a GPU.
    public var use_gpu: Bool
    public var environment: [String: String]
}

/// The same as the database gives it.
struct ClaimedRow: Decodable, Sendable {
    var id: ID<WorkTask>
    var worker_run_id: ID<WorkerRun>
    var process_id: ID<Process>
    var attempt: Int
    var chunk: Int
    var chunks: Int
    var command: String?
    var model_version_id: ID<ModelVersion>?
    var use_gpu: Bool
}

struct NewClaim: Codable, Sendable {
    var process: ID<Process>?
    var digest: String
    var agent: String
    /// An interval.
    var lease: String
}

extension TaskRow {
    static let retrieve = Statement<OnlyTaskID, TaskRow>(
        "retrieve_task",
        """
        SELECT t.id, t.slug, t.state, t.process_id AS process, t.worker_run_id AS worker_run, t.attempt, t.chunk, t.agent, t.exit_code, t.logs,
          t.created, t.started, t.finished,
          to_jsonb(ARRAY(SELECT p.parent_id FROM task_parent p WHERE p.tenant_id = $tenant AND p.task_id = t.id ORDER BY 1)) AS parents
        FROM task t WHERE t.tenant_id = $tenant AND t.id = $id
        """)
    static let claim = Statement<NewClaim, ClaimedRow>(
        "claim_task", "SELECT * FROM claim_task($process, decode($digest, 'hex'), $agent, $lease::interval)")
    static let update = Statement<PartialUpdateTask, NoRow>(
        "partial_update_task", "SELECT end_own_task($id, $body.state, $body.exit_code)")
    static let restart = Statement<OnlyTaskID, NoRow>("restart_task", "SELECT restart_task($id)")

    static let operations: [Operation] = [
        Operation(
            "RetrieveTask", .get, "/api/v1/task/{id}/", "A task with its log", rule: .level(.guest, on: .task, \.id), one: retrieve),
        Operation(
            "PartialUpdateTask", .patch, "/api/v1/task/{id}/", "End a task, with its own token",
            rule: .level(.contributor, on: .task, \.id), nothing: update),
        Operation(
            "RestartTask", .post, "/api/v1/task/{id}/restart/", "Try a task again that failed or was stopped",
            rule: .level(.admin, on: .task, \.id)
        ) { (input: OnlyTaskID, scope: Scope) -> Reply<TaskRow> in
            try .row(await scope.run([scope.call(restart, input), scope.call(retrieve, input)])[1])
        },
        Operation(
            "ClaimTask", .post, "/api/v1/agent/claim/", "Take a pending task, to run its worker's program",
            rule: .agent
        ) { (input: ClaimTask, scope: Scope) -> Reply<ClaimedTask> in
            let claimed = try await Claim(scope: scope).take(
                input.body.process, agent: input.body.agent ?? "an agent", lease: .seconds(input.body.lease?.value ?? 600))
            return try claimed.map { try .json($0) } ?? Reply(.noContent)
        },
    ]
}

/// Hands out tasks.
public struct Claim: Sendable {
    private let scope: Scope

    public init(scope: Scope) {
        self.scope = scope
    }

    /// - Parameter agent: what the claimer calls itself, for people.
    /// - Returns: nil when no task is pending.
    public func take(_ process: ID<Process>? = nil, agent: String, lease: Duration) async throws -> ClaimedTask? {
        let secret = Secret(in: scope.caller.tenant)
        let claim = NewClaim(process: process, digest: secret.digest, agent: agent, lease: "\(lease.components.seconds) seconds")
        return try await scope.first(TaskRow.claim, claim).map { ClaimedTask($0, secret) }
    }
}

extension ClaimedTask {
    /// The environment is what base-worker reads, but for what only who runs it knows: where the server and the data directory are.
    fileprivate init(_ row: ClaimedRow, _ secret: Secret) {
        id = row.id
        worker_run_id = row.worker_run_id
        process_id = row.process_id
        attempt = row.attempt
        token = secret.text
        command = row.command
        use_gpu = row.use_gpu
        environment = [
            "ARKINDEX_TASK_TOKEN": secret.text, "ARKINDEX_WORKER_RUN_ID": row.worker_run_id.text, "PONOS_TASK": row.id.text,
        ]
        if row.chunks > 1 { environment["ARKINDEX_TASK_CHUNK"] = String(row.chunk) }
        environment["ARKINDEX_MODEL_VERSION"] = row.model_version_id?.text
    }
}
