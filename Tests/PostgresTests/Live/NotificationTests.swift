import Postgres
import Testing

@Suite struct NotificationTests {
    @Test func notificationsArriveAndSurviveATerminatedBackend() async throws {
        try await Server.withPool { pool in
            var heard = pool.notifications(on: ["Odd \"channel\"", "other"]).makeAsyncIterator()
            #expect(await heard.next() == .reconnected)
            _ = try await pool.value("SELECT pg_notify('Odd \"channel\"', 'first')")
            #expect(await heard.next() == .received(channel: "Odd \"channel\"", payload: "first"))

            let pid = try await pool.value(
                "SELECT pid FROM pg_stat_activity WHERE query LIKE 'LISTEN \"other\"%' AND pid <> pg_backend_pid()")
            try await Server.terminate(try #require(pid))
            #expect(await heard.next() == .reconnected)
            _ = try await pool.value("SELECT pg_notify('other', 'second')")
            #expect(await heard.next() == .received(channel: "other", payload: "second"))
        }
    }

    @Test func lettingGoOfTheStreamEndsTheConnection() async throws {
        try await Server.withPool { pool in
            let stream = pool.notifications(on: ["let_go"])
            // Unstructured, to be cancelled from here.
            let reader = Task { for await _ in stream {} }
            try await Server.withLease { lease in
                let count = "SELECT count(*) FROM pg_stat_activity WHERE query = 'LISTEN \"let_go\"'"
                while try await lease.value(count) != "1" {}
                reader.cancel()
                while try await lease.value(count) != "0" {}
            }
        }
    }
}
