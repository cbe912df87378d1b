import HTTPTypes
import Postgres
import Tenancy
import Web

/// A link between two elements.
struct Link: Codable, Sendable {
    var child: ID<Element>
    var parent: ID<Element>
}

struct CreateElementChildren: Codable, Sendable {
    struct Content: Codable, Sendable { var children: [ID<Element>] }
    var id: ID<Element>
    var body: Content
}

struct LinkedChildren: Codable, Sendable {
    var children: [ID<Element>]
}

enum Hierarchy {
    static let link = Statement<Link, Link>(
        "create_element_parent",
        "SELECT $child::uuid AS child, $parent::uuid AS parent FROM link_elements($parent, ARRAY[$child::uuid], '[\"child\"]')")
    static let unlink = Statement<Link, NoRow>("destroy_element_parent", "SELECT unlink_element($parent, $child)")
    static let linkChildren = Statement<CreateElementChildren, LinkedChildren>(
        "create_element_children",
        "SELECT to_jsonb($body.children::uuid[]) AS children FROM link_elements($id, $body.children::uuid[], '[\"children\"]')")

    static let operations: [Operation] = [
        Operation(
            "CreateElementParent", .post, "/api/v1/element/{child}/parent/{parent}/", "Put an element below another one as well",
            rule: .level(.contributor, on: .element, \.child), status: .created, one: link),
        Operation(
            "DestroyElementParent", .delete, "/api/v1/element/{child}/parent/{parent}/", "Take an element out from below another one",
            rule: .level(.contributor, on: .element, \.child), nothing: unlink),
        Operation(
            "CreateElementChildren", .post, "/api/v1/element/parent/{id}/", "Put elements below another one as well",
            rule: .level(.contributor, on: .element, \.id), status: .created, one: linkChildren),
    ]
}
