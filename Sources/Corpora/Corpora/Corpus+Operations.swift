import HTTPTypes
import Postgres
import Tenancy
import Web

extension CorpusRow {
    static let operations: [Operation] = [
        Operation(
            "ListCorpus", .get, "/api/v1/corpus/", "All projects that the caller may see, or those with results of a run",
            rule: .anyone.own, list: list),
        Operation(
            "CreateCorpus", .post, "/api/v1/corpus/", "Make a project, with the standard element types", rule: .person.own, status: .created
        ) { (input: CreateCorpus, scope: Scope) -> Reply<CorpusRow> in
            let id = ID<Corpus>()
            let rows = try await scope.run([
                scope.call(create, input, also: ["id": id.parameter]), scope.call(retrieve, OnlyID(id: id)),
            ])
            return try .row(rows[1])
        },
        Operation(
            "RetrieveCorpus", .get, "/api/v1/corpus/{id}/", "A project with its element types",
            rule: .level(.guest, on: .corpus, \.id), one: retrieve),
    ]
}
