import Shapes
import Web

extension Page {
    /// What was done, newest first: instance administrators see everything, others what is about projects that they administer.
    static let audit = Page("/audit", "audit") { visit in
        var input: [String: JSONValue] = ["page_size": 50]
        for name in ["kind", "actor", "corpus", "cursor"] { input[name] = visit.query(name).map(JSONValue.string) }
        let answer = try await visit.ask("ListAuditEvents", .object(input))
        let events = answer["results"]?.items ?? []
        return [
            "title": .string(visit.shell.word("audit")), "in_people": true, "on_audit": true, "kind": .string(visit.query("kind") ?? ""),
            "filtered": .boolean(["kind", "actor", "corpus"].contains { visit.query($0) != nil }),
            "events": .array(events.map { line($0, visit) }), "none": .boolean(events.isEmpty),
            "next": answer["next"]?.string.flatMap(cursor).map { .string(visit.address(replacing: ["cursor": $0])) } ?? .null,
        ]
    }

    private static func line(_ event: JSONValue, _ visit: Visit) -> JSONValue {
        let detail = event["detail"]?.members ?? [:]
        return event.adding([
            "details": .array(
                detail.sorted { $0.key < $1.key }.filter { $0.value != .null }.map {
                    ["name": .string($0.key.replacing("_", with: " ")), "value": .string($0.value.forPeople)]
                }),
            "what": .string((event["kind"]?.string ?? "").replacing("_", with: " ")),
            "only_kind": .string(visit.address(replacing: ["kind": event["kind"]?.string, "cursor": nil])),
            "only_actor": .string(visit.address(replacing: ["actor": event["actor"]?["id"]?.string, "cursor": nil])),
        ])
    }

    /// The parameter of the API's address of the next page.
    private static func cursor(in address: String) -> String? {
        address.firstMatch(of: /[?&]cursor=([^&]+)/).map { String($0.1) }
    }
}
