import HTTPTypes
import Postgres
import Tenancy
import Web

extension DatasetRow {
    static let operations: [Operation] = [
        Operation(
            "ListCorpusDatasets", "/api/v1/corpus/{id}/datasets/", "The datasets of a project",
            rule: .level(.guest, on: .corpus, \.id), page: list, count: count),
        Operation(
            "CreateDataset", .post, "/api/v1/corpus/{id}/datasets/", "Make a dataset with its sets",
            rule: .level(.contributor, on: .corpus, \.id), status: .created
        ) { (input: CreateDataset, scope: Scope) -> Reply<DatasetRow> in
            guard let dataset = try await scope.first(create, input) else { throw Problem.notFound }
            return try .row(await scope.rows(retrieve, dataset))
        },
        Operation(
            "RetrieveDataset", .get, "/api/v1/datasets/{id}/", "A dataset with its sets", rule: .level(.guest, on: .dataset, \.id),
            one: retrieve),
        Operation(
            "PartialUpdateDataset", .patch, "/api/v1/datasets/{id}/", "Change a dataset", rule: .level(.contributor, on: .dataset, \.id)
        ) { (input: PartialUpdateDataset, scope: Scope) -> Reply<DatasetRow> in
            let rows = try await scope.run([scope.call(update, input), scope.call(retrieve, OnlyID(id: input.id))])
            return try .row(rows[1])
        },
        Operation(
            "DestroyDataset", .delete, "/api/v1/datasets/{id}/", "Delete a dataset, but none of its elements",
            rule: .level(.admin, on: .dataset, \.id), nothing: destroy),
    ]
}
