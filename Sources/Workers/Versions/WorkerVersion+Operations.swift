import HTTPTypes
import Postgres
import Shapes
import Tenancy
import Web

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
