import Logging
import Postgres
import Support
import Tenancy

@testable import Server

/// A database of a test's own, copied from one that was migrated once in the life of the test process.
struct TestDatabase: Sendable {
    let name: String
    private let cluster: TestCluster

    /// As the superuser, whom no policy holds.
    var owner: String { cluster.connectionString(database: name) }
    /// As the role that serves.
    var application: String { cluster.connectionString(database: name, user: "palimpsest_app") }

    static let administrator = Preparation.Administrator(email: "admin@example.org", password: "a long password")
    static let logger = Logger(label: "tests") { _ in SwiftLogNoOpLogHandler() }

    /// Makes a database, lends it, and drops it. About 50 ms.
    static func with<Result: Sendable>(
        _ edition: Preparation.Edition = .community, _ body: @Sendable (TestDatabase) async throws -> Result
    ) async throws -> Result {
        let cluster = try await TestCluster.shared()
        let template = try await (edition == .community ? community : enterprise).value
        let database = TestDatabase(name: "test_" + ID<TestDatabase>().text.replacing("-", with: ""), cluster: cluster)
        try await onServer(cluster) { try await $0.script("CREATE DATABASE \(database.name) TEMPLATE \(template)") }
        let outcome: Swift.Result<Result, any Error>
        do { outcome = .success(try await body(database)) } catch { outcome = .failure(error) }
        try await onServer(cluster) { try await $0.script("DROP DATABASE \(database.name) WITH (FORCE)") }
        return try outcome.get()
    }

    /// A connection as this role for a while.
    func connected<Result: Sendable>(
        to connectionString: String, _ body: @Sendable (Lease) async throws -> Result
    ) async throws -> Result {
        try await Connection.withConnection(connectionString, Self.logger, body)
    }

    // Unstructured, so that the first test makes the template and all others await it.
    private static let community = Task { try await template(.community) }
    private static let enterprise = Task {
        // Roles belong to the whole cluster, and two preparations at once would change them at the same time.
        _ = try await community.value
        return try await template(.enterprise)
    }

    private static func template(_ edition: Preparation.Edition) async throws -> String {
        let cluster = try await TestCluster.shared()
        let name = "template_\(edition.rawValue)"
        try await onServer(cluster) { lease in
            try await lease.script("DROP DATABASE IF EXISTS \(name) WITH (FORCE)")
            try await lease.script("CREATE DATABASE \(name) TEMPLATE template0")
        }
        let preparation = Preparation(edition: edition, administrator: administrator, applicationPassword: nil)
        _ = try await Connection.withConnection(cluster.connectionString(database: name), logger) { try await preparation.run($0) }
        return name
    }

    private static func onServer(_ cluster: TestCluster, _ body: @Sendable (Lease) async throws -> Void) async throws {
        try await Connection.withConnection(cluster.connectionString(database: "postgres"), logger, body)
    }
}
