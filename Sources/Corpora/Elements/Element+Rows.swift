import Postgres
import Shapes
import Tenancy
import Web

/// SQL that several statements about elements share. `e` is the element, `t` its type.
///
/// Whatever a page of elements needs comes by joins: functions with queries in them would be run for each row.
enum ElementSQL {
    static let summary = """
        e.id, t.slug AS type, e.name, e.rotation_angle, e.mirrored, e.confidence, e.created,
          CASE WHEN run.id IS NOT NULL THEN json_build_object('id', run.id, 'summary', run.summary) END AS worker_run,
          CASE WHEN e.kept AND run.id IS NULL AND (e.source_id <> 0 OR e.detached_from IS NOT NULL)
            THEN detached_from(e.source_id, e.detached_from) END AS detached_from
        """

    /// Where the element lies; null for elements without an image.
    static let zone = """
        CASE WHEN image.id IS NOT NULL THEN json_build_object('id', e.id, 'polygon', array_to_json(e.polygon),
            'url', address.crop || CASE server.version WHEN 3 THEN '/max/0/default.jpg' ELSE '/full/0/default.jpg' END,
            'image', json_build_object('id', image.id, 'path', image.path, 'url', address.image, 'width', image.width, 'height', image.height,
              'status', image.status, 's3_url', NULL, 's3_put_url', NULL,
              'server', json_build_object('url', image_server_address(server.local, server.url), 'display_name', server.display_name, 'max_width', server.max_width,
                'max_height', server.max_height, 'version', server.version))) END
        """

    /// The crop as an icon, or null.
    static let thumbnail = "address.crop || '/,128/0/default.jpg' AS thumbnail_url"

    /// What the columns above are made from.
    static let joins = """
        JOIN element_type t ON t.tenant_id = $tenant AND t.corpus_id = e.corpus_id AND t.number = e.type_number
          LEFT JOIN source made ON made.tenant_id = $tenant AND made.id = e.source_id AND made.id <> ALL (hidden_sources())
          LEFT JOIN worker_run run ON run.tenant_id = $tenant AND run.id = made.worker_run_id
          LEFT JOIN image ON image.tenant_id = $tenant AND image.id = e.image_id
          LEFT JOIN image_server server ON server.tenant_id = $tenant AND server.id = image.server_id
          LEFT JOIN LATERAL (SELECT greatest(least(min(x), image.width - 1), 0) AS x, max(x) AS right_x,
              greatest(least(min(y), image.height - 1), 0) AS y, max(y) AS bottom_y
            FROM generate_subscripts(e.polygon, 1) AS n CROSS JOIN LATERAL (SELECT e.polygon[n][1] AS x, e.polygon[n][2] AS y) AS point
          ) AS box ON image.id IS NOT NULL
          CROSS JOIN image_signer() AS signer
          LEFT JOIN LATERAL (SELECT whole.url AS image, whole.url || '/' || box.x || ',' || box.y || ','
              || greatest(box.right_x - box.x, 1) || ',' || greatest(box.bottom_y - box.y, 1) AS crop
            FROM (SELECT image_address(image.id, server.local, server.url, image.path, signer.beginning, signer.inner_pad, signer.outer_pad) AS url)
              AS whole) AS address ON image.id IS NOT NULL
        """

    /// The last change of a row by a person, or null.
    static func edit(of row: String) -> String {
        """
        CASE WHEN \(row).edited_at IS NOT NULL THEN json_build_object('by', (SELECT u.display_name FROM user_account u
            WHERE u.tenant_id = $tenant AND u.id = \(row).edited_by), 'at', \(row).edited_at) END
        """
    }

    static let corpus =
        "(SELECT json_build_object('id', c.id, 'name', c.name, 'public', c.public) FROM corpus c "
        + "WHERE c.tenant_id = $tenant AND c.id = e.corpus_id)"

    static let classifications = """
        coalesce((SELECT json_agg(json_build_object('id', r.id, 'ml_class', json_build_object('id', m.id, 'name', m.name),
            'state', r.state, 'confidence', r.confidence, 'high_confidence', r.high_confidence,
            'worker_run', run_of_source(r.source_id), 'edited', \(edit(of: "r")), 'worker_version', NULL) ORDER BY r.confidence DESC NULLS LAST, r.id)
          FROM classification r JOIN ml_class m ON m.tenant_id = $tenant AND m.id = r.ml_class_id
          WHERE r.tenant_id = $tenant AND r.element_id = e.id), '[]')
        """

    static let metadata = """
        coalesce((SELECT json_agg(json_build_object('id', r.id, 'type', r.type, 'name', r.name, 'value', r.value, 'dates', '[]'::json,
            'worker_run', run_of_source(r.source_id), 'edited', \(edit(of: "r"))) ORDER BY r.id)
          FROM metadata r WHERE r.tenant_id = $tenant AND r.element_id = e.id), '[]')
        """

    static let type = "JOIN element_type t ON t.tenant_id = $tenant AND t.corpus_id = e.corpus_id AND t.number = e.type_number"
}

extension ElementRow {
    static let retrieve = Statement<OnlyID<Element>, ElementRow>(
        "retrieve_element",
        """
        SELECT \(ElementSQL.summary), \(ElementSQL.corpus) AS corpus, \(ElementSQL.zone) AS zone, \(ElementSQL.thumbnail),
          (SELECT u.display_name FROM user_account u WHERE u.tenant_id = $tenant AND u.id = e.creator_id) AS creator,
          rights_of(corpus_level(e.corpus_id)) AS rights,
          \(ElementSQL.edit(of: "e")) AS edited,
          \(ElementSQL.classifications) AS classifications, \(ElementSQL.metadata) AS metadata
        FROM element e \(ElementSQL.joins)
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

/// The same as ``PartialUpdateElement``, with what every element has. What is left out stays as it is.
struct UpdateElement: Codable, Sendable, TakesUndecodedBody {
    struct Content: Codable, Sendable {
        var type: TypeSlug
        var name: Name
        var image: ID<Image>?
        var polygon: Polygon?
        var confidence: Confidence?
        var rotation_angle: Angle?
        var mirrored: Bool?
    }
    var id: ID<Element>
    var body: JSONBody<Content>
}

extension UpdateElement {
    static let statement = Statement<UpdateElement, NoRow>(
        "update_element", "SELECT change_element($id, checked.body) FROM \(JSONBody<Content>.checked())")
}

extension PartialUpdateElement {
    static let statement = Statement<PartialUpdateElement, NoRow>(
        "partial_update_element", "SELECT change_element($id, checked.body) FROM \(JSONBody<Content>.checked())")
}
