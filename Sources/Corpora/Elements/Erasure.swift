import HTTPTypes
import Postgres
import Tenancy
import Web

/// A deletion by hand that was made: it can be undone until then.
struct Erasure: Decodable, Sendable {
    var deletion: ID<WorkerResultsDeletion>
    var job: ID<Job>?
    var undo_until: String
}

struct ChangedCorpus: Codable, Sendable {
    struct Content: Codable, Sendable {
        var name: Name?
        var description: String?
        var `public`: Bool?
    }
    var id: ID<Corpus>
    var body: Content
}

struct ReplacedCorpus: Codable, Sendable {
    struct Content: Codable, Sendable {
        var name: Name
        var description: String?
        var `public`: Bool?
    }
    var id: ID<Corpus>
    var body: Content
}

extension Erasure {
    static let element = Statement<OnlyID<Element>, Erasure>(
        "destroy_element",
        """
        SELECT made.* FROM element e, erase_elements(e.corpus_id, ARRAY[e.id], jsonb_build_object('element', e.id)) AS made
        WHERE e.tenant_id = $tenant AND e.id = $id
        """)
    static let corpus = Statement<OnlyID<Corpus>, Erasure>("destroy_corpus", "SELECT * FROM erase_corpus($id)")
    static let restoredCorpus = Statement<OnlyID<Corpus>, NoRow>("restore_corpus", "SELECT restore_corpus($id)")
    static let changedCorpus = Statement<ChangedCorpus, NoRow>(
        "partial_update_corpus", "SELECT change_corpus($id, $body.name, $body.description, $body.public::boolean)")
    static let replacedCorpus = Statement<ReplacedCorpus, NoRow>(
        "update_corpus", "SELECT change_corpus($id, $body.name, coalesce($body.description, ''), coalesce($body.public::boolean, false))")

    static let operations: [Operation] = [
        Operation(
            "DestroyElement", .delete, "/api/v1/element/{id}/",
            "Delete an element with all that is below it; it can be brought back for a while",
            rule: .level(.contributor, on: .element, \.id), status: .accepted, one: element),
        Operation(
            "DestroyElements", .delete, "/api/v1/corpus/{corpus}/elements/",
            "Delete the elements that ListElements would list, with all that is below them; they can be brought back for a while",
            rule: .level(.admin, on: .corpus, \.place.corpus), status: .accepted
        ) { (input: DestroyElements, scope: Scope) -> Reply<Erasure> in
            try .row(await scope.rows(DestroyElements.statement, input.checked()))
        },
        Operation(
            "PartialUpdateCorpus", .patch, "/api/v1/corpus/{id}/", "Change a project", rule: .level(.admin, on: .corpus, \.id)
        ) { (input: ChangedCorpus, scope: Scope) -> Reply<CorpusRow> in
            try .row(await scope.run([scope.call(changedCorpus, input), scope.call(CorpusRow.retrieve, OnlyID(id: input.id))])[1])
        },
        Operation(
            "UpdateCorpus", .put, "/api/v1/corpus/{id}/", "Change all of a project", rule: .level(.admin, on: .corpus, \.id)
        ) { (input: ReplacedCorpus, scope: Scope) -> Reply<CorpusRow> in
            try .row(await scope.run([scope.call(replacedCorpus, input), scope.call(CorpusRow.retrieve, OnlyID(id: input.id))])[1])
        },
        Operation(
            "DestroyCorpus", .delete, "/api/v1/corpus/{id}/", "Delete a project; it can be brought back for a while",
            rule: .level(.admin, on: .corpus, \.id), status: .accepted, one: corpus),
        Operation(
            "RestoreCorpus", .post, "/api/v1/corpus/{id}/restore/", "Bring a deleted project back",
            rule: .person.asking(.admin, on: .corpus)
        ) { (input: OnlyID<Corpus>, scope: Scope) -> Reply<CorpusRow> in
            try .row(await scope.run([scope.call(restoredCorpus, input), scope.call(CorpusRow.retrieve, input)])[1])
        },
    ]
}
