import Postgres
import Shapes
import Tenancy
import Web

/// What configurations call a secret by: names with slashes between them. Workers take a value whose name ends in `.json` or `.yaml` apart.
struct SecretName: Leaf {
    let value: String
    static let shape = Shape.string(
        .init(minimum: 1, maximum: 250, pattern: "[A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*"))
    static let sample = SecretName(value: "archive/credentials.json")
    init(value: String) { self.value = value }
}

/// Text of at most 64 kB.
struct SecretContent: Leaf {
    let value: String
    static let shape = Shape.string(.init(minimum: 1, maximum: 65_536))
    static let sample = SecretContent(value: "open sesame")
    init(value: String) { self.value = value }
}

struct CreateSecret: Codable, Sendable {
    struct Content: Codable, Sendable {
        var name: SecretName
        var content: SecretContent
        /// Runs of this worker alone may read it; those of all when it is left out.
        var worker: ID<Worker>?
    }
    var body: Content
}

struct ListSecrets: Codable, Sendable, Paged {
    /// Those that runs of this worker may read.
    var worker: ID<Worker>?
    var page: Int?
    var page_size: Int?
}

struct OnlySecretID: Codable, Sendable {
    var id: ID<StoredSecret>
}

struct RetrieveSecret: Codable, Sendable {
    var name: SecretName
}

/// A secret without what is secret of it.
struct StoredSecretRow: Decodable, Sendable {
    var id: ID<StoredSecret>
    var name: String
    var worker: ID<Worker>?
    var created: String
}

/// A secret for whoever needs it.
struct DisclosedSecret: Codable, Sendable {
    var name: String
    var content: String
}

/// As it goes into the database.
struct SealedSecret: Codable, Sendable {
    var name: String
    var worker: ID<Worker>?
    /// In hexadecimal.
    var sealed: String
}

extension StoredSecretRow {
    struct Sealed: Decodable, Sendable {
        var sealed: String
    }

    private static let columns = "s.id, s.name, s.worker_id AS worker, s.created"
    private static let matching =
        "FROM secret s WHERE s.tenant_id = $tenant AND ($worker::uuid IS NULL OR s.worker_id IS NULL OR s.worker_id = $worker::uuid)"
    static let list = Statement<ListSecrets, StoredSecretRow>(
        "list_secrets", "SELECT \(columns) \(matching) ORDER BY s.name LIMIT $limit OFFSET $offset")
    static let count = Statement<ListSecrets, Count>("count_secrets", "SELECT count(*) \(matching)")
    static let create = Statement<SealedSecret, OnlySecretID>("create_secret", "SELECT create_secret($name, $worker, $sealed) AS id")
    static let retrieve = Statement<OnlySecretID, StoredSecretRow>(
        "retrieve_secret_row", "SELECT \(columns) FROM secret s WHERE s.tenant_id = $tenant AND s.id = $id")
    static let disclose = Statement<RetrieveSecret, Sealed>("retrieve_secret", "SELECT retrieve_secret($name) AS sealed")
    static let destroy = Statement<OnlySecretID, NoRow>("destroy_secret", "SELECT destroy_secret($id)")

    static func declarations() throws -> [Declaration] {
        try [.init(list), .init(count), .init(create), .init(retrieve), .init(disclose), .init(destroy)]
    }
}
