import HTTPTypes
import Postgres
import Shapes
import Tenancy
import Web

struct PartialUpdateTranscription: Codable, Sendable, TakesUndecodedBody {
    struct Content: Codable, Sendable {
        var text: NonEmptyText?
        var confidence: Confidence?
        var orientation: Orientation?
    }
    var id: ID<Transcription>
    var body: JSONBody<Content>
}

/// Changes by hand.
extension TranscriptionRow {
    static let retrieve = Statement<OnlyID<Transcription>, TranscriptionRow>(
        "retrieve_transcription",
        """
        SELECT r.id, r.text, r.confidence, r.orientation, author.id AS worker_run_id,
          CASE WHEN author.id IS NOT NULL THEN json_build_object('id', author.id, 'summary', author.summary) END AS worker_run,
          CASE WHEN r.kept AND author.id IS NULL AND (r.source_id <> 0 OR r.detached_from IS NOT NULL)
            THEN detached_from(r.source_id, r.detached_from) END AS detached_from,
          \(ElementSQL.edit(of: "r")) AS edited,
          json_build_object('id', e.id, 'type', t.slug, 'name', e.name, 'zone', \(ElementSQL.zone)) AS element
        FROM transcription r JOIN element e ON e.tenant_id = $tenant AND e.id = r.element_id \(ElementSQL.joins)
          LEFT JOIN source origin ON origin.tenant_id = $tenant AND origin.id = r.source_id AND origin.id <> ALL (hidden_sources())
          LEFT JOIN worker_run author ON author.tenant_id = $tenant AND author.id = origin.worker_run_id
        WHERE r.tenant_id = $tenant AND r.id = $id
        """)
    static let update = Statement<PartialUpdateTranscription, NoRow>(
        "partial_update_transcription",
        "SELECT change_transcription($id, checked.body) FROM \(JSONBody<PartialUpdateTranscription.Content>.checked())")
    static let destroy = Statement<OnlyID<Transcription>, NoRow>("destroy_transcription", "SELECT destroy_result('transcription', $id)")

    static let editing: [Operation] = [
        Operation(
            "RetrieveTranscription", .get, "/api/v1/transcription/{id}/", "A transcription with its element",
            rule: .level(.guest, on: .transcription, \.id), one: retrieve),
        Operation(
            "PartialUpdateTranscription", .patch, "/api/v1/transcription/{id}/", "Change a transcription by hand",
            rule: .level(.contributor, on: .transcription, \.id)
        ) { (input: PartialUpdateTranscription, scope: Scope) -> Reply<TranscriptionRow> in
            try .row(await scope.run([scope.call(update, input), scope.call(retrieve, OnlyID(id: input.id))])[1])
        },
        Operation(
            "DestroyTranscription", .delete, "/api/v1/transcription/{id}/", "Delete a transcription, with the entities in it",
            rule: .level(.contributor, on: .transcription, \.id), nothing: destroy),
    ]
}
