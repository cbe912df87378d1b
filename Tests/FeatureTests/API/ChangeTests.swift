import Shapes
import Testing

/// Rule 6.8: what a change changes, and what it leaves.
@Suite struct ChangeTests {
    @Test func twoChangesAtOnceAreBothKept() async throws {
        try await Tester.with { tester in
            let scenario = try await Scenario(tester, pages: 1)
            let page = scenario.pages[0]
            let image = try await tester.image("page-2")
            let changes: [JSONValue] = [["type": "folder"], ["image": .string(image)]]
            let answers = try await tester.during("SELECT FROM element WHERE id = '\(page)' FOR UPDATE", waiting: 2) {
                try await tester.atOnce(2) { try await tester.patch("/api/v1/element/\(page)/", changes[$0]) }
            }
            #expect(answers.map(\.status) == [200, 200], "\(answers)")
            let after = try await tester.get("/api/v1/element/\(page)/").expect()
            #expect(after["type"] == "folder" && after["zone"]?["image"]?["id"] == .string(image), "\(after)")
            #expect(
                try await tester.value(
                    """
                    SELECT count(*) FROM element e JOIN element_path p ON p.element_id = e.id AND p.type_number <> e.type_number
                    """) == "0")
        }
    }

    /// A polygon stays where it is, unless the other image does not reach that far.
    @Test func anotherImageHasRoomForThePolygon() async throws {
        try await Tester.with { tester in
            let scenario = try await Scenario(tester, pages: 1)
            let small = try await tester.image("small", width: 100, height: 50)
            let line = try await scenario.lines(1, below: scenario.pages[0], by: nil)[0]
            let path = "/api/v1/element/\(line)/"
            let refused = try await tester.patch(path, ["image": .string(small)])
            #expect(refused.status == 400 && refused.places == ["image"] && refused.codes == ["outside_image"], "\(refused)")
            let rectangle = JSONValue.rectangle(0, 0, 100, 10)
            let moved = try await tester.patch(path, ["image": .string(small), "polygon": rectangle]).expect()
            #expect(moved["zone"]?["polygon"] == rectangle && moved["zone"]?["image"]?["id"] == .string(small))
            let back = try await tester.patch(path, ["image": .string(scenario.image)]).expect()
            #expect(back["zone"]?["polygon"] == rectangle)
            // What is all of an image is all of the next.
            let whole = try await tester.patch("/api/v1/element/\(scenario.pages[0])/", ["image": .string(small)]).expect()
            #expect(whole["zone"]?["polygon"] == [[0, 0], [0, 50], [100, 50], [100, 0]])
        }
    }

    /// Of what a task made, and a person sends a change of that is none.
    @Test func whatChangesNothingIsNoWorkByHand() async throws {
        try await Tester.with { tester in
            let scenario = try await Scenario(tester, pages: 1)
            let task = try await scenario.claimed()
            let line = try await scenario.lines(1, below: scenario.pages[0], by: task)[0]
            let text = try await scenario.text("a text", on: line, by: task)
            let metadata: JSONValue = ["type": "numeric", "name": "n", "value": 1]
            let number = try await tester.post("/api/v1/element/\(line)/metadata/", metadata.signed(task), as: task.caller).created()
            let person = try await tester.post("/api/v1/entity/types/", ["name": "person", "corpus": .string(scenario.corpus)]).created()
            let marked: JSONValue = ["type_id": .string(person), "offset": 1, "length": 2, "confidence": .number(0.3)]
            let entities = "/api/v1/transcription/\(text)/entities/"
            let entity = try await tester.post(entities, marked.signed(task), as: task.caller).created()
            let all: [(path: String, same: [JSONValue], nulls: [String])] = [
                (
                    "/api/v1/element/\(line)/", [["name": "0", "type": "text_line", "mirrored": false], ["confidence": .null]],
                    ["name", "type", "rotation_angle", "mirrored"]
                ),
                ("/api/v1/transcription/\(text)/", [["text": "a text"], ["confidence": .number(0.5)]], ["text", "orientation"]),
                ("/api/v1/metadata/\(number)/", [["value": 1], ["value": "1", "name": "n"]], ["type", "name", "value"]),
                ("\(entities)\(entity)/", [["offset": 1], ["confidence": .number(0.3)]], ["type_id", "offset", "length"]),
            ]
            for (path, same, nulls) in all {
                for body in same + [[:], ["txet": "unknown"]] {
                    let answer = try await tester.patch(path, body)
                    #expect(answer.status == 200, "\(path) \(body): \(answer)")
                }
                for field in nulls {
                    let answer = try await tester.patch(path, .object([field: .null]))
                    #expect(answer.status == 400 && answer.codes == ["null"] && answer.places == [field], "\(path) \(answer)")
                }
            }
            for table in ["element", "transcription", "metadata", "transcription_entity"] {
                let touched = "SELECT count(*) FROM \(table) WHERE source_id <> 0 AND (kept OR edited_at IS NOT NULL)"
                #expect(try await tester.value(touched) == "0", "\(table)")
            }
            #expect(try await tester.patch(all[3].path, ["confidence": .null]).expect()["confidence"] == .null)
            for table in ["element", "transcription", "transcription_entity"] {
                #expect(try await tester.value("SELECT count(*) FROM \(table) WHERE source_id <> 0 AND kept") == "1", "\(table)")
            }
            #expect(try await tester.miscounted() == [])
        }
    }
}
