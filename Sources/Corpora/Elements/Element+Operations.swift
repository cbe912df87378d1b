import HTTPTypes
import Postgres
import Tenancy
import Web

extension ElementRow {
    static let operations: [Operation] = [
        Operation(
            "RetrieveElement", .get, "/api/v1/element/{id}/", "An element with its zone, classifications and metadata",
            rule: .level(.guest, on: .element, \.id), one: retrieve),
        // The corpus is in the body, which only the database reads; publishing checks the level on it.
        Operation(
            "CreateElement", .post, "/api/v1/elements/create/", "Make an element",
            rule: .signedIn.asking(.contributor, on: .corpus), status: .created
        ) { (input: CreateElement, scope: Scope) -> Reply<ElementRow> in
            guard let made = try await scope.first(CreateElement.statement, input) else { throw Problem.notFound }
            return try .row(await scope.rows(retrieve, OnlyID(id: made.id)))
        },
        Operation(
            "CreateElements", .post, "/api/v1/element/{id}/children/bulk/", "Make many elements below one, all or none",
            rule: .level(.contributor, on: .element, \.id), status: .created, list: CreateElements.statement),
        Operation(
            "UpdateElement", .put, "/api/v1/element/{id}/", "Change an element, its type and name among the rest",
            rule: .level(.contributor, on: .element, \.id)
        ) { (input: UpdateElement, scope: Scope) -> Reply<ElementRow> in
            let rows = try await scope.run([scope.call(UpdateElement.statement, input), scope.call(retrieve, OnlyID(id: input.id))])
            return try .row(rows[1])
        },
        Operation(
            "PartialUpdateElement", .patch, "/api/v1/element/{id}/", "Change an element",
            rule: .level(.contributor, on: .element, \.id)
        ) { (input: PartialUpdateElement, scope: Scope) -> Reply<ElementRow> in
            let rows = try await scope.run([
                scope.call(PartialUpdateElement.statement, input), scope.call(retrieve, OnlyID(id: input.id)),
            ])
            return try .row(rows[1])
        },
        Operation(
            "ListElements", "/api/v1/corpus/{corpus}/elements/", "The elements of a project, filtered",
            rule: .level(.guest, on: .corpus, \.place.corpus), choosing: { (input: ListElements) in input.statements }),
        Operation(
            "ListElementChildren", "/api/v1/elements/{id}/children/", "What is in an element, or with recursive anywhere below it",
            rule: .level(.guest, on: .element, \.place.id), choosing: { (input: ListRelatives) in input.statements }),
        Operation(
            "ListElementParents", "/api/v1/elements/{id}/parents/", "What an element is in, or with recursive all that is above it",
            rule: .level(.guest, on: .element, \.place.id), page: ElementList.parents, count: ElementList.parentsCount),
        Operation(
            "ListElementNeighbors", .get, "/api/v1/elements/{id}/neighbors/",
            "What comes before and after an element, in each that it is in",
            rule: .level(.guest, on: .element, \.id), list: ElementNeighbors.list),
    ]
}
