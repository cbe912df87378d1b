import Shapes
import Testing

/// All that is wrong is told at once, each with its place.
@Suite struct FaultTests {
    private static let person = Shape.object([
        .init("name", .string(.init(minimum: 1, maximum: 5)), required: true),
        .init("age", .nullable(.integer(0...150)), required: false),
        .init("id", .uuid, required: true),
        .init("colours", .array(.string(.init(choices: ["red", "green"])), minimum: 1, maximum: 2), required: false),
    ])

    private func faults(_ value: JSONValue, _ shape: Shape = Self.person) -> [String] {
        shape.faults(in: value).map { fault in
            fault.path.map { step in
                switch step {
                case .key(let key): key
                case .index(let index): "\(index)"
                }
            }.joined(separator: ".") + " " + fault.code
        }
    }

    @Test func allAtOnceFromTheOutsideIn() {
        #expect(
            faults(["name": "", "age": 200, "id": "x", "colours": ["red", "blue"]]) == [
                "name blank", "age out_of_range", "id invalid", "colours.1 invalid_choice",
            ])
        #expect(faults([:]) == ["name required", "id required"])
        #expect(
            faults(["people": [["name": 1], "x", .null]], .object([.init("people", .array(Self.person), required: true)])) == [
                "people.0.name invalid", "people.0.id required", "people.1 invalid", "people.2 null",
            ])
        #expect(faults(["name": .null, "age": .null, "id": .null, "colours": []]) == ["name null", "id null", "colours too_few"])
    }

    @Test func nothingIsTakenForAnotherType() {
        let id: JSONValue = "00000000-0000-0000-0000-000000000000"
        #expect(faults(["name": "a", "age": "1", "id": id]) == ["age invalid"])
        #expect(faults(["name": "a", "age": true, "id": id]) == ["age invalid"])
        #expect(faults(["name": "a", "age": .number(1.5), "id": id]) == ["age invalid"])
        #expect(faults(["name": 1, "id": id, "colours": "red"]) == ["name invalid", "colours invalid"])
        #expect(faults("a") == [" invalid"])
        #expect(faults([.object(["name": "a", "id": id])]) == [" invalid"])
    }

    @Test func unknownKeysAreLetThrough() {
        #expect(faults(["name": "a", "id": "00000000-0000-0000-0000-000000000000", "more": 1]) == [])
    }

    /// PostgreSQL counts code points, and so do the clients in Python: a letter and its accent are two.
    @Test func lengthsAreCountedInCodePoints() {
        let shape = Shape.string(.init(maximum: 2))
        #expect(faults("e\u{301}", shape) == [])
        #expect(faults("e\u{301}e", shape) == [" max_length"])
        #expect(faults("\r\n", .string(.init(maximum: 1))) == [" max_length"])
        #expect(faults("👩‍👧", .string(.init(maximum: 1))) == [" max_length"])
    }

    @Test(arguments: [
        "{00000000-0000-0000-0000-000000000000}", "00000000000000000000000000000000", "0000000-00000-0000-0000-000000000000", "",
    ])
    func onlyTheUsualFormIsAUUID(_ text: String) {
        #expect(faults(.string(text), .uuid) == [" invalid"])
    }
}
