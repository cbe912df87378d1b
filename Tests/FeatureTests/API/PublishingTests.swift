import Shapes
import Tenancy
import Testing

@testable import Server

/// Bulk calls: in the order of the items, all or none, every item that is wrong named by its index.
@Suite struct PublishingTests {
    @Test func elementsComeInTheOrderInWhichTheyWereSent() async throws {
        try await Tester.with { tester in
            let scenario = try await Scenario(tester, pages: 1)
            let task = try await scenario.claimed()
            let made = try await scenario.lines(120, below: scenario.pages[0], by: task)
            #expect(made == made.sorted() && Set(made).count == 120)
            let listed = try await tester.get("/api/v1/elements/\(scenario.pages[0])/children/?page_size=500")
            #expect(listed.ids == made)
            #expect(try listed.expect()["results"]?.list.map { $0["name"]?.string } == (0..<120).map(String.init))
            // The second call goes behind the first.
            let more = try await scenario.lines(2, below: scenario.pages[0], by: task, from: 120)
            #expect(try await tester.get("/api/v1/elements/\(scenario.pages[0])/children/?page_size=500").ids == made + more)
        }
    }

    @Test func everyWrongElementIsNamedAndNoneIsMade() async throws {
        try await Tester.with { tester in
            let scenario = try await Scenario(tester, pages: 1)
            let items: [JSONValue] = [
                ["name": "right", "type": "text_line", "polygon": .rectangle(0, 0, 1000, 2000)],
                ["name": "wide", "type": "text_line", "polygon": .rectangle(0, 0, 1001, 2000)],
                ["name": "typed", "type": "no_such_type", "polygon": .rectangle(0, 0, 10, 10)],
                ["name": "both", "type": "no_such_type", "polygon": .rectangle(0, 0, 10, 2001)],
            ]
            let answer = try await tester.post("/api/v1/element/\(scenario.pages[0])/children/bulk/", ["elements": .array(items)])
            #expect(answer.status == 400)
            #expect(
                Set(answer.places) == ["elements.1.polygon", "elements.2.type", "elements.3.type", "elements.3.polygon"], "\(answer)")
            #expect(try await tester.get("/api/v1/elements/\(scenario.pages[0])/children/").ids == [])

            let malformed: [JSONValue] = [items[0], ["name": "", "type": "text_line", "polygon": [[0, 0]]], ["type": "text_line"]]
            let refused = try await tester.post("/api/v1/element/\(scenario.pages[0])/children/bulk/", ["elements": .array(malformed)])
            #expect(
                Set(refused.places) == [
                    "elements.1.name", "elements.1.polygon", "elements.1.polygon.0", "elements.2.name", "elements.2.polygon",
                ]
                    || Set(refused.places) == ["elements.1.name", "elements.1.polygon", "elements.2.name", "elements.2.polygon"],
                "\(refused)")
        }
    }

    @Test func zonesWithTheSamePolygonAreUsedAgain() async throws {
        try await Tester.with { tester in
            let scenario = try await Scenario(tester, pages: 1)
            let task = try await scenario.claimed()
            let there = try await scenario.lines(1, below: scenario.pages[0], by: task)
            let items: [JSONValue] = [
                ["polygon": .rectangle(0, 100, 50, 120), "text": "one"], ["polygon": .rectangle(0, 0, 500, 10), "text": "two"],
                ["polygon": .rectangle(0, 200, 50, 220), "text": "three"], ["polygon": .rectangle(0, 100, 50, 120), "text": "four"],
            ]
            let body: JSONValue = ["element_type": "text_line", "transcriptions": .array(items), "return_elements": true]
            let path = "/api/v1/element/\(scenario.pages[0])/transcriptions/bulk/"
            let made = try await tester.post(path, body.signed(task), as: task.caller).expect(201).list
            #expect(made.map { $0["created"] } == [true, false, true, false])
            let elements = try made.map { try #require($0["element_id"]?.string) }
            #expect(elements[1] == there[0] && elements[3] == elements[0] && Set(elements).count == 3)
            for (number, text) in ["one", "two", "three", "four"].enumerated() {
                let texts = try await tester.get("/api/v1/element/\(elements[number])/transcriptions/").expect()["results"]?.list ?? []
                let written = try #require(texts.first { $0["id"] == made[number]["id"] })
                #expect(written["text"] == .string(text))
            }
            let again = try await tester.post(path, body.signed(task), as: task.caller).expect(201).list
            #expect(again.map { $0["created"] } == [false, false, false, false])
            #expect(again.map { $0["element_id"]?.string } == elements)
        }
    }

    @Test func transcriptionsOfElementsElsewhereAreRefusedByIndex() async throws {
        try await Tester.with { tester in
            let scenario = try await Scenario(tester)
            let elsewhere = try await tester.post("/api/v1/corpus/", ["name": "Other"]).created()
            let foreign = try await tester.element(elsewhere, "page", "1")
            let nobody = ID<Element>().text
            func post(_ elements: [String]) async throws -> Answer {
                let items = elements.map { ["element_id": .string($0), "text": "a"] as JSONValue }
                return try await tester.post("/api/v1/transcription/bulk/", ["transcriptions": .array(items)])
            }
            let page = scenario.pages[0]
            let cases = [
                ([page, foreign, page, nobody], [1, 3]), ([nobody, page, nobody], [0, 2]), ([nobody, nobody], [0, 1]),
                ([foreign, page], [1]),
            ]
            for (elements, wrong) in cases {
                let answer = try await post(elements)
                #expect(answer.status == 400 && answer.places == wrong.map { "transcriptions.\($0).element_id" }, "\(answer)")
            }
            #expect(try await tester.get("/api/v1/element/\(page)/transcriptions/").expect()["count"] == 0)
            #expect(try await tester.get("/api/v1/element/\(foreign)/transcriptions/").expect()["count"] == 0)
            #expect(try await tester.value("SELECT count(*) FROM result_count WHERE kind = 'transcription' AND n <> 0") == "0")
            #expect(try await post([scenario.pages[1], page, page]).expect(201)["transcriptions"]?.list.count == 3)
        }
    }

    @Test func whatIsSentInAnotherOrderOfElementsIsAnsweredInItsOwn() async throws {
        try await Tester.with { tester in
            let scenario = try await Scenario(tester, pages: 5)
            let items = (0..<40).map { number in
                ["element_id": .string(scenario.pages[(number * 3) % 5]), "text": .string("text \(number)")] as JSONValue
            }
            let made = try await tester.post("/api/v1/transcription/bulk/", ["transcriptions": .array(items)]).expect(201)["transcriptions"]
            #expect(made?.list.map { $0["text"] } == items.map { $0["text"] })
            #expect(made?.list.map { $0["element_id"] } == items.map { $0["element_id"] })
            let retrieved = try await tester.get("/api/v1/element/\(scenario.folder)/transcriptions/?recursive=True&page_size=100").expect()
            for item in made?.list ?? [] {
                let kept = retrieved["results"]?.list.first { $0["id"] == item["id"] }
                #expect(kept?["text"] == item["text"] && kept?["element"]?["id"] == item["element_id"])
            }
        }
    }
}
