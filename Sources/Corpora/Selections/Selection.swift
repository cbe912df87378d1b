import HTTPTypes
import Postgres
import Shapes
import Tenancy
import Web

struct ListSelection: Codable, Sendable, Paged {
    var corpus: ID<Corpus>?
    var type: String?
    var with_classes: Bool?
    var with_corpus: Bool?
    var with_metadata: Bool?
    var with_has_children: Bool?
    var with_zone: Bool?
    var page: Int?
    var page_size: Int?
}

struct AddSelection: Codable, Sendable {
    struct Content: Codable, Sendable {
        var ids: [ID<Element>]
    }
    var body: Content
}

/// An empty body takes out everything.
struct RemoveSelection: Codable, Sendable, TakesNothingElse {
    struct Content: Codable, Sendable {
        var id: ID<Element>?
        var corpus: ID<Corpus>?
    }
    var body: Content
}

/// Elements that a person has marked, for themselves alone.
enum Selection {
    /// Those that can still be seen, in corpora that can.
    private static let selected = """
        FROM selected_element s
          JOIN element e ON e.tenant_id = $tenant AND e.id = s.element_id \(ElementSQL.type)
        WHERE s.tenant_id = $tenant AND s.user_id = own_user() AND ($corpus::uuid IS NULL OR s.corpus_id = $corpus::uuid)
          AND ($type::text IS NULL OR t.slug = lower($type))
          AND s.corpus_id = ANY (ARRAY(SELECT c.id FROM corpus c WHERE c.tenant_id = $tenant AND corpus_level(c.id) IS NOT NULL))
        """
    static let list = Statement<ListSelection, ElementItem>(
        "list_selection",
        ElementList.decorated(
            """
            SELECT e.id, row_number() OVER (ORDER BY s.corpus_id, s.created, e.id) AS place \(selected)
            ORDER BY s.corpus_id, s.created, e.id LIMIT $limit OFFSET $offset
            """))
    static let count = Statement<ListSelection, Count>("count_selection", "SELECT count(*) \(selected)")
    static let add = Statement<AddSelection, NoRow>("add_selection", "SELECT add_to_selection($body.ids::uuid[])")
    static let remove = Statement<RemoveSelection, NoRow>("remove_selection", "SELECT remove_from_selection($body.id, $body.corpus)")

    static let operations: [Operation] = [
        Operation(
            "ListSelection", "/api/v1/elements/selection/", "The elements that the caller has selected", rule: .person.own,
            page: list, count: count),
        Operation(
            "AddSelection", .post, "/api/v1/elements/selection/", "Select elements", rule: .person.asking(.guest, on: .element),
            nothing: add),
        Operation(
            "RemoveSelection", .delete, "/api/v1/elements/selection/",
            "Take an element out of the selection, or those of a project, or with an empty body everything", rule: .person.own,
            nothing: remove),
    ]
}
