import Foundation
import Postgres
import Shapes
import Tenancy
import Testing

@testable import Server

/// The queue of elements, as it grows.
@Suite struct QueueTests {
    /// What was processed before is not looked at again, whatever the planner thinks of the tables. Asked in pages, not in seconds.
    @Test func takingAnElementReadsAsMuchAtTheEndOfAQueueAsAtItsBeginning() async throws {
        try await Tester.with { tester in
            let scenario = try await Scenario(tester, pages: 1)
            let line: JSONValue = ["name": "1", "type": "text_line", "polygon": .rectangle(0, 0, 500, 10)]
            let body: JSONValue = ["elements": .array(Array(repeating: line, count: 4000))]
            _ = try await tester.post("/api/v1/element/\(scenario.pages[0])/children/bulk/", body).expect(201)
            let process = try await scenario.emptyProcess(["element_type": "text_line", "load_children": true])
            let run = try await scenario.addRun(to: process).created()
            let task = try #require(try await scenario.start(process, run).first)
            try await tester.asOwner("ANALYZE")
            let first = try await tester.pagesRead(taking: task)
            try await tester.asOwner(
                """
                UPDATE worker_activity SET state = 'processed'
                WHERE element_id NOT IN (SELECT element_id FROM worker_activity ORDER BY element_id DESC LIMIT 10)
                """)
            // Planned as if all of them waited, as a connection plans that has been there since the start.
            let stale = try await tester.pagesRead(taking: task)
            try await tester.asOwner("VACUUM (ANALYZE)")
            let last = try await tester.pagesRead(taking: task)
            #expect(
                first < 100 && stale < 400 && last < 100,
                "\(first) pages at the beginning, \(stale) and, once that is known, \(last) at the end")
        }
    }
}

extension Tester {
    /// How many pages of tables and indexes it takes to give a task its next element, once the connection knows the functions.
    fileprivate func pagesRead(taking task: Claimed) async throws -> Int {
        let secret = try #require(Secret(task.token))
        let calls = [
            Call(
                "SELECT enter($1::uuid, 'ponos', decode($2, 'hex'), true, NULL, NULL, 1)", [secret.tenant.parameter, .text(secret.digest)]),
            Call("EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) SELECT * FROM start_activity()", []),
        ]
        return try await database.connected(to: database.application) { lease in
            _ = try await lease.segment(calls)
            let plan = try await lease.segment(calls)[1].text(0, 0) ?? ""
            let decoded = try JSONDecoder().decode(JSONValue.self, from: Data(plan.utf8))
            let top = try #require(decoded[0]?["Plan"])
            return try #require(top["Shared Hit Blocks"]?.int) + (top["Shared Read Blocks"]?.int ?? 0)
        }
    }
}
