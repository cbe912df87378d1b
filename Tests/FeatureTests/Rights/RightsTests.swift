import Shapes
import Tenancy
import Testing
import Web

@testable import Server

/// What somebody learns of what they may not see: nothing but the names that they need.
@Suite struct RightsTests {
    /// Rule 2.6: a reader of the corpus who has no access to the worker.
    @Test func whoReadsAResultSeesNamesOfWhatMadeIt() async throws {
        try await Tester.with(.enterprise) { tester in
            let seed = try await Seed(tester, "zqown")
            let task = try #require(seed.task)
            let page = try #require(seed.identifiers[.element]), worker = try #require(seed.identifiers[.worker])
            let body: JSONValue = ["text": "Read by a machine", "worker_run_id": .string(task.run)]
            _ = try await tester.post("/api/v1/element/\(page)/transcription/", body, as: task.caller).created()
            let (reader, id) = try await tester.somebody("reader@example.org")
            _ = try await tester.membership(
                ["user": .string(id.text), "corpus": .string(try #require(seed.identifiers[.corpus])), "level": 10])

            let texts = try await tester.get("/api/v1/element/\(page)/transcriptions/", as: reader).expect()["results"]?.list ?? []
            #expect(texts.contains { $0["worker_run"]?["id"] == .string(task.run) && $0["worker_run"]?["summary"]?.string != nil })
            let run = try await tester.get("/api/v1/process/workers/\(task.run)/", as: reader)
            #expect(run.json["configuration"]?["name"] == "Setting zqown" && run.json["configuration"]?["configuration"] == [:], "\(run)")
            #expect(run.json["worker_version"]?["worker"]?["name"] == "Reader zqown")
            #expect(!run.text.contains("Title zqown"))
            for path in [
                "/api/v1/workers/\(worker)/", "/api/v1/workers/\(worker)/versions/", "/api/v1/workers/\(worker)/configurations/",
                "/api/v1/workers/configurations/\(try #require(seed.identifiers[.workerConfiguration]))/",
                "/api/v1/workers/versions/\(try #require(seed.identifiers[.workerVersion]))/",
            ] { #expect(try await tester.get(path, as: reader).status == 404, "\(path)") }
            #expect(try await tester.get("/api/v1/workers/", as: reader).expect()["count"] == 0)
        }
    }

    /// Rule 2.7: the very same answer for what is hidden and for what nobody has.
    @Test func whatIsHiddenAnswersAsIfItWereNot() async throws {
        try await Tester.with(.enterprise) { tester in
            let hidden = try await Seed(tester, "zqhidden")
            let (stranger, _) = try await tester.somebody("stranger@example.org")
            for operation in Compose.operations where operation.takesID {
                let there = try await tester.call(operation, hidden.input(of: operation), as: stranger)
                guard there.status == 404 else { continue }
                let nowhere = try await tester.call(operation, operation.example, as: stranger)
                #expect(there.status == nowhere.status && there.json == nowhere.json, "\(operation.id): \(there) \(nowhere)")
            }
        }
    }

    /// A filter by something hidden finds nothing, counts nothing and says nothing.
    @Test func filtersByHiddenThingsAreEmpty() async throws {
        try await Tester.with(.enterprise) { tester in
            let hidden = try await Seed(tester, "zqhidden")
            let own = try await Seed(tester, "zqown")
            let (guest, id) = try await tester.somebody("guest@example.org")
            try await tester.admit(id, to: own, 100)
            var asked = 0
            for operation in Compose.operations where operation.listing == .pages {
                for filter in operation.input.properties
                where !operation.path.names.contains(filter.name) && filter.shape.unwrapped == .uuid {
                    guard let thing = hidden.words[filter.name] else { continue }
                    let input = own.input(of: operation).adding([filter.name: .string(thing)])
                    let answer = try await tester.call(operation, input, as: guest)
                    #expect(answer.status == 200 && answer.json["count"] == 0, "\(operation.id) by \(filter.name): \(answer)")
                    asked += 1
                }
            }
            #expect(asked > 3)
        }
    }
}
