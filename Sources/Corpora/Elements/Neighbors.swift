import Postgres
import Tenancy
import Web

/// What comes before and after an element in one of the elements that it is in.
struct ElementNeighbors: Decodable, Sendable {
    struct Card: Decodable, Sendable {
        var id: ID<Element>
        var type: String
        var name: String
    }
    /// From the top down to the element that all of them are in.
    var path: [Card]
    var previous: Card?
    var next: Card?
}

extension ElementNeighbors {
    private static let card = "jsonb_build_object('id', e.id, 'type', t.slug, 'name', e.name)"

    /// The one next to the element in its parent's order; what is hidden is passed over. Straight from an index, however many there are.
    private static func neighbor(_ comparison: String, _ direction: String) -> String {
        """
        (SELECT \(card) FROM element_path p JOIN element e ON e.tenant_id = $tenant AND e.id = p.element_id \(ElementSQL.type)
          WHERE p.tenant_id = $tenant AND p.parent_id = place.parent_id AND (p.ordering, p.element_id) \(comparison) (place.ordering, $id)
          ORDER BY p.ordering \(direction), p.element_id \(direction) LIMIT 1)
        """
    }

    static let list = Statement<OnlyID<Element>, ElementNeighbors>(
        "list_element_neighbors",
        """
        SELECT (SELECT jsonb_agg(\(card) ORDER BY a.key) FROM \(Places.above("place"))
            JOIN element e ON e.tenant_id = $tenant AND e.id = a.element_id \(ElementSQL.type)) AS path,
          \(neighbor("<", "DESC")) AS previous, \(neighbor(">", "ASC")) AS next
        FROM (SELECT DISTINCT ON (p.parent_id) p.parent_id, p.ordering, p.corpus_id, p.key FROM element_path p
            JOIN element parent ON parent.tenant_id = $tenant AND parent.id = p.parent_id
            WHERE p.tenant_id = $tenant AND p.element_id = $id ORDER BY p.parent_id, p.key) AS place
        ORDER BY place.key
        """)
}
