import HTTPTypes
import Postgres
import Tenancy
import Web

extension DeletionRow {
    static let operations: [Operation] = [
        Operation(
            "PreviewWorkerResultsDeletion", .post, "/api/v1/corpus/{id}/worker-results/preview/",
            "What deleting the results of worker runs would take and leave, with a token to do exactly that",
            rule: .level(.admin, on: .corpus, \.id)
        ) { (input: PreviewWorkerResultsDeletion, scope: Scope) -> Reply<PreviewedDeletion> in
            try .row(await scope.rows(preview, input.chosen()))
        },
        Operation(
            "DestroyWorkerResults", .delete, "/api/v1/corpus/{id}/worker-results/",
            "Delete the results of worker runs in a project: gone at once, and back with RestoreWorkerResults until undo_until",
            rule: .level(.admin, on: .corpus, \.id), status: .accepted
        ) { (input: DestroyWorkerResults, scope: Scope) -> Reply<MadeDeletion> in
            try .row(await scope.rows(destroy, input.chosen()))
        },
        Operation(
            "RestoreWorkerResults", .post, "/api/v1/corpus/{id}/worker-results/restore/", "Undo a deletion",
            rule: .level(.admin, on: .corpus, \.id), one: restore),
        Operation(
            "ListDeletions", "/api/v1/corpus/{id}/deletions/", "The deletions of results in a project, the newest first",
            rule: .level(.admin, on: .corpus, \.id), page: list, count: count),
    ]
}
