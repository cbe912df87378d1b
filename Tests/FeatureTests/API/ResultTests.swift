import Shapes
import Tenancy
import Testing

@testable import Server

/// What may be said of an element, and who is known to have said it.
@Suite struct ResultTests {
    /// Clients look for these exact words.
    @Test func classifyingTwiceIsRefusedInTheWordsThatClientsKnow() async throws {
        try await Tester.with { tester in
            let scenario = try await Scenario(tester, pages: 1)
            let task = try await scenario.claimed()
            let kind = try await tester.post("/api/v1/corpus/\(scenario.corpus)/classes/", ["name": "letter"]).created()
            let body: JSONValue = ["element": .string(scenario.pages[0]), "ml_class": .string(kind), "confidence": .number(0.5)]
            #expect(try await tester.post("/api/v1/classifications/", body.signed(task), as: task.caller).status == 201)
            #expect(try await tester.post("/api/v1/classifications/", body).status == 201)
            let words: JSONValue = ["The fields element, worker_run, ml_class must make a unique set."]
            for (twin, caller) in [(body.signed(task), task.caller), (body, .administrator)] {
                let answer = try await tester.post("/api/v1/classifications/", twin, as: caller)
                #expect(answer.status == 400 && answer.json["non_field_errors"] == words, "\(answer)")
                #expect(answer.json["type"] == "validation_error" && answer.places == ["non_field_errors"])
            }
            // By the run, and once by hand.
            let kept = try await tester.get("/api/v1/element/\(scenario.pages[0])/").expect()["classifications"]?.list
            #expect(kept?.count == 2)
            let bulk: JSONValue = [
                "parent": .string(scenario.pages[0]), "classifications": [["ml_class": .string(kind), "confidence": .number(0.1)]],
            ]
            let answer = try await tester.post("/api/v1/classification/bulk/", bulk.signed(task), as: task.caller)
            #expect(answer.status == 400 && answer.json["non_field_errors"] == words, "\(answer)")
        }
    }

    @Test func classesOfAnotherCorpusAreRefusedByIndex() async throws {
        try await Tester.with { tester in
            let scenario = try await Scenario(tester, pages: 1)
            let right = try await tester.post("/api/v1/corpus/\(scenario.corpus)/classes/", ["name": "letter"]).created()
            let elsewhere = try await tester.post("/api/v1/corpus/", ["name": "Other"]).created()
            let foreign = try await tester.post("/api/v1/corpus/\(elsewhere)/classes/", ["name": "letter"]).created()
            let items = [right, foreign, ID<MLClass>().text].map { ["ml_class": .string($0)] as JSONValue }
            let answer = try await tester.post(
                "/api/v1/classification/bulk/", ["parent": .string(scenario.pages[0]), "classifications": .array(items)])
            #expect(answer.status == 400)
            #expect(answer.places == ["classifications.1.ml_class", "classifications.2.ml_class"], "\(answer)")
            #expect(try await tester.get("/api/v1/element/\(scenario.pages[0])/").expect()["classifications"] == [])
        }
    }

    @Test func entitiesLieInsideTheText() async throws {
        try await Tester.with { tester in
            let scenario = try await Scenario(tester, pages: 1)
            let person = try await tester.post("/api/v1/entity/types/", ["name": "person", "corpus": .string(scenario.corpus)]).created()
            // Eleven characters in any encoding's terms but code points.
            let text = try await scenario.text("Jeanne d’É🕯", on: scenario.pages[0])
            let path = "/api/v1/transcription/\(text)/entities/"
            func entity(_ offset: Int, _ length: Int, type: String? = nil) -> JSONValue {
                ["type_id": .string(type ?? person), "offset": .integer(offset), "length": .integer(length)]
            }
            #expect(try await tester.post(path, entity(0, 11)).status == 201)
            #expect(try await tester.post(path, entity(10, 1)).status == 201)
            #expect(try await tester.post(path, entity(0, 12)).places == ["length"])
            #expect(try await tester.post(path, entity(11, 1)).places == ["length"])
            #expect(try await tester.post(path, entity(0, 0)).places == ["length"])
            #expect(try await tester.post(path, entity(-1, 1)).places == ["offset"])
            #expect(try await tester.post(path, entity(1_000_000_000, 1_000_000_000)).places == ["length"])
            let twin = try await tester.post(path, entity(0, 11))
            #expect(twin.status == 400 && twin.json["non_field_errors"]?.list.count == 1, "\(twin)")

            let items = [entity(1, 2), entity(5, 50), entity(0, 1, type: ID<EntityType>().text)]
            let bulk = try await tester.post(path + "bulk/", ["transcription_entities": .array(items)])
            #expect(bulk.status == 400)
            #expect(bulk.places == ["transcription_entities.1.length", "transcription_entities.2.type_id"], "\(bulk)")
            #expect(try await tester.get(path).expect()["count"] == 2)
        }
    }

    @Test func metadataHaveTheFormOfTheirType() async throws {
        try await Tester.with { tester in
            let scenario = try await Scenario(tester, pages: 1)
            let path = "/api/v1/element/\(scenario.pages[0])/metadata/"
            func metadata(_ type: String, _ value: JSONValue) -> JSONValue { ["type": .string(type), "name": "a", "value": value] }
            for value in [1, .number(1.5), "1", "-1.5e3", ".5", "+2."] as [JSONValue] {
                #expect(try await tester.post(path, metadata("numeric", value)).status == 201, "\(value)")
            }
            for value in ["", "one", "1 ", "0x1", "NaN", "Infinity", "1e1000", "1\n", true, .null, [1], ["a": 1]] as [JSONValue] {
                let answer = try await tester.post(path, metadata("numeric", value))
                #expect(answer.status == 400 && answer.places == ["value"], "\(value): \(answer)")
            }
            for value in ["http://a", "HTTPS://a/b"] as [JSONValue] {
                #expect(try await tester.post(path, metadata("url", value)).status == 201, "\(value)")
            }
            for value in ["ftp://a", "javascript:alert(1)", "//a", " http://a", "", 1] as [JSONValue] {
                #expect(try await tester.post(path, metadata("url", value)).places == ["value"], "\(value)")
            }
            let bulk: JSONValue = [
                "metadata_list": [metadata("text", "a"), metadata("url", "b"), metadata("numeric", "c"), metadata("odd", "d")]
            ]
            #expect(try await tester.post(path + "bulk/", bulk).places == ["metadata_list.3.type"])
            let values: JSONValue = ["metadata_list": [metadata("text", "a"), metadata("url", "b"), metadata("numeric", "c")]]
            #expect(try await tester.post(path + "bulk/", values).places == ["metadata_list.1.value", "metadata_list.2.value"])
            #expect(try await tester.get(path).expect().list.count == 8)
        }
    }

    @Test func whatATaskMakesBearsItsRunAndWhatAPersonMakesBearsNone() async throws {
        try await Tester.with { tester in
            let scenario = try await Scenario(tester, pages: 1)
            let task = try await scenario.claimed()
            let page = scenario.pages[0]
            let summary = try await tester.get("/api/v1/process/workers/\(task.run)/").expect()["summary"]
            #expect(summary == "Worker Reader @ 1")
            let line = try #require(try await scenario.lines(1, below: page, by: task).first)
            let byHand = try #require(try await scenario.lines(1, below: page, by: nil, from: 1).first)
            let texts = [try await scenario.text("a", on: line, by: task), try await scenario.text("b", on: line)]
            let run: JSONValue = ["id": .string(task.run), "summary": try #require(summary)]
            #expect(try await tester.get("/api/v1/element/\(line)/").expect()["worker_run"] == run)
            #expect(try await tester.get("/api/v1/element/\(byHand)/").expect()["worker_run"] == .null)
            let listed = try await tester.get("/api/v1/element/\(line)/transcriptions/").expect()["results"]?.list ?? []
            #expect(listed.map { $0["id"]?.string } == texts)
            #expect(listed.map { $0["worker_run"] } == [run, .null])
            #expect(listed.map { $0["detached_from"] } == [.null, .null])
        }
    }

    /// Rule 6.2.
    @Test func onlyTheTaskItselfSignsWithItsRun() async throws {
        try await Tester.with { tester in
            let scenario = try await Scenario(tester, pages: 1)
            let task = try await scenario.claimed()
            let path = "/api/v1/element/\(scenario.pages[0])/transcription/"
            let person = try await tester.post(path, ["text": "a", "worker_run_id": .string(task.run)])
            #expect(person.status == 400 && person.places == ["worker_run_id"], "\(person)")
            let unsigned = try await tester.post(path, ["text": "a"], as: task.caller)
            #expect(unsigned.status == 400 && unsigned.places == ["worker_run_id"], "\(unsigned)")
            let other = try await scenario.claimed()
            let foreign = try await tester.post(path, ["text": "a", "worker_run_id": .string(other.run)], as: task.caller)
            #expect(foreign.status == 400 && foreign.places == ["worker_run_id"], "\(foreign)")
            let unknown = try await tester.post(path, ["text": "a", "worker_run_id": .string(ID<WorkerRun>().text)])
            #expect(unknown.status == 400 && unknown.places == ["worker_run_id"], "\(unknown)")
        }
    }
}
