import HTTPTypes
import Postgres
import Shapes
import Tenancy
import Web

/// What a metadata's value is.
enum MetadataType: String, Codable, Sendable, CaseIterable, Described {
    case text, markdown, date, location, reference, numeric, url
    static let sample = MetadataType.text
}

/// Text, or a number that is kept as text.
struct MetadataValue: Codable, Sendable, Described {
    static let shape = Shape.any
    static let sample = MetadataValue()
    private init() {}
    init(from decoder: any Decoder) throws { self.init() }
    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encodeNil()
    }
}

struct CreateMetaData: Codable, Sendable, TakesUndecodedBody {
    struct Content: Codable, Sendable {
        var type: MetadataType
        var name: Name
        var value: MetadataValue
        var worker_run_id: ID<WorkerRun>?
    }
    var id: ID<Element>
    var body: JSONBody<Content>
}

struct CreatedMetaData: Decodable, Sendable {
    var id: ID<MetaData>
    var type: String
    var name: String
    var value: String
    var dates: [JSONValue]
    var worker_run_id: ID<WorkerRun>?
}

extension CreateMetaData {
    static let statement = Statement<CreateMetaData, CreatedMetaData>(
        "create_metadata",
        """
        SELECT made.*, checked.body->>'worker_run_id' AS worker_run_id FROM \(JSONBody<Content>.checked()),
          publish_metadata((checked.body->>'worker_run_id')::uuid, $id, jsonb_build_array(checked.body), NULL) AS made
        """)
}

struct CreateMetaDataBulk: Codable, Sendable, TakesUndecodedBody {
    struct Content: Codable, Sendable {
        struct Item: Codable, Sendable {
            var type: MetadataType
            var name: Name
            var value: MetadataValue
        }
        var worker_run_id: ID<WorkerRun>?
        var metadata_list: Items<Item>
    }
    var id: ID<Element>
    var body: JSONBody<Content>
}

struct CreatedMetaDataBulk: Decodable, Sendable {
    struct Item: Decodable, Sendable {
        var id: ID<MetaData>
        var type: String
        var name: String
        var value: String
        var dates: [JSONValue]
    }
    var worker_run_id: ID<WorkerRun>?
    var metadata_list: [Item]
}

extension CreateMetaDataBulk {
    static let statement = Statement<CreateMetaDataBulk, CreatedMetaDataBulk>(
        "create_metadata_bulk",
        """
        SELECT checked.body->>'worker_run_id' AS worker_run_id, (SELECT json_agg(made) FROM publish_metadata(
          (checked.body->>'worker_run_id')::uuid, $id, checked.body->'metadata_list', '["metadata_list"]') AS made) AS metadata_list
        FROM \(JSONBody<Content>.checked())
        """)
}

struct ListElementMetaData: Codable, Sendable {
    var id: ID<Element>
    /// Also those of everything above the element.
    var load_parents: Bool?
}

extension MetadataSummary {
    static let list = Statement<ListElementMetaData, MetadataSummary>(
        "list_element_metadata",
        """
        SELECT r.id, r.type, r.name, r.value, '[]'::jsonb AS dates, run_of_source(r.source_id) AS worker_run,
          \(ElementSQL.edit(of: "r")) AS edited
        FROM metadata r WHERE r.tenant_id = $tenant AND r.element_id IN (
          SELECT $id::uuid
          UNION
          SELECT a.element_id FROM element_path p CROSS JOIN \(Places.above("p"))
          WHERE p.tenant_id = $tenant AND p.element_id = $id AND $load_parents::boolean)
        ORDER BY r.id
        """)

    static let operations: [Operation] = [
        Operation(
            "CreateMetaData", .post, "/api/v1/element/{id}/metadata/", "Add a metadata to an element",
            rule: .level(.contributor, on: .element, \.id), status: .created, one: CreateMetaData.statement),
        Operation(
            "CreateMetaDataBulk", .post, "/api/v1/element/{id}/metadata/bulk/", "Add metadata to an element, all or none",
            rule: .level(.contributor, on: .element, \.id), status: .created, one: CreateMetaDataBulk.statement),
        Operation(
            "ListElementMetaData", .get, "/api/v1/element/{id}/metadata/", "The metadata of an element",
            rule: .level(.guest, on: .element, \.id), list: list),
    ]
}
