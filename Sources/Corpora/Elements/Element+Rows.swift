import Postgres
import Shapes
import Tenancy
import Web

/// SQL that several statements about elements share. `e` is the element, `t` its type.
enum ElementSQL {
    static let summary = """
        e.id, t.slug AS type, e.name, e.rotation_angle, e.mirrored, e.confidence, run_of_source(e.source_id) AS worker_run,
          detached_from(e.source_id, e.detached_from) AS detached_from, e.created
        """

    /// The crop as an icon, or null.
    static let thumbnail = """
        (SELECT replace(z.url, '/full/0/', '/,128/0/') FROM jsonb_to_record(zone(e.id, e.image_id, e.polygon)) AS z (url text))
          AS thumbnail_url
        """

    static let corpus =
        "(SELECT jsonb_build_object('id', c.id, 'name', c.name, 'public', c.public) FROM corpus c "
        + "WHERE c.tenant_id = $tenant AND c.id = e.corpus_id)"

    static let classifications = """
        coalesce((SELECT jsonb_agg(jsonb_build_object('id', r.id, 'ml_class', jsonb_build_object('id', m.id, 'name', m.name),
            'state', r.state, 'confidence', r.confidence, 'high_confidence', r.high_confidence,
            'worker_run', run_of_source(r.source_id), 'worker_version', NULL) ORDER BY r.confidence DESC NULLS LAST, r.id)
          FROM classification r JOIN ml_class m ON m.tenant_id = $tenant AND m.id = r.ml_class_id
          WHERE r.tenant_id = $tenant AND r.element_id = e.id), '[]')
        """

    static let metadata = """
        coalesce((SELECT jsonb_agg(jsonb_build_object('id', r.id, 'type', r.type, 'name', r.name, 'value', r.value, 'dates', '[]'::jsonb,
            'worker_run', run_of_source(r.source_id)) ORDER BY r.id)
          FROM metadata r WHERE r.tenant_id = $tenant AND r.element_id = e.id), '[]')
        """

    static let type = "JOIN element_type t ON t.tenant_id = $tenant AND t.corpus_id = e.corpus_id AND t.number = e.type_number"
}

extension ElementRow {
    static let retrieve = Statement<OnlyID<Element>, ElementRow>(
        "retrieve_element",
        """
        SELECT \(ElementSQL.summary), \(ElementSQL.corpus) AS corpus, zone(e.id, e.image_id, e.polygon) AS zone, \(ElementSQL.thumbnail),
          (SELECT u.display_name FROM user_account u WHERE u.tenant_id = $tenant AND u.id = e.creator_id) AS creator,
          to_jsonb(ARRAY(SELECT word FROM (VALUES ('read', 10), ('write', 50), ('admin', 100)) AS words (word, needed)
            WHERE needed <= coalesce(corpus_level(e.corpus_id), 0) ORDER BY needed)) AS rights,
          \(ElementSQL.classifications) AS classifications, \(ElementSQL.metadata) AS metadata
        FROM element e \(ElementSQL.type)
        WHERE e.tenant_id = $tenant AND e.id = $id
        """)
}

struct CreateElement: Codable, Sendable, TakesUndecodedBody {
    struct Content: Codable, Sendable {
        var type: TypeSlug
        var name: Name
        var corpus: ID<Corpus>
        var parent: ID<Element>?
        var image: ID<Image>?
        var polygon: Polygon?
        var worker_run_id: ID<WorkerRun>?
        var confidence: Confidence?
        var rotation_angle: Angle?
        var mirrored: Bool?
    }
    var body: JSONBody<Content>
}

/// Whole degrees, clockwise.
struct Angle: Leaf {
    let value: Int
    static let shape = Shape.integer(0...359)
    static let sample = Angle(value: 0)
    init(value: Int) { self.value = value }
}

extension CreateElement {
    /// Makes one element and shows it.
    static let statement = Statement<CreateElement, MadeElement>(
        "create_element",
        """
        SELECT made.id FROM \(JSONBody<Content>.checked()), publish_elements((checked.body->>'worker_run_id')::uuid,
          (checked.body->>'corpus')::uuid, (checked.body->>'parent')::uuid, jsonb_build_array(lowered_type(checked.body)), NULL) AS made
        """)
}

struct MadeElement: Codable, Sendable {
    var id: ID<Element>
}

struct CreateElements: Codable, Sendable, TakesUndecodedBody {
    struct Content: Codable, Sendable {
        struct Item: Codable, Sendable {
            var name: Name
            var type: TypeSlug
            var polygon: Polygon
            var confidence: Confidence?
        }
        var worker_run_id: ID<WorkerRun>?
        var elements: Items<Item>
    }
    /// The parent.
    var id: ID<Element>
    var body: JSONBody<Content>
}

/// A list of at least one and at most 100,000 items.
struct Items<Item: Codable & Sendable>: Codable, Sendable, Described {
    let items: [Item]
    static var shape: Shape { .array((try? Shape(recording: Item.self)) ?? .any, minimum: 1, maximum: 100_000) }
    static var sample: Items { Items(items: []) }

    private init(items: [Item]) { self.items = items }
    init(from decoder: any Decoder) throws { items = try decoder.singleValueContainer().decode([Item].self) }
    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(items)
    }
}

extension CreateElements {
    static let statement = Statement<CreateElements, MadeElement>(
        "create_elements",
        """
        SELECT made.id FROM \(JSONBody<Content>.checked()), publish_elements((checked.body->>'worker_run_id')::uuid,
          (SELECT e.corpus_id FROM element e WHERE e.tenant_id = $tenant AND e.id = $id), $id,
          (SELECT jsonb_agg(lowered_type(item)) FROM jsonb_array_elements(checked.body->'elements') AS item), '["elements"]') AS made
        """)
}

struct PartialUpdateElement: Codable, Sendable, TakesUndecodedBody {
    struct Content: Codable, Sendable {
        var type: TypeSlug?
        var name: Name?
        var image: ID<Image>?
        var polygon: Polygon?
        var confidence: Confidence?
        var rotation_angle: Angle?
        var mirrored: Bool?
    }
    var id: ID<Element>
    var body: JSONBody<Content>
}

extension PartialUpdateElement {
    static let statement = Statement<PartialUpdateElement, NoRow>(
        "partial_update_element", "SELECT change_element($id, checked.body) FROM \(JSONBody<Content>.checked())")
}
