import Shapes
import Web

extension Page {
    /// The accounts of the instance.
    static let users = Page("/users", "users", for: .instanceAdministrators) { visit in
        let input: [String: JSONValue?] = [
            "name": visit.query("name").map(JSONValue.string), "page": .integer(visit.page), "page_size": 50,
        ]
        let answer = try await visit.ask("ListUsers", .object(input.compactMapValues { $0 }))
        let users = answer["results"]?.items ?? []
        return [
            "title": .string(visit.shell.word("users")), "in_people": true, "on_users": true, "name": .string(visit.query("name") ?? ""),
            "users": .array(users.map { $0.adding(["permissions": permissions($0, visit.shell)]) }), "none": .boolean(users.isEmpty),
            "permissions": permissions([:], visit.shell), "pages": visit.pages(answer),
        ]
    }

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
