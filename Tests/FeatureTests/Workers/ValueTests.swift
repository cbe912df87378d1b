import Shapes
import Testing

@testable import Workers

/// Rules 4.1 and 4.2: values against the fields that a version declares, all that is wrong at once.
@Suite struct ValueTests {
    static let yaml = """
        slug: reader
        display_name: Reader
        type: recognizer
        description: Reads
        docker: {command: read}
        configuration:
          - {key: flag, display_name: A, type: bool}
          - {key: export, display_name: A, type: corpus_export}
          - {key: names, display_name: A, type: dict}
          - {key: kind, display_name: A, type: element_type}
          - {key: color, display_name: A, type: enum, choices: [red, "\\u00e9"]}
          - {key: ratio, display_name: A, type: float}
          - {key: paper, display_name: A, type: group, children: [
              {key: size, display_name: A, type: int, required: true}, {key: pass, display_name: A, type: secret}]}
          - {key: count, display_name: A, type: int}
          - {key: model, display_name: A, type: model}
          - {key: bucket, display_name: A, type: s3_bucket}
          - {key: pass, display_name: A, type: secret}
          - {key: title, display_name: A, type: string}
          - {key: note, display_name: A, type: text}
          - {key: version, display_name: A, type: worker_version}
          - {key: counts, display_name: A, type: int, many: true}
          - {key: ratios, display_name: A, type: float, many: true}
          - {key: kinds, display_name: A, type: element_type, many: true}
          - {key: versions, display_name: A, type: worker_version, many: true}
          - {key: fixed, display_name: A, type: int, editable: false, default: 3}
          - {key: given, display_name: A, type: int, editable: false, required: true, default: null}
          - {key: big, display_name: A, type: int, default: 1000000000000000000000}
          - {key: odd, display_name: A, type: int, default: yes}
        """
    static let uuid = "0198c0de-0000-7000-8000-00000000000a"

    private func fields() throws -> [Field] { try WorkerFile(yaml: Self.yaml).fields }

    /// `code place` of each fault.
    private func faults(_ text: String) throws -> [String] {
        let (_, faults) = SparseForm.read(try DatumReader.read(Array(text.utf8)), try fields())
        return faults.map { fault in
            ([fault.code] + [
                fault.path.map { step in
                    if case .key(let key) = step { key } else if case .index(let index) = step { "\(index)" } else { "" }
                }
                .joined(separator: ".")
            ]).joined(separator: " ")
        }
    }

    private func values(_ members: String) throws -> String {
        try SparseForm(of: DatumReader.read(Array("{\"paper\": {\"size\": 1}, \(members)}".utf8)), fields: fields()).values.written
    }

    @Test(arguments: [
        ("flag", ["true", "false"], ["0", "1", "\"true\"", "[]"]),
        ("export", ["\"\(uuid)\""], ["1", "\"x\"", "\"\(uuid)0\""]),
        ("names", ["{}", #"{"a": "b"}"#], ["[]", #"{"a": 1}"#, #"{"a": null}"#, #"{"a": {}}"#, "\"a\""]),
        ("kind", ["\"page\""], ["1", "[\"page\"]"]),
        ("color", ["\"red\"", "\"\u{E9}\"", "\"e\u{301}\""], ["\"blue\"", "\"Red\"", "1"]),
        ("ratio", ["1", "1.5", "-0.0", "1e300", "9007199254740993"], ["1e400", "-1e999", "\"1\"", "true"]),
        (
            "count", ["1", "1.0", "1e2", "-0", "-9223372036854775808", "9007199254740993", "9007199254740993.0"],
            ["1.5", "\"1\"", "true", "1e-1"]
        ),
        ("model", ["\"\(uuid)\""], ["\"a\"", "1"]),
        ("bucket", ["\"b\""], ["1"]),
        ("pass", ["\"secret\"", "\"\""], ["1", "[\"a\"]"]),
        ("title", ["\"\"", "\"a\\nb\"", "\"\u{202E}\u{200B}\""], ["1", "{}"]),
        ("note", ["\"a\""], ["false"]),
        ("version", ["\"\(uuid.uppercased())\""], ["\"a\""]),
        ("counts", ["[]", "[1, 2.0]"], ["1", "[1, \"2\"]", "[[1]]", "[null]"]),
        ("ratios", ["[1, 0.5]"], ["[1e400]", "1"]),
        ("kinds", ["[\"page\", \"line\"]"], ["\"page\"", "[1]"]),
        ("versions", ["[\"\(uuid)\"]"], ["\"\(uuid)\"", "[\"a\"]"]),
    ]) func everyTypeTakesItsOwnValuesAndNoOthers(_ key: String, _ right: [String], _ wrong: [String]) throws {
        for value in right { #expect(try faults("{\"paper\": {\"size\": 1}, \"\(key)\": \(value)}") == [], "\(key) \(value)") }
        for value in wrong {
            #expect(try faults("{\"paper\": {\"size\": 1}, \"\(key)\": \(value)}") == ["invalid \(key)"], "\(key) \(value)")
        }
    }

    @Test func everythingWrongIsReportedTogetherWithItsPlace() throws {
        let text =
            #"{"paper": {"pass": 1, "more": 1}, "flag": 1, "unheard": 2, "fixed": 4, "color": "blue", "counts": [9223372036854775808, 1]}"#
        #expect(
            Set(try faults(text)) == [
                "unknown unheard", "unknown paper.more", "invalid flag", "not_editable fixed", "invalid color", "required paper.size",
                "invalid paper.pass", "out_of_range counts.0",
            ])
        #expect(try faults("[]") == ["invalid "])
        #expect(try faults(#"{"paper": 1}"#) == ["invalid paper"])
    }

    /// What a model has to give cannot be asked of people.
    @Test func requiredFieldsThatCannotBeEditedAreTheModels() throws {
        #expect(try faults("{\"paper\": {\"size\": 1}}") == [])
        #expect(try faults("{\"paper\": {\"size\": 1}, \"given\": 1}") == ["not_editable given"])
        #expect(try faults("{}") == ["required paper.size"])
    }

    @Test func valuesAreKeptInTheirFieldsType() throws {
        #expect(try values("\"count\": 1.0, \"ratio\": 2") == #"{"count":1,"paper":{"size":1},"ratio":2.0}"#)
        #expect(try values("\"count\": 9007199254740993.0") == #"{"count":9007199254740993,"paper":{"size":1}}"#)
        #expect(try values("\"version\": \"\(Self.uuid.uppercased())\"").contains(Self.uuid))
        #expect(try values("\"color\": \"e\u{301}\"").isExactly("{\"color\":\"\u{E9}\",\"paper\":{\"size\":1}}"))
        // In their maker's spelling: a password is its bytes.
        #expect(try values("\"pass\": \"e\u{301}\"").isExactly("{\"paper\":{\"size\":1},\"pass\":\"e\u{301}\"}"))
    }

    @Test func defaultsOfFilesMayBeWhatValuesMayNot() throws {
        #expect(try values("\"big\": 1000000000000000000000") == #"{"paper":{"size":1}}"#)
        #expect(try values("\"big\": 1e21") == #"{"paper":{"size":1}}"#)
        #expect(try faults("{\"paper\": {\"size\": 1}, \"big\": 1000000000000000000001}") == ["out_of_range big"])
        // `yes` is a number to the validator, and 1 still something else.
        #expect(try values("\"odd\": 1") == #"{"odd":1,"paper":{"size":1}}"#)
        #expect(try faults("{\"paper\": {\"size\": 1}, \"odd\": true}") == ["invalid odd"])
    }

    /// Faults 41 to 43: keys that come twice have no meaning; in two spellings neither.
    @Test func keysComeOnce() throws {
        let reading = #expect(throws: ConfigurationFaults.self) {
            try DatumReader.read(Array(#"{"a": {"b": 1, "b": 1}, "c": 1, "c": 2}"#.utf8))
        }
        #expect(reading?.faults.map(\.code) == ["duplicate_key", "duplicate_key"])
        #expect(reading?.faults.map(\.path) == [[.key("a"), .key("b")], [.key("c")]])
        #expect(
            try faults("{\"paper\": {\"size\": 1}, \"names\": {\"\u{E9}\": \"a\", \"e\u{301}\": \"a\"}}") == [
                "duplicate_key names.e\u{301}"
            ])
    }

    @Test(arguments: [
        (#"{"a": NaN}"#, "parse_error", ["a"]), (#"{"a": [1, 01]}"#, "parse_error", ["a", "1"]),
        (#"{"a": "\ud800"}"#, "lone_surrogate", ["a"]),
        (#"{"a": "\udc00\ud800"}"#, "lone_surrogate", ["a"]), (#"{"a": "\u0000"}"#, "null_character", ["a"]),
        (#"{"a": 1,}"#, "parse_error", []),
        (#"{"a": -}"#, "parse_error", ["a"]), (#"{"a": 1.}"#, "parse_error", ["a"]), (#"{"a": 1e}"#, "parse_error", ["a"]),
        (#"{"a": 1} 2"#, "parse_error", []), (#"{"a"; 1}"#, "parse_error", ["a"]), ("", "parse_error", []), ("\"", "parse_error", []),
        ("{\"a\": \"\u{1}\"}", "parse_error", ["a"]), (#"{"a": "\x"}"#, "parse_error", ["a"]), (#"{"a": "\u12"}"#, "parse_error", ["a"]),
    ]) func whatIsNoJSONIsRefusedAtItsPlace(_ text: String, _ code: String, _ place: [String]) {
        let reading = #expect(throws: ConfigurationFaults.self, "\(text)") { try DatumReader.read(Array(text.utf8)) }
        #expect(reading?.faults.first?.code == code, "\(text)")
        #expect(reading?.faults.first?.path == place.map { Int($0).map(Fault.Step.index) ?? .key($0) }, "\(text)")
    }

    @Test func depthAndDigitsAreBounded() {
        for open in ["[", #"{"a":"#] {
            let deep = #expect(throws: ConfigurationFaults.self) {
                try DatumReader.read(Array(String(repeating: open, count: 10_000).utf8))
            }
            #expect(deep?.faults.map(\.code) == ["too_deep"])
        }
        let long = #expect(throws: ConfigurationFaults.self) { try DatumReader.read(Array(String(repeating: "9", count: 100_000).utf8)) }
        #expect(long?.faults.map(\.code) == ["out_of_range"])
    }

    @Test func pairsOfSurrogatesAreCharacters() throws {
        #expect(try DatumReader.read(Array(#""\ud83d\ude00\u00E9""#.utf8)) == .string("\u{1F600}\u{E9}"))
    }
}
