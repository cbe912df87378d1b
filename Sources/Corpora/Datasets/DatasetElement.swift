import HTTPTypes
import Postgres
import Tenancy
import Web

/// An element in a set.
struct DatasetElementRow: Decodable, Sendable {
    /// As lists have it, with all that training reads beside.
    struct Content: Decodable, Sendable {
        var id: ID<Element>
        var type: String
        var name: String
        var corpus: CorpusSummary?
        var zone: Zone?
        var rotation_angle: Int
        var mirrored: Bool
        var confidence: Double?
        var worker_run: RunSummary?
        var detached_from: RunSummary?
        var thumbnail_url: String?
        var created: String
        var has_children: Bool
        var classes: [ClassificationSummary]
        var metadata: [MetadataSummary]
        var transcriptions: [DatasetTranscription]
    }
    var set: String
    var element: Content
}

struct DatasetTranscription: Decodable, Sendable {
    var id: ID<Transcription>
    var text: String
    var confidence: Double?
    var orientation: String
    var worker_run: RunSummary?
}

struct ListDatasetElements: Codable, Sendable, Cursored {
    var id: ID<Dataset>
    var set: SetName?
    var cursor: String?
    var page_size: Int?
    var with_count: Bool?
}

struct CreateDatasetElement: Codable, Sendable {
    struct Content: Codable, Sendable {
        var set: SetName
        var element_id: ID<Element>
    }
    var id: ID<Dataset>
    var body: Content
}

struct DestroyDatasetElement: Codable, Sendable {
    var dataset: ID<Dataset>
    var element: ID<Element>
    var set: SetName
}

/// One of a set's elements, to be shown.
struct OneDatasetElement: Codable, Sendable {
    var dataset: ID<Dataset>
    var set: SetName
    var element: ID<Element>
}

extension DatasetElementRow {
    private static let transcriptions = """
        coalesce((SELECT json_agg(json_build_object('id', r.id, 'text', r.text, 'confidence', r.confidence, 'orientation', r.orientation,
            'worker_run', run_of_source(r.source_id)) ORDER BY r.id)
          FROM transcription r WHERE r.tenant_id = $tenant AND r.element_id = e.id), '[]')
        """

    /// The rows of `chosen` (`set_name`, `place`, `element_id`), each with its element.
    private static func decorated(_ chosen: String) -> String {
        """
        WITH chosen AS MATERIALIZED (\(chosen))
        SELECT chosen.set_name AS set, row_to_json(shown) AS element, chosen.place AS cursor_key
        FROM chosen CROSS JOIN LATERAL (
          SELECT \(ElementSQL.summary), \(ElementSQL.thumbnail), \(ElementSQL.corpus) AS corpus, \(ElementSQL.zone) AS zone,
            EXISTS (SELECT FROM element_path p WHERE p.tenant_id = $tenant AND p.parent_id = e.id) AS has_children,
            \(ElementSQL.classifications) AS classes, \(ElementSQL.metadata) AS metadata, \(transcriptions) AS transcriptions
          FROM element e \(ElementSQL.joins) WHERE e.tenant_id = $tenant AND e.id = chosen.element_id) AS shown
        ORDER BY chosen.place
        """
    }

    /// Elements that a deletion has hidden are in no set.
    private static let matching = """
        FROM dataset_set s JOIN dataset_element m ON m.tenant_id = $tenant AND m.set_id = s.id
          JOIN element e ON e.tenant_id = $tenant AND e.id = m.element_id
        WHERE s.tenant_id = $tenant AND s.dataset_id = $id AND ($set::text IS NULL OR s.name = $set)
        """
    static let list = Statement<ListDatasetElements, DatasetElementRow>(
        "list_dataset_elements",
        decorated(
            """
            SELECT s.name AS set_name, m.element_id, m.set_id::text || m.element_id::text AS place \(matching)
              AND ($after::text IS NULL OR (m.set_id, m.element_id) > (left($after, 36)::uuid, substr($after, 37)::uuid))
            ORDER BY m.set_id, m.element_id LIMIT $limit
            """))
    static let count = Statement<ListDatasetElements, Count>("count_dataset_elements", "SELECT count(*) \(matching)")
    static let retrieve = Statement<OneDatasetElement, DatasetElementRow>(
        "retrieve_dataset_element",
        decorated(
            """
            SELECT s.name AS set_name, m.element_id, '' AS place FROM dataset_set s
              JOIN dataset_element m ON m.tenant_id = $tenant AND m.set_id = s.id AND m.element_id = $element
            WHERE s.tenant_id = $tenant AND s.dataset_id = $dataset AND s.name = $set
            """))
    static let create = Statement<CreateDatasetElement, NoRow>(
        "create_dataset_element", "SELECT add_dataset_element($id, $body.set, $body.element_id)")
    static let destroy = Statement<DestroyDatasetElement, NoRow>(
        "destroy_dataset_element", "SELECT remove_dataset_element($dataset, $element, $set)")

    static let operations: [Operation] = [
        Operation(
            "ListDatasetElements", "/api/v1/datasets/{id}/elements/", "The elements of a dataset, or of one of its sets",
            rule: .level(.guest, on: .dataset, \.id), cursor: list, count: count),
        Operation(
            "CreateDatasetElement", .post, "/api/v1/datasets/{id}/elements/", "Put an element into a set",
            rule: .level(.contributor, on: .dataset, \.id), status: .created
        ) { (input: CreateDatasetElement, scope: Scope) -> Reply<DatasetElementRow> in
            let one = OneDatasetElement(dataset: input.id, set: input.body.set, element: input.body.element_id)
            let rows = try await scope.run([scope.call(create, input), scope.call(retrieve, one)])
            return try .row(rows[1])
        },
        Operation(
            "DestroyDatasetElement", .delete, "/api/v1/datasets/{dataset}/elements/{element}/", "Take an element out of a set",
            rule: .level(.contributor, on: .dataset, \.dataset), nothing: destroy),
    ]
}
