import Foundation
import Shapes
import Testing

/// Reading JSON, against Foundation's decoder.
@Suite struct ParsingTests {
    @Test(arguments: [
        #"{"a": [1, -2, 0.5, 1e3, 1.0, -0.0, true, false, null, "x", {}, []]}"#, #""\u00e9\ud83d\ude00\n\"\\\/\u0000 æ""#, "7", "null",
        "  [ ]\n",
        #"{"": {"\u0061": ""}}"#, "9223372036854775807", "-9223372036854775808", "9223372036854775808",
        "123456789012345678901234567890", "1e400", "1E-400", "0.1", "1e18", "1e19",
    ])
    func itIsWhatFoundationReads(_ text: String) throws {
        // Nil where Foundation refuses it: then so must we.
        let expected = try? JSONDecoder().decode(JSONValue.self, from: Data(text.utf8))
        #expect(parsed(text) == expected, "\(text)")
    }

    @Test func ofMembersWithTheSameNameTheLastCounts() {
        #expect(parsed(#"{"a": 1, "a": 2}"#) == ["a": 2])
    }

    @Test(arguments: [
        "", "{", "[1,]", "{\"a\":1,}", "01", "1.", ".5", "+1", "NaN", "'a'", "\"\t\"", "\"\\x\"", "\"\\ud800\"", "[1] 2", "{\"a\" 1}",
        "tru",
        "\u{feff}1", "// a\n1",
    ])
    func nothingElseIsRead(_ text: String) {
        #expect(parsed(text) == nil, "\(text)")
    }

    @Test func bytesThatAreNotUTF8AreRefused() {
        #expect(throws: (any Error).self) { try [UInt8](arrayLiteral: 34, 0xC3, 34).withUnsafeBytes { try JSONValue(parsing: $0) } }
    }

    @Test func tooManyLevelsAreRefused() {
        func nested(_ levels: Int) -> String { String(repeating: "[", count: levels) + String(repeating: "]", count: levels) }
        #expect(parsed(nested(500)) != nil)
        #expect(parsed(nested(600)) == nil)
        #expect(parsed(nested(100_000)) == nil)
    }

    /// - Returns: nil where it is refused, whatever for.
    private func parsed(_ text: String) -> JSONValue? {
        // What the tests ask is whether it is refused.
        try? Array(text.utf8).withUnsafeBytes { try JSONValue(parsing: $0) }
    }
}
