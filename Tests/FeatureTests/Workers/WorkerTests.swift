import Shapes
import Testing

@testable import Server

/// Rule 3.1.
@Suite struct WorkerTests {
    @Test func aSlugIsOneWorker() async throws {
        try await Tester.with(connections: 6) { tester in
            let first: JSONValue = ["name": "Reader", "slug": "reader", "type": "recognizer", "description": "Reads"]
            let made = try await tester.post("/api/v1/workers/", first).expect(201)
            #expect(made["name"] == "Reader" && made["type"] == "recognizer" && made["description"] == "Reads")
            // Asked for again it is the same, and not changed.
            let again = try await tester.post("/api/v1/workers/", ["name": "Other", "slug": "reader", "type": "other"])
            #expect([200, 201].contains(again.status) && again.json == made, "\(again)")
            let answers = try await tester.atOnce(20) { number in
                try await tester.post("/api/v1/workers/", ["name": .string("\(number)"), "slug": "busy", "type": "recognizer"])
            }
            #expect(answers.allSatisfy { [200, 201].contains($0.status) } && Set(answers.map(\.text)).count == 1)
            #expect(try await tester.value("SELECT count(*) FROM worker WHERE slug = 'busy'") == "1")
        }
    }

    /// Rule 7.10: who took a worker out of use, and put it back.
    @Test func archivingIsNotedOnceEachTime() async throws {
        try await Tester.with { tester in
            let body: JSONValue = ["name": "Reader", "slug": "reader", "type": "recognizer"]
            let path = "/api/v1/workers/\(try await tester.post("/api/v1/workers/", body).created())/"
            for archived in [true, true, false] {
                #expect(try await tester.patch(path, ["archived": .boolean(archived)]).expect()["archived"] == .boolean(archived))
            }
            _ = try await tester.patch(path, ["name": "Other"]).expect()
            let noted = try await tester.value(
                "SELECT string_agg(kind || ' ' || (actor_id IS NOT NULL), ', ' ORDER BY id) FROM audit_event WHERE kind LIKE 'worker%'")
            #expect(noted == "worker_archived true, worker_unarchived true")
        }
    }

    /// The one thing that is learnt of a worker that somebody may not see.
    @Test func aSlugThatIsTakenOutOfSightIsRefused() async throws {
        try await Tester.with(.enterprise) { tester in
            let body: JSONValue = ["name": "Reader", "slug": "reader", "type": "recognizer"]
            let id = try await tester.post("/api/v1/workers/", body).created()
            let (_, colleague) = try await tester.colleague()
            let refused = try await tester.post("/api/v1/workers/", body, as: colleague)
            #expect(refused.status == 403 && refused.codes == ["slug_taken"] && !refused.text.contains(id), "\(refused)")
        }
    }
}
