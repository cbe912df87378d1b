import HTTPTypes
import Postgres
import Shapes
import Tenancy
import Web

/// An account, as instance administrators see it.
struct DirectoryRow: Decodable, Sendable {
    var id: ID<User>
    var email: String
    var display_name: String
    var is_admin: Bool
    var can_create_workers: Bool
    var can_manage_workers: Bool
    var can_upload_images: Bool
    var can_create_iiif_images: Bool
    var created: String
}

/// An account that was just made, with its password where the server chose it: it is never shown again.
struct NewAccountRow: Codable, Sendable {
    var id: ID<User>
    var email: String
    var password: String?
}

struct DisplayName: Leaf {
    let value: String
    static let shape = Shape.string(.init(minimum: 1, maximum: 250))
    static let sample = DisplayName(value: "a")
    init(value: String) { self.value = value }
}

/// A password that somebody chooses.
struct NewPassword: Leaf {
    let value: String
    static let shape = Shape.string(.init(minimum: Password.leastLength, maximum: 1000))
    static let sample = NewPassword(value: "password")
    init(value: String) { self.value = value }
}

struct CreateUser: Codable, Sendable {
    struct Content: Codable, Sendable {
        var email: Email
        var display_name: DisplayName?
        /// Without one, the server makes it and the answer shows it.
        var password: NewPassword?
        var is_admin: Bool?
        var can_create_workers: Bool?
        var can_manage_workers: Bool?
        var can_upload_images: Bool?
        var can_create_iiif_images: Bool?
    }
    var body: Content
}

struct PartialUpdateUser: Codable, Sendable {
    struct Content: Codable, Sendable {
        var display_name: DisplayName?
        var password: NewPassword?
        var is_admin: Bool?
        var can_create_workers: Bool?
        var can_manage_workers: Bool?
        var can_upload_images: Bool?
        var can_create_iiif_images: Bool?
    }
    var id: ID<User>
    var body: Content
}

struct ListUsers: Codable, Sendable, Paged {
    /// Part of the name or of the address.
    var name: String?
    var page: Int?
    var page_size: Int?
}

struct OnlyUserID: Codable, Sendable {
    var id: ID<User>
}

/// What the statements take: the password hashed, the address folded.
struct AccountChange: Codable, Sendable {
    var id: ID<User>
    var email: Email?
    var email_key: String?
    var display_name: String?
    var password_hash: String?
    var is_admin: Bool?
    var can_create_workers: Bool?
    var can_manage_workers: Bool?
    var can_upload_images: Bool?
    var can_create_iiif_images: Bool?
}

extension DirectoryRow {
    private static let columns = """
        u.id, u.email, u.display_name, u.is_admin, u.can_create_workers, u.can_manage_workers, u.can_upload_images, u.can_create_iiif_images,
          u.created
        """
    private static let matching = """
        FROM user_account u WHERE u.tenant_id = $tenant
          AND ($name::text IS NULL OR position(lower($name) IN u.email_key) > 0 OR position((SELECT folded($name)) IN folded(u.display_name)) > 0)
        """
    static let list = Statement<ListUsers, DirectoryRow>(
        "list_users", "SELECT \(columns) \(matching) ORDER BY u.email_key LIMIT $limit OFFSET $offset")
    static let count = Statement<ListUsers, Count>("count_users", "SELECT count(*) \(matching)")
    static let retrieve = Statement<OnlyUserID, DirectoryRow>(
        "retrieve_account", "SELECT \(columns) FROM user_account u WHERE u.tenant_id = $tenant AND u.id = $id")
    static let create = Statement<AccountChange, OnlyUserID>(
        "create_user",
        """
        SELECT create_user($id, $email, $email_key, $display_name, $password_hash, $is_admin, $can_create_workers, $can_manage_workers,
          $can_upload_images, $can_create_iiif_images) AS id
        """)
    static let update = Statement<AccountChange, NoRow>(
        "partial_update_user",
        """
        SELECT change_user($id, $display_name, $password_hash, $is_admin, $can_create_workers, $can_manage_workers, $can_upload_images,
          $can_create_iiif_images)
        """)

    static let operations: [Operation] = [
        Operation(
            "ListUsers", "/api/v1/users/", "The accounts of this instance", rule: .instanceAdministrator, page: list, count: count),
        Operation("CreateUser", .post, "/api/v1/users/", "Make an account", rule: .instanceAdministrator, status: .created) {
            (input: CreateUser, scope: Scope) -> Reply<NewAccountRow> in
            let password = input.body.password?.value ?? Password.random()
            let account = AccountChange(input.body, hash: try await Password.hash(password))
            _ = try await scope.rows(create, account)
            let shown = input.body.password == nil ? password : nil
            return try .json(NewAccountRow(id: account.id, email: input.body.email.value, password: shown), status: .created)
        },
        Operation(
            "PartialUpdateUser", .patch, "/api/v1/users/{id}/", "Change an account and what it may do",
            rule: .instanceAdministrator.asking(.guest, on: .user)
        ) { (input: PartialUpdateUser, scope: Scope) -> Reply<DirectoryRow> in
            var hash: String?
            if let password = input.body.password { hash = try await Password.hash(password.value) }
            let change = AccountChange(input.id, input.body, hash: hash)
            let results = try await scope.run([scope.call(update, change), scope.call(retrieve, OnlyUserID(id: input.id))])
            return try .row(results[1])
        },
    ]
}

extension AccountChange {
    init(_ content: CreateUser.Content, hash: String) {
        self.init(
            id: ID(), email: content.email, email_key: content.email.key,
            display_name: content.display_name?.value ?? String(content.email.value.prefix { $0 != "@" }), password_hash: hash,
            is_admin: content.is_admin, can_create_workers: content.can_create_workers, can_manage_workers: content.can_manage_workers,
            can_upload_images: content.can_upload_images, can_create_iiif_images: content.can_create_iiif_images)
    }

    init(_ id: ID<User>, _ content: PartialUpdateUser.Content, hash: String?) {
        self.init(
            id: id, display_name: content.display_name?.value, password_hash: hash, is_admin: content.is_admin,
            can_create_workers: content.can_create_workers, can_manage_workers: content.can_manage_workers,
            can_upload_images: content.can_upload_images, can_create_iiif_images: content.can_create_iiif_images)
    }
}
