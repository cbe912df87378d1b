import HTTPTypes
import Postgres
import Tenancy
import Web

extension ModelVersionRow {
    static let operations: [Operation] = [
        Operation(
            "ListModelVersions", "/api/v1/model/{id}/versions/", "The versions of a model, the newest first",
            rule: .level(.guest, on: .model, \.id), page: list, count: count),
        Operation(
            "CreateModelVersion", .post, "/api/v1/model/{id}/versions/", "Make a version of a model, before its archive is uploaded",
            rule: .level(.contributor, on: .model, \.id), status: .created
        ) { (input: CreateModelVersion, scope: Scope) -> Reply<ModelVersionRow> in
            guard let version = try await scope.first(create, input) else { throw Problem.notFound }
            return try .row(await scope.rows(retrieve, version))
        },
        Operation(
            "RetrieveModelVersion", .get, "/api/v1/modelversion/{id}/", "A version of a model",
            rule: .level(.guest, on: .modelVersion, \.id), one: retrieve),
        change("UpdateModelVersion", .put),
        change("PartialUpdateModelVersion", .patch),
        Operation(
            "DestroyModelVersion", .delete, "/api/v1/modelversion/{id}/", "Remove a version that has no results",
            rule: .level(.admin, on: .modelVersion, \.id), nothing: destroy),
    ]

    private static func change(_ id: String, _ method: HTTPRequest.Method) -> Operation {
        Operation(
            id, method, "/api/v1/modelversion/{id}/", "Change what the body names of a version",
            rule: .level(.contributor, on: .modelVersion, \.id)
        ) { (input: UpdateModelVersion, scope: Scope) -> Reply<ModelVersionRow> in
            let rows = try await scope.run([scope.call(update, input), scope.call(retrieve, OnlyModelVersionID(id: input.id))])
            return try .row(rows[1])
        }
    }
}
