import Support
import Testing

extension ClusterTests {
    @Suite struct Sharing {
        @Test func `tests share a cluster that trusts them`() async throws {
            let cluster = try await TestCluster.shared()
            #expect(try await ask(cluster.connectionString(database: "postgres"), "show fsync").text == "off")
            #expect(try await TestCluster.shared().socketDirectory == cluster.socketDirectory)
        }

        @Test func `a role of the test cluster that has to show a password`() async throws {
            let cluster = try await TestCluster.shared()
            let answer = try await ask(cluster.connectionString(database: "postgres", user: "password_probe"), "select 1")
            #expect(answer.errors.contains("password"))
        }
    }
}
