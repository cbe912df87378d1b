import HTTPTypes
import Postgres
import Shapes
import Tenancy
import Web

/// Text that was read on an element.
struct TranscriptionRow: Decodable, Sendable {
    var id: ID<Transcription>
    var text: String
    var confidence: Double?
    var orientation: Orientation
    var element: TranscribedElement?
    var worker_run: RunSummary?
    var worker_run_id: ID<WorkerRun>?
    var detached_from: RunSummary?
    var edited: Edit?
}

struct TranscribedElement: Decodable, Sendable {
    var id: ID<Element>
    var type: String
    var name: String
    var zone: Zone?
}

struct ListTranscriptions: Codable, Sendable, Paged {
    var id: ID<Element>
    var recursive: Bool?
    var element_type: String?
    var worker_run: RunFilter?
    var worker_version: RunFilter?
    var page: Int?
    var page_size: Int?
}

extension TranscriptionRow {
    /// Of the element, or with recursive of everything below it too, in the order of the tree.
    private static let matching = """
        FROM (SELECT $id::uuid AS element_id, ''::bytea AS key
            UNION ALL
            (SELECT DISTINCT ON (p.element_id) p.element_id, p.key FROM \(Places.folder) JOIN element_path p ON \(Places.isBelow("p"))
            WHERE $recursive::boolean ORDER BY p.element_id, p.key)) AS place
          JOIN transcription r ON r.tenant_id = $tenant AND r.element_id = place.element_id
          JOIN element e ON e.tenant_id = $tenant AND e.id = r.element_id \(ElementSQL.type)
        WHERE ($element_type::text IS NULL OR t.slug = lower($element_type))
          AND \(ElementList.made(by: "worker_run", "r.source_id", "r.detached_from"))
          AND \(ElementList.made(byVersion: "worker_version", "r.source_id"))
        """

    static let list = Statement<ListTranscriptions, TranscriptionRow>(
        "list_transcriptions",
        """
        SELECT r.id, r.text, r.confidence, r.orientation, author.id AS worker_run_id,
          CASE WHEN author.id IS NOT NULL THEN json_build_object('id', author.id, 'summary', author.summary) END AS worker_run,
          CASE WHEN r.kept AND author.id IS NULL AND (r.source_id <> 0 OR r.detached_from IS NOT NULL)
            THEN detached_from(r.source_id, r.detached_from) END AS detached_from,
          \(ElementSQL.edit(of: "r")) AS edited,
          CASE WHEN $recursive::boolean THEN json_build_object('id', e.id, 'type', t.slug, 'name', e.name, 'zone', \(ElementSQL.zone)) END AS element
        FROM (SELECT r.*, place.key AS place \(matching) ORDER BY place.key, r.id LIMIT $limit OFFSET $offset) AS r
          JOIN element e ON e.tenant_id = $tenant AND e.id = r.element_id \(ElementSQL.joins)
          LEFT JOIN source origin ON origin.tenant_id = $tenant AND origin.id = r.source_id AND origin.id <> ALL (hidden_sources())
          LEFT JOIN worker_run author ON author.tenant_id = $tenant AND author.id = origin.worker_run_id
        ORDER BY r.place, r.id
        """)
    static let count = Statement<ListTranscriptions, Count>("count_transcriptions", "SELECT count(*) \(matching)")
}

struct CreateTranscription: Codable, Sendable, TakesUndecodedBody {
    struct Content: Codable, Sendable {
        var text: NonEmptyText
        var worker_run_id: ID<WorkerRun>?
        var confidence: Confidence?
        var orientation: Orientation?
    }
    var id: ID<Element>
    var body: JSONBody<Content>
}

struct CreatedTranscription: Decodable, Sendable {
    var id: ID<Transcription>
    var text: String
    var confidence: Double?
    var orientation: Orientation
    var worker_run_id: ID<WorkerRun>?
}

extension CreateTranscription {
    static let statement = Statement<CreateTranscription, CreatedTranscription>(
        "create_transcription",
        """
        SELECT made.id, made.text, made.confidence, made.orientation, checked.body->>'worker_run_id' AS worker_run_id
        FROM \(JSONBody<Content>.checked()), publish_transcriptions((checked.body->>'worker_run_id')::uuid,
          jsonb_build_array(checked.body || jsonb_build_object('element_id', $id::uuid))) AS made
        """)
}

struct CreateTranscriptions: Codable, Sendable, TakesUndecodedBody {
    struct Content: Codable, Sendable {
        struct Item: Codable, Sendable {
            var element_id: ID<Element>
            var text: NonEmptyText
            var confidence: Confidence?
            var orientation: Orientation?
        }
        var worker_run_id: ID<WorkerRun>?
        var transcriptions: Items<Item>
    }
    var body: JSONBody<Content>
}

struct CreatedTranscriptions: Decodable, Sendable {
    struct Item: Decodable, Sendable {
        var id: ID<Transcription>
        var element_id: ID<Element>
        var text: String
        var confidence: Double?
        var orientation: Orientation
    }
    var worker_run_id: ID<WorkerRun>?
    var transcriptions: [Item]
}

extension CreateTranscriptions {
    static let statement = Statement<CreateTranscriptions, CreatedTranscriptions>(
        "create_transcriptions",
        """
        SELECT checked.body->>'worker_run_id' AS worker_run_id, (SELECT json_agg(made) FROM publish_transcriptions(
          (checked.body->>'worker_run_id')::uuid, checked.body->'transcriptions') AS made) AS transcriptions
        FROM \(JSONBody<Content>.checked())
        """)
}

struct CreateElementTranscriptions: Codable, Sendable, TakesUndecodedBody {
    struct Content: Codable, Sendable {
        struct Item: Codable, Sendable {
            var polygon: Polygon
            var text: NonEmptyText
            var confidence: Confidence?
            var orientation: Orientation?
            var element_confidence: Confidence?
        }
        var element_type: TypeSlug
        var worker_run_id: ID<WorkerRun>?
        var transcriptions: Items<Item>
        /// Accepted for the clients that send it; the elements are always told.
        var return_elements: Bool?
    }
    var id: ID<Element>
    var body: JSONBody<Content>
}

struct TranscribedZone: Decodable, Sendable {
    var id: ID<Transcription>
    var element_id: ID<Element>
    /// False where a child with the same polygon was there already.
    var created: Bool
}

extension CreateElementTranscriptions {
    static let statement = Statement<CreateElementTranscriptions, TranscribedZone>(
        "create_element_transcriptions",
        """
        SELECT made.* FROM \(JSONBody<Content>.checked()), publish_element_transcriptions((checked.body->>'worker_run_id')::uuid, $id,
          lower(checked.body->>'element_type'), checked.body->'transcriptions') AS made
        """)
}

extension TranscriptionRow {
    static let operations: [Operation] = [
        Operation(
            "CreateTranscription", .post, "/api/v1/element/{id}/transcription/", "Add a transcription to an element",
            rule: .level(.contributor, on: .element, \.id), status: .created, one: CreateTranscription.statement),
        // The elements are in the body, which only the database reads; publishing checks the level on their corpus.
        Operation(
            "CreateTranscriptions", .post, "/api/v1/transcription/bulk/", "Add transcriptions to many elements, all or none",
            rule: .signedIn.asking(.contributor, on: .element), status: .created, one: CreateTranscriptions.statement),
        Operation(
            "CreateElementTranscriptions", .post, "/api/v1/element/{id}/transcriptions/bulk/",
            "Make elements below one, each with a transcription, all or none", rule: .level(.contributor, on: .element, \.id),
            status: .created, list: CreateElementTranscriptions.statement),
        Operation(
            "ListTranscriptions", "/api/v1/element/{id}/transcriptions/", "The transcriptions of an element",
            rule: .level(.guest, on: .element, \.id), page: list, count: count),
    ]
}
