import NIOCore
import Postgres
import Testing

@Suite struct JSONTextTests {
    private func escaped(_ text: String) -> String {
        var buffer = ByteBuffer()
        JSONText.escape(text.utf8, into: &buffer)
        return String(buffer: buffer)
    }

    @Test(arguments: [
        ("", ""), ("plain text that is longer than a word", "plain text that is longer than a word"), ("a\"b\\c", #"a\"b\\c"#),
        ("\u{8}\t\n\u{c}\r", #"\b\t\n\f\r"#), ("\u{0}\u{1f}", #"\u0000\u001f"#), ("é漢😀\u{7f}\u{2028}", "é漢😀\u{7f}\u{2028}"),
        ("12345678\"", #"12345678\""#), ("ééééééééé\n", #"ééééééééé\n"#),
    ])
    func onlyWhatHasToBeIsEscaped(text: String, expected: String) {
        #expect(escaped(text) == expected)
    }

    @Test func everySpecialIsFoundAtEveryPlace() {
        for length in 0..<20 {
            for special in ["\"", "\\", "\u{1}", "\u{1f}"] {
                let before = String(repeating: "x", count: length)
                #expect(escaped(before + special + "yyyyyyyyyyy") == before + escaped(special) + "yyyyyyyyyyy")
            }
        }
    }

    @Test func stringsAreQuoted() {
        var buffer = ByteBuffer()
        JSONText.string("a\"", into: &buffer)
        #expect(String(buffer: buffer) == #""a\"""#)
    }

    @Test func whatIsNotContiguousIsCopied() {
        var buffer = ByteBuffer()
        JSONText.escape("a\"b".utf8.reversed(), into: &buffer)
        #expect(String(buffer: buffer) == #"b\"a"#)
    }
}
