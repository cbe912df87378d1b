import Shapes
import Testing

/// A shape is what a type's own decoding asks for.
@Suite struct RecordingTests {
    private struct Primitives: Decodable {
        var text: String
        var flag: Bool
        var number: Int
        var short: Int16
        var medium: Int32
        var long: Int64
        var double: Double
        var float: Float
    }

    @Test func everyPrimitive() throws {
        let integers = ["number", "short", "medium", "long"].map { Shape.Property($0, .integer(nil), required: true) }
        #expect(
            try Shape(recording: Primitives.self)
                == .object(
                    [.init("text", .text, required: true), .init("flag", .boolean, required: true)] + integers + [
                        .init("double", .number(nil), required: true), .init("float", .number(nil), required: true),
                    ]))
    }

    private struct Optionals: Decodable {
        var text: String?
        var flag: Bool?
        var number: Int?
        var short: Int16?
        var medium: Int32?
        var long: Int64?
        var double: Double?
        var float: Float?
        var inner: Inner?
        var items: [Inner]?
    }

    private struct Inner: Decodable, Equatable {
        var name: String
    }

    @Test func whatIsOptionalMayBeNullOrLeftOut() throws {
        let recorded = try Shape(recording: Optionals.self).properties
        #expect(recorded.count == 10)
        #expect(recorded.allSatisfy { !$0.required && $0.shape.isNullable })
        #expect(recorded.map(\.shape.unwrapped).suffix(2) == [Self.inner, .array(Self.inner)])
    }

    private static let inner = Shape.object([.init("name", .text, required: true)])

    private struct Nested: Decodable {
        struct Deep: Decodable {
            var lists: [[Int]]
            var inner: Inner
        }
        var deep: Deep
        var many: [Deep]
    }

    @Test func nestedTypesAndLists() throws {
        let deep = Shape.object([.init("lists", .array(.array(.integer(nil))), required: true), .init("inner", Self.inner, required: true)])
        #expect(
            try Shape(recording: Nested.self)
                == .object([.init("deep", deep, required: true), .init("many", .array(deep), required: true)]))
        #expect(try Shape(recording: [String].self) == .array(.text))
        #expect(try Shape(recording: Int.self) == .integer(nil))
    }

    private enum Colour: String, Codable, CaseIterable, Described {
        case red, green
        static let sample = Colour.red
    }

    private struct Size: Leaf {
        let value: Int
        static let shape = Shape.integer(1...10)
        static let sample = Size(value: 1)
        init(value: Int) { self.value = value }
    }

    private struct Rules: Decodable {
        var colour: Colour
        var sizes: [Size]
        var other: JSONValue?
    }

    @Test func typesThatSayTheirShapeAreBelieved() throws {
        #expect(
            try Shape(recording: Rules.self)
                == .object([
                    .init("colour", .string(.init(choices: ["red", "green"])), required: true),
                    .init("sizes", .array(.integer(1...10)), required: true), .init("other", .nullable(.any), required: false),
                ]))
    }
}
