import HTTPTypes
import Postgres
public import Shapes
import Tenancy
import Web

/// An address of e-mail, by which people sign in.
public struct Email: Leaf {
    public let value: String
    public static let shape = Shape.string(.init(format: "email", minimum: 3, maximum: 254, pattern: "[^@\\s]+@[^@\\s]+"))
    public static let sample = Email(value: "a@b")
    public init(value: String) { self.value = value }

    /// What is unique: the case does not count.
    public var key: String { value.lowercased() }
}

/// What the server can do, for clients that ask.
struct Features: Codable, Sendable {
    var oidc = false
    var signup = false
    var enterprise: Bool
}

/// The person who asks.
struct UserRow: Decodable, Sendable {
    var id: ID<User>
    var email: String
    var display_name: String
    var is_admin: Bool
    var verified_email: Bool
    var can_create_workers: Bool
    var can_manage_workers: Bool
    var can_upload_images: Bool
    var can_create_iiif_images: Bool
    var features: Features
    /// Never shown again after it was made; the key is kept for older clients.
    var auth_token: String?
}

struct EditionRow: Decodable, Sendable {
    var edition: String
    var version: String
    var features: Features
    /// For how many seconds what is deleted now can be brought back.
    var purge_horizon: Int?
}

extension UserRow {
    static let features = """
        (SELECT jsonb_build_object('oidc', false, 'signup', false, 'enterprise', d.edition = 'enterprise') FROM deployment d)
        """
    static let retrieve = Statement<NoInput, UserRow>(
        "retrieve_user",
        """
        SELECT u.id, u.email, u.display_name, u.is_admin, true AS verified_email, u.can_create_workers, u.can_manage_workers,
          u.can_upload_images, u.can_create_iiif_images, \(features) AS features, NULL::text AS auth_token
        FROM require_user() JOIN user_account u ON u.tenant_id = $tenant AND u.id = own_user()
        """)
    static let edition = Statement<NoInput, EditionRow>(
        "retrieve_edition",
        """
        SELECT d.edition, '\(PalimpsestVersion.number)' AS version, \(features) AS features,
          (SELECT extract(epoch FROM t.purge_horizon)::bigint FROM tenant t WHERE t.tenant_id = $tenant) AS purge_horizon
        FROM deployment d
        """)

    static let operations: [Operation] = [
        Operation("RetrieveUser", .get, "/api/v1/user/", "Who the caller is", rule: .anyone.own, one: retrieve),
        Operation("RetrieveEdition", .get, "/api/v1/edition/", "The edition of this server", rule: .anyone.own, one: edition),
    ]
}
