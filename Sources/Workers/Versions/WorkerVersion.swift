import HTTPTypes
import Postgres
import Shapes
import Tenancy
import Web

/// One state of a worker's program, with the fields that people may set.
struct WorkerVersionRow: Decodable, Sendable {
    struct Parent: Decodable, Sendable {
        var id: ID<Worker>
        var name: String
        var slug: String
        var type: String
        var repository_url: String?
    }
    var id: ID<WorkerVersion>
    var version: Int?
    var worker: Parent
    var state: String
    var tag: String?
    var branch: String?
    var revision_url: String?
    var gpu_usage: String
    var model_usage: String
    var docker_image_iid: String?
    var command: String?
    var shm_size: String?
    var feature: String?
    var fields: [JSONValue]
    var default_configuration: JSONValue
    var created: String
}

enum Usage: String, Codable, Sendable, CaseIterable, Described {
    case disabled, supported, required
    static let sample = Usage.disabled
}

enum VersionState: String, Codable, Sendable, CaseIterable, Described {
    case created, available, error
    static let sample = VersionState.created
}

struct ListWorkerVersions: Codable, Sendable, Paged {
    var id: ID<Worker>
    var page: Int?
    var page_size: Int?
}

struct OnlyVersionID: Codable, Sendable {
    var id: ID<WorkerVersion>
}

struct CreateWorkerVersion: Codable, Sendable {
    struct Content: Codable, Sendable {
        var docker_image_iid: String?
        var command: String?
        var gpu_usage: Usage?
        var model_usage: Usage?
        var state: VersionState?
        var tag: String?
        var branch: String?
        var revision_url: String?
        var configuration: [JSONValue]?
    }
    var id: ID<Worker>
    var body: Content
}

struct ImportWorkerVersion: Codable, Sendable {
    struct Content: Codable, Sendable {
        var yaml: String
        var revision_url: String?
        var docker_image_iid: String?
        var branch: String?
        var tag: String?
    }
    var id: ID<Worker>
    var body: Content
}

struct PartialUpdateWorkerVersion: Codable, Sendable, TakesUndecodedBody {
    struct Content: Codable, Sendable {
        var tag: String?
        var branch: String?
        var state: VersionState?
        var docker_image_iid: String?
    }
    var id: ID<WorkerVersion>
    var body: JSONBody<Content>
}

/// What a new version is stored as, whichever way it came.
struct NewVersion: Codable, Sendable {
    var worker: ID<Worker>
    var revision_url: String?
    var tag: String?
    var branch: String?
    var state: VersionState
    var gpu_usage: String
    var model_usage: String
    var docker_image_iid: String?
    var command: String?
    var shm_size: String?
    /// JSON text.
    var fields: String
    var defaults: String
}

extension WorkerVersionRow {
    private static let columns = """
        v.id, v.version, jsonb_build_object('id', w.id, 'name', w.name, 'slug', w.slug, 'type', w.type, 'repository_url', w.repository_url)
            AS worker, v.state, v.tag, v.branch, v.revision_url, v.gpu_usage, v.model_usage, v.docker_image_iid, v.command, v.shm_size,
          v.feature, v.fields, v.default_configuration, v.created
        FROM worker_version v JOIN worker w ON w.tenant_id = $tenant AND w.id = v.worker_id
        """
    static let retrieve = Statement<OnlyVersionID, WorkerVersionRow>(
        "retrieve_worker_version", "SELECT \(columns) WHERE v.tenant_id = $tenant AND v.id = $id AND v.tombstone IS NULL")
    static let list = Statement<ListWorkerVersions, WorkerVersionRow>(
        "list_worker_versions",
        """
        SELECT \(columns) WHERE v.tenant_id = $tenant AND v.worker_id = $id AND v.tombstone IS NULL
        ORDER BY v.created DESC, v.id DESC LIMIT $limit OFFSET $offset
        """)
    static let count = Statement<ListWorkerVersions, Count>(
        "count_worker_versions",
        "SELECT count(*) FROM worker_version v WHERE v.tenant_id = $tenant AND v.worker_id = $id AND v.tombstone IS NULL")

    static let save = Statement<NewVersion, OnlyVersionID>(
        "create_worker_version",
        """
        SELECT create_worker_version($worker, $revision_url, $tag, $branch, $state, $gpu_usage, $model_usage, $docker_image_iid, $command,
          $shm_size, $fields, $defaults) AS id
        """)

    static let update = Statement<PartialUpdateWorkerVersion, NoRow>(
        "partial_update_worker_version",
        "SELECT change_worker_version($id, checked.body) FROM "
            + JSONBody<PartialUpdateWorkerVersion.Content>.checked())
}

extension WorkerVersionRow {
    static let operations: [Operation] = [
        Operation(
            "ListWorkerVersions", "/api/v1/workers/{id}/versions/", "The versions of a worker, newest first",
            rule: .level(.guest, on: .worker, \.id), page: list, count: count),
        Operation(
            "CreateWorkerVersion", .post, "/api/v1/workers/{id}/versions/", "Make a version of a worker",
            rule: .level(.admin, on: .worker, \.id), status: .created
        ) { (input: CreateWorkerVersion, scope: Scope) in
            try await made(NewVersion(input), scope)
        },
        Operation(
            "ImportWorkerVersion", .post, "/api/v1/workers/{id}/versions/import/", "Make a version from a worker configuration file",
            rule: .level(.admin, on: .worker, \.id), status: .created
        ) { (input: ImportWorkerVersion, scope: Scope) in
            try await made(NewVersion(input), scope)
        },
        Operation(
            "RetrieveWorkerVersion", .get, "/api/v1/workers/versions/{id}/", "A version of a worker, with its fields",
            rule: .level(.guest, on: .workerVersion, \.id), one: retrieve),
        Operation(
            "PartialUpdateWorkerVersion", .patch, "/api/v1/workers/versions/{id}/", "Change a version's tag, branch or state",
            rule: .level(.admin, on: .workerVersion, \.id)
        ) { (input: PartialUpdateWorkerVersion, scope: Scope) -> Reply<WorkerVersionRow> in
            let rows = try await scope.run([scope.call(update, input), scope.call(retrieve, OnlyVersionID(id: input.id))])
            return try .row(rows[1])
        },
    ]

    private static func made(_ version: NewVersion, _ scope: Scope) async throws -> Reply<WorkerVersionRow> {
        guard let id = try await scope.first(save, version) else { throw Problem.notFound }
        return try .row(await scope.rows(retrieve, id))
    }
}

extension NewVersion {
    /// - Throws: 400 with the faults of the fields.
    fileprivate init(_ input: CreateWorkerVersion) throws {
        var check = FileCheck()
        let fields = check.fields(input.body.configuration.map(JSONValue.array), at: [.key("configuration")], inGroup: false)
        guard check.faults.isEmpty else { throw Problem.invalid(check.faults) }
        let content = input.body
        self.init(
            worker: input.id, revision_url: content.revision_url, tag: content.tag, branch: content.branch,
            state: content.state ?? (content.docker_image_iid ?? content.command == nil ? .created : .available),
            gpu_usage: (content.gpu_usage ?? .disabled).rawValue, model_usage: (content.model_usage ?? .disabled).rawValue,
            docker_image_iid: content.docker_image_iid, command: content.command, fields: fields.json, defaults: fields.defaultsJSON)
    }

    /// - Throws: 400 with the faults of the file, each path below `yaml`.
    fileprivate init(_ input: ImportWorkerVersion) throws {
        let file: WorkerFile
        do {
            file = try WorkerFile(yaml: input.body.yaml)
        } catch let wrong as ConfigurationFaults {
            throw Problem.invalid(wrong.faults.map { Fault(path: [.key("yaml")] + $0.path, code: $0.code, detail: $0.detail) })
        }
        let content = input.body
        self.init(
            worker: input.id, revision_url: content.revision_url, tag: content.tag, branch: content.branch,
            state: content.docker_image_iid ?? file.command == nil ? .created : .available, gpu_usage: file.gpuUsage,
            model_usage: file.modelUsage, docker_image_iid: content.docker_image_iid, command: file.command, shm_size: file.shmSize,
            fields: file.fields.json, defaults: file.fields.defaultsJSON)
    }
}

extension [Field] {
    /// As the database keeps them.
    var json: String { JSONValue.array(map(\.value)).text }
    var defaultsJSON: String { JSONValue.object(defaults).text }
}

extension Field {
    fileprivate var value: JSONValue {
        [
            "key": .string(key), "display_name": .string(display_name), "help_text": help_text.map(JSONValue.string) ?? .null,
            "type": .string(type.rawValue), "many": .boolean(many), "required": .boolean(required), "editable": .boolean(editable),
            "default": self.default, "choices": choices.map { .array($0.map(JSONValue.string)) } ?? .null,
            "children": .array(children.map(\.value)),
        ]
    }
}
