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
        Operation(
            "DestroyWorkerVersion", .delete, "/api/v1/workers/versions/{id}/", "Delete a version of which no results exist",
            rule: .level(.admin, on: .workerVersion, \.id), nothing: destroy),
    ]

    private static func made(_ version: NewVersion, _ scope: Scope) async throws -> Reply<WorkerVersionRow> {
        guard let id = try await scope.first(save, version) else { throw Problem.notFound }
        return try .row(await scope.rows(retrieve, id))
    }
}

extension NewVersion {
    /// - Throws: 400 with the faults of the fields.
    fileprivate init(_ input: CreateWorkerVersion) throws {
        let body = try ExactBody(input.body, largest: "configuration")
        let fields: [Field]
        do {
            fields = try [Field](declared: body.datum["configuration"])
        } catch {
            _ = try body.content(error.faults)
            throw Problem.invalid(error.faults)
        }
        let content = try body.content()
        self.init(
            worker: input.id, revision_url: content.revision_url?.value, tag: content.tag?.value, branch: content.branch?.value,
            state: content.state ?? (content.docker_image_iid ?? content.command == nil ? .created : .available),
            gpu_usage: (content.gpu_usage ?? .disabled).rawValue, model_usage: (content.model_usage ?? .disabled).rawValue,
            docker_image_iid: content.docker_image_iid, command: content.command, fields: fields.written, defaults: fields.defaults.written)
    }

    /// - Throws: 400 with the faults of the file, each path below `yaml`.
    fileprivate init(_ input: ImportWorkerVersion) throws {
        let file: WorkerFile
        do {
            file = try WorkerFile(yaml: input.body.yaml)
        } catch {
            throw Problem.invalid(error.below("yaml"))
        }
        let content = input.body
        let written = file.fields.written
        // PostgreSQL cannot hold it, although the file may say it.
        guard !(written + (file.command ?? "")).contains("\\u0000"), file.command?.utf8.contains(0) != true else {
            throw Problem.invalid("yaml", code: "null_character", "NUL characters are not allowed.")
        }
        self.init(
            worker: input.id, revision_url: content.revision_url?.value, tag: content.tag?.value, branch: content.branch?.value,
            state: content.docker_image_iid ?? file.command == nil ? .created : .available, gpu_usage: file.gpuUsage,
            model_usage: file.modelUsage, docker_image_iid: content.docker_image_iid, command: file.command, shm_size: file.shmSize,
            fields: written, defaults: file.fields.defaults.written)
    }
}
