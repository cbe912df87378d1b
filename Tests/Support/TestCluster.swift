import Glibc
import Logging
import Standalone

/// The PostgreSQL that tests run against: one for a checkout, kept running between test runs, so that the next begins at once.
///
/// It forgets its data with the power, and trusts whoever reaches its socket, in a directory closed to other accounts. The one role
/// that has to show a password is `password_probe`, which a test may create. `make stop-test-cluster` ends it.
public struct TestCluster: Sendable {
    /// Where its socket is.
    public let socketDirectory: String

    /// The cluster, made by the first test of all, started by the first of this process if need be.
    /// - Throws: ``ClusterFailure``.
    public static func shared() async throws -> TestCluster { try await started.value }

    private static let started = Task.detached {
        let cluster = Cluster(dataDirectory: dataDirectory, logger: Logger(label: "test-cluster"), profile: .testing)
        return TestCluster(socketDirectory: try await cluster.start().socketDirectory)
    }

    /// `/tmp/palimpsest-tests-0-srv-palimpsest` for root's checkout in `/srv/palimpsest`. The Makefile knows this name too.
    public static let dataDirectory = "/tmp/palimpsest-tests-\(geteuid())\(checkout().replacing("/", with: "-"))"

    /// The checkout holds this file three levels down.
    private static func checkout(file: String = #filePath) -> String {
        file.split(separator: "/").dropLast(3).map { "/\($0)" }.joined()
    }

    /// A connection string; the role `postgres` is the superuser.
    public func connectionString(database: String, user: String = "postgres") -> String {
        [("host", socketDirectory), ("user", user), ("dbname", database)]
            .map { "\($0)=\($1.quotedForConnection)" }.joined(separator: " ")
    }
}
