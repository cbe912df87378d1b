import HTTPTypes
import Shapes
import Testing

/// Numbers as programs write them.
@Suite struct NumberTests {
    private static let tiny = JSONValue.number(1e-50)

    /// What a softmax says of what is certainly not so.
    @Test func whatIsTooSmallForAColumnIsZero() async throws {
        try await Tester.with { tester in
            let scenario = try await Scenario(tester, pages: 1)
            let page = scenario.pages[0]
            let task = try await scenario.claimed()
            let texts: [JSONValue] = [
                ["element_id": .string(page), "text": "a", "confidence": Self.tiny],
                ["element_id": .string(page), "text": "b", "confidence": .number(0.5)],
            ]
            let made = try await tester.post("/api/v1/transcription/bulk/", ["transcriptions": .array(texts)]).expect(201)
            #expect(made["transcriptions"]?.list.map { $0["confidence"] } == [0, .number(0.5)])
            let text = try #require(made["transcriptions"]?[1]?["id"]?.string)
            #expect(try await tester.patch("/api/v1/transcription/\(text)/", ["confidence": Self.tiny]).expect()["confidence"] == 0)

            let line: JSONValue = ["name": "1", "type": "text_line", "polygon": .rectangle(0, 0, 9, 9), "confidence": Self.tiny]
            let lines = try await tester.post("/api/v1/element/\(page)/children/bulk/", ["elements": [line]]).expect(201)
            let path = "/api/v1/element/\(try #require(lines[0]?["id"]?.string))/"
            #expect(try await tester.get(path).expect()["confidence"] == 0)
            _ = try await tester.patch(path, ["confidence": 1]).expect()
            #expect(try await tester.patch(path, ["confidence": Self.tiny]).expect()["confidence"] == 0)
            let listed = try await tester.get("/api/v1/corpus/\(scenario.corpus)/elements/?confidence=1e-50")
            #expect(listed.status == 200 && listed.ids.count == 1, "\(listed)")

            let kind = try await tester.post("/api/v1/corpus/\(scenario.corpus)/classes/", ["name": "letter"]).created()
            let classes: JSONValue = [["ml_class": .string(kind), "confidence": Self.tiny]]
            let classified = try await tester.post(
                "/api/v1/classification/bulk/", JSONValue.object(["parent": .string(page), "classifications": classes]).signed(task),
                as: task.caller)
            #expect(try classified.expect(201)["classifications"]?[0]?["confidence"] == 0)
            let vector: JSONValue = ["value": [Self.tiny, 1]]
            let embedding = try await tester.post("/api/v1/element/\(page)/embedding/", vector.signed(task), as: task.caller)
            #expect(try embedding.expect(201)["value"] == [0, 1])
        }
    }

    @Test func wholeNumbersMayBeWrittenWithAFraction() async throws {
        try await Tester.with { tester in
            let scenario = try await Scenario(tester, pages: 1)
            let page = scenario.pages[0]
            let person = try await tester.post("/api/v1/entity/types/", ["name": "person", "corpus": .string(scenario.corpus)]).created()
            let text = try await scenario.text("abcdef", on: page)
            let path = "/api/v1/transcription/\(text)/entities/"
            let whole = "{\"type_id\": \"\(person)\", \"offset\": 1.0, \"length\": 2.0}"
            let entity = try await tester.send(.post, path, whole)
            #expect(try entity.expect(201)["offset"] == 1)
            let bulk = whole.replacing("1.0", with: "30e-1")
            #expect(try await tester.send(.post, path + "bulk/", "{\"transcription_entities\": [\(bulk)]}").status == 201)
            let changed = try await tester.send(.patch, path + "\(try #require(entity.id))/", "{\"offset\": 2.0, \"length\": 1.0}")
            #expect(try changed.expect()["offset"] == 2)
            let outside = try await tester.send(.post, path, whole.replacing("2.0", with: "9.0"))
            #expect(outside.status == 400 && outside.places == ["length"], "\(outside)")

            let turned = try await tester.send(.patch, "/api/v1/element/\(page)/", "{\"rotation_angle\": 90.0}")
            #expect(try turned.expect()["rotation_angle"] == 90)
            let made = try await tester.send(
                .post, "/api/v1/elements/create/",
                "{\"corpus\": \"\(scenario.corpus)\", \"type\": \"page\", \"name\": \"1\", \"rotation_angle\": 180.0}")
            #expect(try made.expect(201)["rotation_angle"] == 180)
        }
    }
}
