import HTTPTypes
import Postgres
import Shapes
import Tenancy
import Web

/// Worker runs over some elements of a corpus.
struct ProcessRow: Decodable, Sendable {
    struct ElementCard: Decodable, Sendable {
        var id: ID<Element>
        var name: String
        var type: String
    }
    struct TaskCard: Decodable, Sendable {
        var id: ID<WorkTask>
        var slug: String
        var state: String
        var worker_run: ID<WorkerRun>
        var chunk: Int
    }
    var id: ID<Process>
    var name: String?
    var mode: ProcessMode
    var state: String
    var activity_state: String
    var corpus: ID<Corpus>?
    var creator: String?
    var created: String
    var started: String?
    var finished: String?
    var chunks: Int
    var element: ElementCard?
    var element_type: String?
    var name_contains: String?
    var load_children: Bool
    /// Of the last round.
    var tasks: [TaskCard]
    var worker_runs: Int
}

struct ProcessItem: Decodable, Sendable {
    var id: ID<Process>
    var name: String?
    var mode: ProcessMode
    var state: String
    var corpus: ID<Corpus>?
    var creator: String?
    var created: String
    var started: String?
    var finished: String?
    var worker_runs: Int
}

enum ProcessMode: String, Codable, Sendable, CaseIterable, Described {
    case workers, template, local, dataset, export, files, s3
    static let sample = ProcessMode.workers
}

enum ProcessState: String, Codable, Sendable, CaseIterable, Described {
    case unstarted, pending, running, completed, failed, stopping, stopped
    static let sample = ProcessState.unstarted
}

/// How many tasks share a run's elements.
struct Chunks: Leaf {
    let value: Int
    static let shape = Shape.integer(1...10)
    static let sample = Chunks(value: 1)
    init(value: Int) { self.value = value }
}

struct ProcessName: Leaf {
    let value: String
    static let shape = Shape.string(.init(minimum: 1, maximum: 250))
    static let sample = ProcessName(value: "a")
    init(value: String) { self.value = value }
}

struct OnlyProcessID: Codable, Sendable {
    var id: ID<Process>
}

struct CreateProcess: Codable, Sendable {
    struct Content: Codable, Sendable {
        var corpus: ID<Corpus>
        var mode: ProcessMode?
        var name: ProcessName?
        /// A folder whose content is to be processed, or a single element.
        var element: ID<Element>?
        var element_type: String?
        var name_contains: String?
        var load_children: Bool?
    }
    var body: Content
}

struct ListProcesses: Codable, Sendable, Paged {
    var corpus: ID<Corpus>?
    var mode: ProcessMode?
    var state: ProcessState?
    var name: String?
    var started: Bool?
    var page: Int?
    var page_size: Int?
}

struct StartProcess: Codable, Sendable {
    struct Content: Codable, Sendable {
        var chunks: Chunks?
        var use_gpu: Bool?
    }
    var id: ID<Process>
    var body: Content
}

extension ProcessRow {
    private static let summary = """
        p.id, p.name, p.mode, p.state, p.corpus_id AS corpus, p.created, p.started, p.finished,
          (SELECT u.display_name FROM user_account u WHERE u.tenant_id = $tenant AND u.id = p.creator_id) AS creator,
          (SELECT count(*) FROM worker_run r WHERE r.tenant_id = $tenant AND r.process_id = p.id)::integer AS worker_runs
        """

    static let retrieve = Statement<OnlyProcessID, ProcessRow>(
        "retrieve_process",
        """
        SELECT \(summary), CASE WHEN p.mode = 'workers' AND p.started IS NOT NULL THEN 'ready' ELSE 'disabled' END AS activity_state,
          p.chunks, p.element_type, p.name_contains, p.load_children,
          (SELECT jsonb_build_object('id', e.id, 'name', e.name, 'type', t.slug) FROM element e
            JOIN element_type t ON t.tenant_id = $tenant AND t.corpus_id = e.corpus_id AND t.number = e.type_number
            WHERE e.tenant_id = $tenant AND e.id = p.element_id) AS element,
          coalesce((SELECT jsonb_agg(jsonb_build_object('id', t.id, 'slug', t.slug, 'state', t.state, 'worker_run', t.worker_run_id,
              'chunk', t.chunk) ORDER BY t.id)
            FROM task t WHERE t.tenant_id = $tenant AND t.process_id = p.id AND t.round = p.round), '[]') AS tasks
        FROM process p WHERE p.tenant_id = $tenant AND p.id = $id
        """)

    /// Only processes of corpora that the caller may see, and their own without one.
    private static let matching = """
        FROM process p WHERE p.tenant_id = $tenant AND process_level(p.id) IS NOT NULL
          AND ($corpus::uuid IS NULL OR p.corpus_id = $corpus::uuid) AND ($mode::text IS NULL OR p.mode = $mode)
          AND ($state::text IS NULL OR p.state = $state)
          AND ($name::text IS NULL OR position(lower($name) IN lower(p.name)) > 0)
          AND ($started::boolean IS NULL OR (p.started IS NOT NULL) = $started::boolean)
        """
    static let list = Statement<ListProcesses, ProcessItem>(
        "list_processes", "SELECT \(summary) \(matching) ORDER BY p.created DESC, p.id DESC LIMIT $limit OFFSET $offset")
    static let count = Statement<ListProcesses, Count>("count_processes", "SELECT count(*) \(matching)")

    static let create = Statement<CreateProcess, OnlyProcessID>(
        "create_process",
        """
        SELECT create_process($body.corpus, coalesce($body.mode, 'workers'), $body.name, $body.element, $body.element_type,
          $body.name_contains, coalesce($body.load_children::boolean, false)) AS id
        """)
    static let start = Statement<StartProcess, NoRow>("start_process", "SELECT start_process($id, $body.chunks)")
    static let stop = Statement<OnlyProcessID, NoRow>("stop_process", "SELECT stop_process($id)")
    static let retry = Statement<OnlyProcessID, NoRow>("retry_process", "SELECT retry_process($id)")
    static let destroy = Statement<OnlyProcessID, NoRow>("destroy_process", "SELECT destroy_process($id)")
}

extension ProcessRow {
    static let operations: [Operation] = [
        Operation("ListProcesses", "/api/v1/process/", "Processes, newest first", rule: .signedIn, page: list, count: count),
        Operation(
            "CreateProcess", .post, "/api/v1/process/corpus/", "Make a process over elements of a project",
            rule: .level(.admin, on: .corpus, \.body.corpus), status: .created
        ) { (input: CreateProcess, scope: Scope) -> Reply<ProcessRow> in
            guard let made = try await scope.first(create, input) else { throw Problem.notFound }
            return try .row(await scope.rows(retrieve, made))
        },
        Operation(
            "RetrieveProcess", .get, "/api/v1/process/{id}/", "A process with the tasks of its last round",
            rule: .level(.guest, on: .process, \.id), one: retrieve),
        Operation(
            "DestroyProcess", .delete, "/api/v1/process/{id}/", "Delete a process that has no results",
            rule: .level(.admin, on: .process, \.id), nothing: destroy),
        Operation(
            "StartProcess", .post, "/api/v1/process/{id}/start/", "Turn the worker runs of a process into tasks",
            rule: .level(.admin, on: .process, \.id), status: .created
        ) { (input: StartProcess, scope: Scope) -> Reply<ProcessRow> in
            try await changed(scope.call(start, input), input.id, scope)
        },
        Operation(
            "StopProcess", .post, "/api/v1/process/{id}/stop/", "Stop a process", rule: .level(.admin, on: .process, \.id)
        ) { (input: OnlyProcessID, scope: Scope) -> Reply<ProcessRow> in
            try await changed(scope.call(stop, input), input.id, scope)
        },
        Operation(
            "RetryProcess", .post, "/api/v1/process/{id}/retry/", "Run a process again that has ended",
            rule: .level(.admin, on: .process, \.id)
        ) { (input: OnlyProcessID, scope: Scope) -> Reply<ProcessRow> in
            try await changed(scope.call(retry, input), input.id, scope)
        },
    ]

    private static func changed(_ change: Call, _ id: ID<Process>, _ scope: Scope) async throws -> Reply<ProcessRow> {
        try .row(await scope.run([change, scope.call(retrieve, OnlyProcessID(id: id))])[1])
    }
}
