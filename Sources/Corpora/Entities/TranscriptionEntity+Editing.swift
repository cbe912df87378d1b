import HTTPTypes
import Postgres
import Shapes
import Tenancy
import Web

struct PartialUpdateTranscriptionEntity: Codable, Sendable, TakesUndecodedBody {
    struct Content: Codable, Sendable {
        var type_id: ID<EntityType>?
        var offset: Offset?
        var length: Length?
        var confidence: Confidence?
    }
    var id: ID<Transcription>
    var entity: ID<TranscriptionEntity>
    var body: JSONBody<Content>
}

struct EntityInTranscription: Codable, Sendable {
    var id: ID<Transcription>
    var entity: ID<TranscriptionEntity>
}

/// Changes by hand.
extension TranscriptionEntityRow {
    static let retrieve = Statement<EntityInTranscription, TranscriptionEntityRow>(
        "retrieve_transcription_entity",
        """
        SELECT r.id, (SELECT jsonb_build_object('id', t.id, 'name', t.name, 'color', t.color) FROM entity_type t
            WHERE t.tenant_id = $tenant AND t.id = r.type_id) AS type,
          r."offset", r.length, r.confidence, run_of_source(r.source_id) AS worker_run
        FROM transcription_entity r WHERE r.tenant_id = $tenant AND r.transcription_id = $id AND r.id = $entity
        """)
    static let update = Statement<PartialUpdateTranscriptionEntity, NoRow>(
        "partial_update_transcription_entity",
        "SELECT change_transcription_entity($id, $entity, checked.body) FROM \(JSONBody<PartialUpdateTranscriptionEntity.Content>.checked())"
    )
    static let destroy = Statement<EntityInTranscription, NoRow>(
        "destroy_transcription_entity", "SELECT destroy_transcription_entity($id, $entity)")

    static let editing: [Operation] = [
        Operation(
            "PartialUpdateTranscriptionEntity", .patch, "/api/v1/transcription/{id}/entities/{entity}/", "Change an entity by hand",
            rule: .level(.contributor, on: .transcription, \.id)
        ) { (input: PartialUpdateTranscriptionEntity, scope: Scope) -> Reply<TranscriptionEntityRow> in
            let place = EntityInTranscription(id: input.id, entity: input.entity)
            return try .row(await scope.run([scope.call(update, input), scope.call(retrieve, place)])[1])
        },
        Operation(
            "DestroyTranscriptionEntity", .delete, "/api/v1/transcription/{id}/entities/{entity}/", "Delete an entity from a transcription",
            rule: .level(.contributor, on: .transcription, \.id), nothing: destroy),
    ]
}
