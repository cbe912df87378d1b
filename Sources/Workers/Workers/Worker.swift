import HTTPTypes
import Postgres
import Shapes
import Tenancy
import Web

/// A program that makes results.
struct WorkerRow: Decodable, Sendable {
    var id: ID<Worker>
    var name: String
    var slug: String
    var type: String
    var description: String
    var repository_url: String?
    var archived: Bool
    var `public`: Bool
    var rights: [String]
}

struct WorkerSlug: Leaf {
    let value: String
    static let shape = Shape.string(.init(minimum: 1, maximum: 100, pattern: "[-a-zA-Z0-9_]+"))
    static let sample = WorkerSlug(value: "worker")
    init(value: String) { self.value = value }
}

/// Text of at most 100 characters.
struct ShortText: Leaf {
    let value: String
    static let shape = Shape.name(upTo: 100)
    static let sample = ShortText(value: "a")
    init(value: String) { self.value = value.trimmed }
}

struct CreateWorker: Codable, Sendable {
    struct Content: Codable, Sendable {
        var name: ShortText
        var slug: WorkerSlug
        var type: ShortText
        var description: String?
        var repository_url: String?
    }
    var body: Content
}

struct PartialUpdateWorker: Codable, Sendable, TakesUndecodedBody {
    struct Content: Codable, Sendable {
        var name: ShortText?
        var type: ShortText?
        var description: String?
        var repository_url: String?
        var archived: Bool?
        var `public`: Bool?
    }
    var id: ID<Worker>
    var body: JSONBody<Content>
}

struct ListWorkers: Codable, Sendable, Paged {
    var name: String?
    var type: String?
    var archived: Bool?
    var page: Int?
    var page_size: Int?
}

struct WorkerBySlug: Codable, Sendable {
    var slug: WorkerSlug
}

extension WorkerRow {
    private static let columns = """
        w.id, w.name, w.slug, w.type, w.description, w.repository_url, w.archived IS NOT NULL AS archived, w.public,
          rights_of(worker_level(w.id)) AS rights
        """
    static let retrieve = Statement<OnlyWorkerID, WorkerRow>(
        "retrieve_worker", "SELECT \(columns) FROM worker w WHERE w.tenant_id = $tenant AND w.id = $id")

    private static let matching = """
        FROM worker w WHERE w.tenant_id = $tenant AND ($name::text IS NULL OR position((SELECT folded($name)) IN folded(w.name)) > 0)
          AND ($type::text IS NULL OR w.type = $type) AND (w.archived IS NOT NULL) = coalesce($archived::boolean, false)
        """
    static let list = Statement<ListWorkers, WorkerRow>(
        "list_workers", "SELECT \(columns) \(matching) ORDER BY w.name, w.id LIMIT $limit OFFSET $offset")
    static let count = Statement<ListWorkers, Count>("count_workers", "SELECT count(*) \(matching)")

    /// Get or create by slug: whoever may see the worker that has it gets that one, unchanged.
    static let create = Statement<CreateWorker, OnlyWorkerID>(
        "create_worker",
        "SELECT get_or_create_worker($body.name, $body.slug, $body.type, coalesce($body.description, ''), $body.repository_url) AS id")

    static let update = Statement<PartialUpdateWorker, NoRow>(
        "partial_update_worker",
        "SELECT change_worker($id, checked.body) FROM \(JSONBody<PartialUpdateWorker.Content>.checked())")

    static let types = Statement<NoInput, WorkerType>(
        "list_worker_types", "SELECT DISTINCT w.type AS slug, w.type AS display_name FROM worker w WHERE w.tenant_id = $tenant ORDER BY 1")

    static let operations: [Operation] = [
        Operation("ListWorkers", "/api/v1/workers/", "The workers that the caller may see", rule: .signedIn.own, page: list, count: count),
        Operation(
            "CreateWorker", .post, "/api/v1/workers/", "Get the worker with this slug, or make it", rule: .person.own, status: .created
        ) { (input: CreateWorker, scope: Scope) -> Reply<WorkerRow> in
            guard let worker = try await scope.first(create, input) else { throw Problem.notFound }
            return try .row(await scope.rows(retrieve, worker))
        },
        Operation("ListWorkerTypes", .get, "/api/v1/workers/types/", "The types of workers in use", rule: .signedIn.own, list: types),
        Operation(
            "RetrieveWorker", .get, "/api/v1/workers/{id}/", "A worker", rule: .level(.guest, on: .worker, \.id), one: retrieve),
        Operation(
            "PartialUpdateWorker", .patch, "/api/v1/workers/{id}/", "Change, archive or un-archive a worker",
            rule: .level(.admin, on: .worker, \.id)
        ) { (input: PartialUpdateWorker, scope: Scope) -> Reply<WorkerRow> in
            let rows = try await scope.run([scope.call(update, input), scope.call(retrieve, OnlyWorkerID(id: input.id))])
            return try .row(rows[1])
        },
    ]
}

struct WorkerType: Decodable, Sendable {
    var slug: String
    var display_name: String
}

struct OnlyWorkerID: Codable, Sendable {
    var id: ID<Worker>
}
