import Shapes
import Web

extension Page {
    /// The groups that the visitor is in, and the public ones.
    static let groups = Page("/groups", "groups", for: .ofEnterprise) { visit in
        let input: [String: JSONValue?] = [
            "name": visit.query("name").map(JSONValue.string), "page": .integer(visit.page), "page_size": 50,
        ]
        let answer = try await visit.ask("ListGroups", .object(input.compactMapValues { $0 }))
        let groups = answer["results"]?.items ?? []
        return [
            "title": .string(visit.shell.word("groups")), "in_people": true, "on_groups": true, "name": .string(visit.query("name") ?? ""),
            "groups": .array(groups.map { $0.adding(["rank": .string(visit.shell.rank($0["level"]))]) }),
            "none": .boolean(groups.isEmpty), "pages": visit.pages(answer),
        ]
    }

    /// A group: its name, who finds it, and who is in it.
    static let group = Page("/groups/{id}", "group", for: .ofEnterprise, about: .group) { visit in
        let group = try await visit.ask("RetrieveGroup", ["id": visit.id])
        let members = try await visit.ask("ListMemberships", ["group": visit.id, "page_size": 500])["results"]?.items ?? []
        return try await Roster(members, of: "/groups/\(visit.path["id"] ?? "")/members", visit).json.adding([
            "title": group["name"] ?? .null, "in_people": true, "on_groups": true, "group": group,
            "administers": .boolean(group["level"]?.int == 100),
        ])
    }
}

extension Form {
    static let createGroup = Form("/groups", on: .groups) { visit, fields in
        let made = try await visit.ask("CreateGroup", ["body": body(fields)])
        return Done(location: "/groups/\(made["id"]?.string ?? "")")
    }

    static let changeGroup = Form("/groups/{id}", on: .group) { visit, fields in
        _ = try await visit.ask("PartialUpdateGroup", ["id": visit.id, "body": body(fields)])
        return Done(location: "/groups/\(visit.path["id"] ?? "")")
    }

    static let destroyGroup = Form("/groups/{id}/delete", on: .group) { visit, _ in
        _ = try await visit.ask("DestroyGroup", ["id": visit.id])
        return Done(location: "/groups")
    }

    private static func body(_ fields: Fields) -> JSONValue {
        fields.json("name").adding(["public": .boolean(fields["public"] != nil)])
    }
}
