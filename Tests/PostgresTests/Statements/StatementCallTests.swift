import NIOCore
import Postgres
import Testing

private struct Point: Encodable, ParameterConvertible {
    var x: Int
    var y: Int
    var parameter: Parameter { .text("(\(x),\(y))") }
}

private enum State: String, Encodable {
    case ready, done
}

private struct Body: Encodable {
    var text: String
    var state: State?
}

private struct Input: Encodable {
    var id = 7
    var ratio = 0.5
    var isOpen = true
    var title: String?
    var state = State.ready
    var place = Point(x: 1, y: 2)
    var body = Body(text: "inner", state: .done)
    var names = ["a", "b \"c\"", "d\\e", "NULL", ""]
    var states: [State] = [.ready, .done]
    var matrix = [[1, 2], [3, 4]]
    var holes: [Int?] = [1, nil]
    var none: [Int] = []
    var places = [Body(text: "in a list")]
}

@Suite struct StatementCallTests {
    private func parameters(_ names: String..., also: [String: Parameter] = [:]) throws -> [Parameter] {
        let sql = names.map { "$\($0)" }.joined(separator: ", ")
        return try Statement<Input, NoRow>("test", sql).call(Input(), also: also).parameters
    }

    @Test func scalarsAreTheirText() throws {
        #expect(try parameters("id", "ratio", "isOpen", "state", "place") == ["7", "0.5", "true", "ready", "(1,2)"].map(Parameter.text))
    }

    @Test func aMissingOptionalIsNull() throws {
        #expect(try parameters("title") == [.null])
    }

    @Test func partsHaveDottedNames() throws {
        #expect(try parameters("body.text", "body.state") == [.text("inner"), .text("done")])
    }

    @Test func listsAreArrayLiterals() throws {
        #expect(try parameters("names") == [.text(#"{"a","b \"c\"","d\\e","NULL",""}"#)])
        #expect(try parameters("states", "matrix") == [.text(#"{"ready","done"}"#), .text(#"{{"1","2"},{"3","4"}}"#)])
        #expect(try parameters("holes", "none") == [.text(#"{"1",NULL}"#), .text("{}")])
    }

    @Test func aListOfObjectsIsRefusedWhereItIsNeeded() throws {
        #expect(throws: PostgresFailure.self) { try parameters("places") }
    }

    @Test func alsoWinsAndHasToBeAPlaceholder() throws {
        #expect(try parameters("tenant", "id", also: ["tenant": .text("t"), "id": .null]) == [.text("t"), .null])
        let failure = #expect(throws: PostgresFailure.self) { try parameters("id", also: ["tenant": .text("t")]) }
        #expect(failure?.code == .invalidParameter)
        #expect(failure?.message == "test has no placeholder $tenant.")
    }

    @Test func withoutInputEverythingHasToBeSupplied() throws {
        let statement = Statement<NoInput, NoRow>("test", "SELECT $tenant")
        #expect(try statement.call(NoInput(), also: ["tenant": .text("t")]) == Call("SELECT $1", [.text("t")]))
        let failure = #expect(throws: PostgresFailure.self) { try statement.call(NoInput()) }
        #expect(failure?.message == "Nobody supplies $tenant of test.")
    }

    @Test func arraysArriveAsTheyWere() async throws {
        let statement = Statement<Input, NoRow>("test", "SELECT unnest($names::text[])")
        let rows = try await Server.withPool { try await $0.segment([statement.call(Input())]) }
        #expect((0..<5).map { rows[0].text($0, 0) } == Input().names)
    }
}
