import HTTPTypes
import NIOCore
import Postgres
import Shapes
import Tenancy
import Web

struct CreateProcessTemplate: Codable, Sendable {
    struct Content: Codable, Sendable {
        var name: ProcessName
    }
    /// The process whose worker runs are kept.
    var id: ID<Process>
    var body: Content
}

struct ApplyProcessTemplate: Codable, Sendable {
    struct Content: Codable, Sendable {
        var template_id: ID<Process>
    }
    /// The process that gets the worker runs.
    var id: ID<Process>
    var body: Content
}

/// What came of applying a template.
struct AppliedTemplate: Decodable, Sendable {
    /// A worker run of the template of which there is no copy.
    struct LeftOut: Codable, Sendable {
        struct RunCard: Codable, Sendable {
            var id: ID<WorkerRun>
            var summary: String
        }
        var worker_run: RunCard
        var code: String
        var reason: String
        /// The worker run that takes its place, if the process had the same already.
        var existing_id: ID<WorkerRun>?
    }
    /// The copies, with their parents.
    var worker_runs: [WorkerRunRow]
    var left_out: [LeftOut]
}

/// The same as the database gives it: ids, and JSON to be handed on.
struct CopiedRuns: Codable, Sendable {
    var made: [ID<WorkerRun>]
    var left_out: [AppliedTemplate.LeftOut]
}

/// Worker runs with their parents, kept to be copied into other processes. A template is a process that never runs.
enum Template {
    static let create = Statement<CreateProcessTemplate, OnlyProcessID>(
        "create_process_template", "SELECT create_process_template($id, $body.name) AS id")
    static let apply = Statement<ApplyProcessTemplate, CopiedRuns>(
        "apply_process_template", "SELECT to_jsonb(made) AS made, left_out FROM apply_process_template($id, $body.template_id)")

    static let operations: [Operation] = [
        Operation(
            "CreateProcessTemplate", .post, "/api/v1/process/{id}/template/", "Keep the worker runs of a process as a template",
            rule: .level(.admin, on: .process, \.id), status: .created
        ) { (input: CreateProcessTemplate, scope: Scope) -> Reply<ProcessRow> in
            guard let made = try await scope.first(create, input) else { throw Problem.notFound }
            return try .row(await scope.rows(ProcessRow.retrieve, made))
        },
        Operation(
            "ApplyProcessTemplate", .post, "/api/v1/process/{id}/apply/",
            "Copy a template's worker runs into a process that has not started, as far as the caller may use them",
            rule: .level(.admin, on: .process, \.id), status: .created
        ) { (input: ApplyProcessTemplate, scope: Scope) -> Reply<AppliedTemplate> in
            let copied = try await scope.rows(apply, input)
            let made = try apply.rows(copied).first?.made ?? []
            var body = ByteBuffer(string: "{\"worker_runs\":")
            try await scope.rows(WorkerRunRow.some, SomeWorkerRuns(ids: made)).writeArray(into: &body)
            body.writeString(",\"left_out\":\(copied.text(0, 1) ?? "[]")}")
            return Reply(body: body)
        },
    ]
}
