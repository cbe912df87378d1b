import Shapes
import Web

extension Page {
    /// The accounts of the instance.
    static let users = Page("/users", "users", for: .instanceAdministrators) { visit in
        // A refused change is shown with the account that it is of, wherever that is in the list.
        let changed = visit.refused?.fields["user"]
        let name = changed == nil ? visit.query("name") : visit.refused?.fields["email_of"]
        let input: [String: JSONValue?] = [
            "name": name.map(JSONValue.string), "page": .integer(visit.page), "page_size": 50,
        ]
        let answer = try await visit.ask("ListUsers", .object(input.compactMapValues { $0 }))
        let users = answer["results"]?.items ?? []
        return [
            "title": .string(visit.shell.word("users")), "in_people": true, "on_users": true, "name": .string(name ?? ""),
            "users": .array(users.map { entry($0, changed: $0["id"]?.string == changed, visit) }), "none": .boolean(users.isEmpty),
            "permissions": permissions(changed == nil ? chosen(visit) ?? [:] : [:], visit.shell),
            "new": changed == nil ? visit.refused?.fields.given ?? .null : .null, "pages": visit.pages(answer),
        ]
    }

    /// An account with the form to change it: with what was given where that was refused.
    private static func entry(_ user: JSONValue, changed: Bool, _ visit: Visit) -> JSONValue {
        user.adding([
            "permissions": permissions(changed ? chosen(visit) ?? user : user, visit.shell), "open": .boolean(changed),
            "given_name": (changed ? visit.refused?.fields["display_name"].map(JSONValue.string) : nil) ?? user["display_name"] ?? .null,
        ])
    }

    private static func chosen(_ visit: Visit) -> JSONValue? { visit.refused.map { Permission.chosen($0.fields) } }

    private static func permissions(_ user: JSONValue, _ shell: Shell) -> JSONValue {
        .array(
            Permission.names.map {
                ["permission": .string($0), "what": .string(shell.word($0)), "given": user[$0] ?? false]
            })
    }
}

enum Permission {
    /// As accounts have them.
    static let names = ["is_admin", "can_create_workers", "can_manage_workers", "can_upload_images", "can_create_iiif_images"]

    /// What the boxes of a form say: those that are not ticked are not sent.
    static func chosen(_ fields: Fields) -> JSONValue {
        .object(Dictionary(names.map { ($0, .boolean(fields[$0] != nil)) }) { first, _ in first })
    }
}

extension Form {
    static let createUser = Form("/users", on: .users) { visit, fields in
        let made = try await visit.ask(
            "CreateUser", ["body": fields.json("email", "display_name").adding(Permission.chosen(fields))])
        return Done(location: "/users", made: ["email": made["email"] ?? .null, "password": made["password"] ?? .null])
    }

    static let changeUser = Form("/users/change", on: .users) { visit, fields in
        let body = fields.json("display_name", "password").adding(Permission.chosen(fields))
        _ = try await visit.ask("PartialUpdateUser", ["id": .string(fields["user"] ?? ""), "body": body])
        return Done(location: "/users")
    }
}
