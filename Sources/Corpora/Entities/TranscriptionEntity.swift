import HTTPTypes
import Postgres
import Shapes
import Tenancy
import Web

/// A place in a text, in characters from its start.
struct Offset: Leaf {
    let value: Int
    static let shape = Shape.integer(0...1_000_000_000)
    static let sample = Offset(value: 0)
    init(value: Int) { self.value = value }
}

/// How many characters.
struct Length: Leaf {
    let value: Int
    static let shape = Shape.integer(1...1_000_000_000)
    static let sample = Length(value: 1)
    init(value: Int) { self.value = value }
}

struct CreateTranscriptionEntity: Codable, Sendable, TakesUndecodedBody {
    struct Content: Codable, Sendable {
        var type_id: ID<EntityType>
        var offset: Offset
        var length: Length
        var worker_run_id: ID<WorkerRun>?
        var confidence: Confidence?
    }
    var id: ID<Transcription>
    var body: JSONBody<Content>
}

/// A stretch of a transcription that names something.
struct TranscriptionEntityRow: Decodable, Sendable {
    struct Kind: Decodable, Sendable {
        var id: ID<EntityType>
        var name: String
        var color: String
    }
    var id: String
    var type: Kind
    var offset: Int
    var length: Int
    var confidence: Double?
    var worker_run: RunSummary?
}

struct CreatedTranscriptionEntity: Decodable, Sendable {
    var id: String
    var type: TranscriptionEntityRow.Kind
    var type_id: ID<EntityType>
    var offset: Int
    var length: Int
    var confidence: Double?
    var worker_run_id: ID<WorkerRun>?
}

extension CreateTranscriptionEntity {
    static let statement = Statement<CreateTranscriptionEntity, CreatedTranscriptionEntity>(
        "create_transcription_entity",
        """
        SELECT made.*, checked.body->>'worker_run_id' AS worker_run_id FROM \(JSONBody<Content>.checked()),
          publish_transcription_entities((checked.body->>'worker_run_id')::uuid, $id, jsonb_build_array(checked.body), NULL) AS made
        """)
}

struct CreateTranscriptionEntities: Codable, Sendable, TakesUndecodedBody {
    struct Content: Codable, Sendable {
        struct Item: Codable, Sendable {
            var type_id: ID<EntityType>
            var offset: Offset
            var length: Length
            var confidence: Confidence?
        }
        var worker_run_id: ID<WorkerRun>?
        var transcription_entities: Items<Item>
    }
    var id: ID<Transcription>
    var body: JSONBody<Content>
}

struct CreatedTranscriptionEntities: Decodable, Sendable {
    struct Item: Decodable, Sendable {
        var id: String
        var type: TranscriptionEntityRow.Kind
        var type_id: ID<EntityType>
        var offset: Int
        var length: Int
        var confidence: Double?
    }
    var worker_run_id: ID<WorkerRun>?
    var transcription_entities: [Item]
}

extension CreateTranscriptionEntities {
    static let statement = Statement<CreateTranscriptionEntities, CreatedTranscriptionEntities>(
        "create_transcription_entities",
        """
        SELECT checked.body->>'worker_run_id' AS worker_run_id, (SELECT json_agg(made) FROM publish_transcription_entities(
          (checked.body->>'worker_run_id')::uuid, $id, checked.body->'transcription_entities', '["transcription_entities"]') AS made)
            AS transcription_entities
        FROM \(JSONBody<Content>.checked())
        """)
}

struct ListTranscriptionEntities: Codable, Sendable, Paged {
    var id: ID<Transcription>
    var worker_run: RunFilter?
    var worker_version: RunFilter?
    var page: Int?
    var page_size: Int?
}

extension TranscriptionEntityRow {
    private static let matching = """
        FROM transcription_entity r WHERE r.tenant_id = $tenant AND r.transcription_id = $id
          AND \(ElementList.made(by: "worker_run", "r.source_id", "r.detached_from"))
          AND \(ElementList.made(byVersion: "worker_version", "r.source_id"))
        """
    static let list = Statement<ListTranscriptionEntities, TranscriptionEntityRow>(
        "list_transcription_entities",
        """
        SELECT r.id, (SELECT jsonb_build_object('id', t.id, 'name', t.name, 'color', t.color) FROM entity_type t
            WHERE t.tenant_id = $tenant AND t.id = r.type_id) AS type,
          r."offset", r.length, r.confidence, run_of_source(r.source_id) AS worker_run
        \(matching) ORDER BY r."offset", r.length DESC, r.id LIMIT $limit OFFSET $offset
        """)
    static let count = Statement<ListTranscriptionEntities, Count>("count_transcription_entities", "SELECT count(*) \(matching)")

    static let operations: [Operation] = [
        Operation(
            "CreateTranscriptionEntity", .post, "/api/v1/transcription/{id}/entities/", "Mark an entity in a transcription",
            rule: .level(.contributor, on: .transcription, \.id), status: .created, one: CreateTranscriptionEntity.statement),
        Operation(
            "CreateTranscriptionEntities", .post, "/api/v1/transcription/{id}/entities/bulk/",
            "Mark entities in a transcription, all or none", rule: .level(.contributor, on: .transcription, \.id), status: .created,
            one: CreateTranscriptionEntities.statement),
        Operation(
            "ListTranscriptionEntities", "/api/v1/transcription/{id}/entities/", "The entities of a transcription",
            rule: .level(.guest, on: .transcription, \.id), page: list, count: count),
    ]
}
