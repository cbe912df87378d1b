import HTTPTypes
import Postgres
import Tenancy
import Web

extension ModelRow {
    static let operations: [Operation] = [
        Operation("ListModels", "/api/v1/models/", "The models that the caller may see", rule: .signedIn.own, page: list, count: count),
        Operation("CreateModel", .post, "/api/v1/models/", "Make a model", rule: .person.own, status: .created) {
            (input: CreateModel, scope: Scope) -> Reply<ModelRow> in
            guard let model = try await scope.first(create, input) else { throw Problem.notFound }
            return try .row(await scope.rows(retrieve, model))
        },
        Operation("RetrieveModel", .get, "/api/v1/model/{id}/", "A model", rule: .level(.guest, on: .model, \.id), one: retrieve),
        Operation(
            "PartialUpdateModel", .patch, "/api/v1/model/{id}/", "Change, archive or un-archive a model",
            rule: .level(.admin, on: .model, \.id)
        ) { (input: PartialUpdateModel, scope: Scope) -> Reply<ModelRow> in
            let rows = try await scope.run([scope.call(update, input), scope.call(retrieve, OnlyModelID(id: input.id))])
            return try .row(rows[1])
        },
    ]
}

extension CompatibleWorker {
    static let operations: [Operation] = [
        Operation(
            "ListModelCompatibleWorkers", "/api/v1/model/{id}/compatible-workers/", "The workers that a model is meant for",
            rule: .level(.guest, on: .model, \.id), page: list, count: count),
        Operation(
            "CreateModelCompatibleWorker", .post, "/api/v1/model/{model}/compatible-workers/{worker}/",
            "Say that a model is meant for a worker", rule: .level(.admin, on: .model, \.model), status: .created
        ) { (input: ModelAndWorker, scope: Scope) -> Reply<CompatibleWorker> in
            let rows = try await scope.run([scope.call(add, input), scope.call(retrieve, input)])
            return try .row(rows[1])
        },
        Operation(
            "DestroyModelCompatibleWorker", .delete, "/api/v1/model/{model}/compatible-workers/{worker}/",
            "Say no longer that a model is meant for a worker", rule: .level(.admin, on: .model, \.model), nothing: remove),
    ]
}
