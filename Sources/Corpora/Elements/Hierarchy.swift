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

struct MoveElement: Codable, Sendable {
    struct Content: Codable, Sendable {
        /// Where it is moved from; its home if that is left out.
        var from: ID<Element>?
        var to: ID<Element>
    }
    var id: ID<Element>
    var body: Content
}

enum Hierarchy {
    static let move = Statement<MoveElement, NoRow>("move_element", "SELECT move_element($id, $body.from, $body.to)")
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
        Operation(
            "MoveElement", .post, "/api/v1/element/{id}/move/",
            "Move an element from below one parent to another, with all that is below it",
            rule: .level(.contributor, on: .element, \.id)
        ) { (input: MoveElement, scope: Scope) -> Reply<ElementRow> in
            try .row(await scope.run([scope.call(move, input), scope.call(ElementRow.retrieve, OnlyID(id: input.id))])[1])
        },
    ]
}
