import HTTPTypes
import Postgres
import Shapes
import Tenancy
import Web

/// People who are given rights together.
struct GroupRow: Decodable, Sendable {
    var id: ID<UserGroup>
    var name: String
    /// Whether everybody may find it by its name, to give it rights.
    var `public`: Bool
    /// The caller's own; nil for a public group that they are not in.
    var level: Int?
    /// Nil likewise.
    var members: Int?
}

struct GroupName: Leaf {
    let value: String
    static let shape = Shape.name(upTo: 250)
    static let sample = GroupName(value: "a")
    init(value: String) { self.value = value.trimmed }
}

struct CreateGroup: Codable, Sendable {
    struct Content: Codable, Sendable {
        var name: GroupName
        var `public`: Bool?
    }
    var body: Content
}

struct PartialUpdateGroup: Codable, Sendable {
    struct Content: Codable, Sendable {
        var name: GroupName?
        var `public`: Bool?
    }
    var id: ID<UserGroup>
    var body: Content
}

struct ListGroups: Codable, Sendable, Paged {
    var name: String?
    var page: Int?
    var page_size: Int?
}

struct OnlyGroupID: Codable, Sendable {
    var id: ID<UserGroup>
}

extension GroupRow {
    private static let columns = """
        g.id, g.name, g.public, group_level(g.id) AS level,
          CASE WHEN group_level(g.id) IS NOT NULL
            THEN (SELECT count(*) FROM group_member m WHERE m.tenant_id = $tenant AND m.group_id = g.id) END AS members
        """
    private static let matching = """
        FROM user_group g WHERE g.tenant_id = $tenant AND ($name::text IS NULL OR position((SELECT folded($name)) IN folded(g.name)) > 0)
        """
    static let list = Statement<ListGroups, GroupRow>(
        "list_groups", "SELECT \(columns) \(matching) ORDER BY g.name, g.id LIMIT $limit OFFSET $offset")
    static let count = Statement<ListGroups, Count>("count_groups", "SELECT count(*) \(matching)")
    static let retrieve = Statement<OnlyGroupID, GroupRow>(
        "retrieve_group", "SELECT \(columns) FROM user_group g WHERE g.tenant_id = $tenant AND g.id = $id")
    static let create = Statement<CreateGroup, OnlyGroupID>(
        "create_group", "SELECT create_group($body.name, coalesce($body.public::boolean, false)) AS id")
    static let update = Statement<PartialUpdateGroup, NoRow>(
        "partial_update_group",
        """
        UPDATE user_group g SET name = coalesce($body.name, g.name), public = coalesce($body.public::boolean, g.public)
        WHERE g.tenant_id = $tenant AND g.id = $id
        """)
    static let destroy = Statement<OnlyGroupID, NoRow>("destroy_group", "SELECT destroy_group($id)")

    static let operations: [Operation] = [
        Operation(
            "ListGroups", "/api/v1/groups/", "The groups that the caller is in, and the public ones", rule: .person.own, page: list,
            count: count),
        Operation("CreateGroup", .post, "/api/v1/groups/", "Make a group", rule: .person.own, status: .created) {
            (input: CreateGroup, scope: Scope) -> Reply<GroupRow> in
            guard let made = try await scope.first(create, input) else { throw Problem.notFound }
            return try .row(await scope.rows(retrieve, made))
        },
        Operation("RetrieveGroup", .get, "/api/v1/group/{id}/", "A group", rule: .level(.guest, on: .group, \.id), one: retrieve),
        Operation(
            "PartialUpdateGroup", .patch, "/api/v1/group/{id}/", "Change a group", rule: .level(.admin, on: .group, \.id)
        ) { (input: PartialUpdateGroup, scope: Scope) -> Reply<GroupRow> in
            let results = try await scope.run([scope.call(update, input), scope.call(retrieve, OnlyGroupID(id: input.id))])
            return try .row(results[1])
        },
        Operation(
            "DestroyGroup", .delete, "/api/v1/group/{id}/", "Delete a group and what it was given",
            rule: .level(.admin, on: .group, \.id), nothing: destroy),
    ]
}
