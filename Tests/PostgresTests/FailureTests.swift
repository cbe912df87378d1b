import Postgres
import Testing

@Suite struct FailureTests {
    @Test func theDescriptionIsConstantAndTheDebugDescriptionIsComplete() async throws {
        let found = try await Server.withLease { lease in
            try await failure {
                try await lease.script("CREATE TEMP TABLE secret (name text CONSTRAINT no_secret CHECK (name <> 'hidden'))")
                _ = try await lease.segment([Call("SELECT 1"), Call("INSERT INTO secret VALUES ($1)", [.text("hidden")])])
            }
        }
        let refusal = try #require(found)
        #expect(refusal.description == "The database refused the statement. (SQLSTATE 23514)")
        #expect("\(refusal)" == refusal.description)
        #expect((refusal.constraint, refusal.table, refusal.call) == ("no_secret", "secret", 1))
        #expect(refusal.detail?.contains("hidden") == true)
        #expect(refusal.debugDescription.contains("constraint: no_secret"))
    }
}
