import HTTPTypes
import Tenancy
import Web

// Workers add the types and classes that they need, and a task is a contributor: adding is for contributors, changing for administrators.
extension ElementTypeRow {
    static let operations: [Operation] = [
        Operation(
            "CreateElementType", .post, "/api/v1/elements/type/", "Add a type of elements to a project",
            rule: .level(.contributor, on: .corpus, \.body.corpus), status: .created, one: create)
    ]
}

extension MLClassRow {
    static let operations: [Operation] = [
        Operation(
            "ListCorpusMLClasses", "/api/v1/corpus/{id}/classes/", "The classes of a project",
            rule: .level(.guest, on: .corpus, \.id), page: list, count: count),
        Operation(
            "CreateMLClass", .post, "/api/v1/corpus/{id}/classes/", "Add a class to a project",
            rule: .level(.contributor, on: .corpus, \.id), status: .created, one: create),
    ]
}

extension EntityTypeRow {
    static let operations: [Operation] = [
        Operation(
            "ListCorpusEntityTypes", "/api/v1/corpus/{id}/entity-types/", "The entity types of a project",
            rule: .level(.guest, on: .corpus, \.id), page: list, count: count),
        Operation(
            "CreateEntityType", .post, "/api/v1/entity/types/", "Add an entity type to a project",
            rule: .level(.contributor, on: .corpus, \.body.corpus), status: .created, one: create),
    ]
}
