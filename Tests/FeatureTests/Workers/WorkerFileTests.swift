import HTTPTypes
import Shapes
import Testing

@testable import Workers

/// Rule 4.1. Whether verdicts are those of the public validator is compared in Tests/ClientTests/test_worker_configuration_files.py;
/// here stands what it does not say.
@Suite struct WorkerFileTests {
    private static let head = "slug: reader\ndisplay_name: Reader\ntype: recognizer\ndescription: Reads\n"

    private func fields(_ text: String) throws -> [Field] { try WorkerFile(yaml: Self.head + "configuration: [\(text)]").fields }

    @Test func fieldsAreReadAsTheFileMeansThem() throws {
        let fields = try fields(
            """
            {key: ' a ', display_name: A, type: int, default: 0x1F, help_text: help, required: yes},
            {key: b, display_name: B, type: float, many: true, default: [1, 1:30, 1.5e+3]},
            {key: c, display_name: C, type: group, children: [{key: d, display_name: D, type: enum, choices: [x, y], default: y, editable: false}]},
            {key: e, display_name: E, type: float, default: 9007199254740993}, {key: f, display_name: F, type: string, default: '012'},
            {key: g, display_name: G, type: int, default: 012}
            """)
        #expect(fields.map(\.key) == [" a ", "b", "c", "e", "f", "g"])
        #expect(fields[0].defaultValue == .integer("31") && fields[0].required && fields[0].helpText == "help")
        #expect(fields[1].defaultValue.written == "[1.0,90.0,1500.0]" && fields[1].many)
        #expect(fields[2].children.first?.choices == ["x", "y"] && fields[2].children.first?.editable == false)
        #expect(fields[3].defaultValue.written == "9007199254740992.0" && fields[4].defaultValue == .string("012"))
        #expect(fields.defaults.written == #"{" a ":31,"b":[1.0,90.0,1500.0],"c":{"d":"y"},"e":9007199254740992.0,"f":"012","g":10}"#)
        // What is kept is read again without a loss.
        #expect(try [Field](written: fields.written).written == fields.written)
    }

    @Test func aliasesThatStandForTooMuchAreRefused() {
        let lines = (1...9).map { "  l\($0): &l\($0) [\(Array(repeating: "*l\($0 - 1)", count: 9).joined(separator: ", "))]" }
        let text = Self.head + "configuration:\n- key: a\n  l0: &l0 [x]\n" + lines.joined(separator: "\n")
        #expect(throws: ConfigurationFaults.self) { try WorkerFile(yaml: text) }
        let loops = [
            "a: &a [*a]", "a: &a {b: *a}", "a: &a {<<: *a}", String(repeating: "[", count: 100_000),
            String(repeating: "- ", count: 100_000),
        ]
        for text in loops { #expect(throws: ConfigurationFaults.self, "\(text.prefix(20))") { try WorkerFile(yaml: text) } }
    }

    @Test func largeNumbersOfOtherBasesAreConverted() throws {
        #expect(YAMLScalar.integer("0x1_0000_0000_0000_0000") == .integer("18446744073709551616"))
        #expect(YAMLScalar.integer("-0b101") == .integer("-5") && YAMLScalar.integer("0777") == .integer("511"))
        #expect(YAMLScalar.integer("190:20:30") == .integer("685230") && YAMLScalar.integer("-0") == .integer("0"))
        #expect(YAMLScalar.integer("0x\(String(repeating: "f", count: 32))") == .integer("340282366920938463463374607431768211455"))
    }

    /// The same rules for fields that a request declares.
    @Test func requestsDeclareFieldsByTheSameRules() async throws {
        try await Tester.with { tester in
            let scenario = try await Scenario(tester, pages: 0)
            let path = "/api/v1/workers/\(scenario.worker)/versions/"
            let wrong = try await tester.send(
                .post, path,
                #"{"gpu_usage": "perhaps", "configuration": [{"key": "a", "display_name": "A", "type": "int", "default": 1.0}, {"key": "b", "type": "group"}]}"#
            )
            #expect(wrong.status == 400)
            #expect(Set(wrong.places) == ["gpu_usage", "configuration.a", "configuration.1.display_name", "configuration.b"], "\(wrong)")
            let right = try await tester.send(
                .post, path, #"{"configuration": [{"key": "a", "display_name": "A", "type": "int", "default": 100000000000000000000001}]}"#)
            #expect(right.status == 201 && right.text.contains("100000000000000000000001"), "\(right)")
            let nul = try await tester.post(
                path + "import/",
                ["docker_image_iid": "i", "yaml": .string(Self.head + #"configuration: [{key: a, display_name: "\0", type: int}]"#)])
            #expect(nul.status == 400 && nul.codes == ["null_character"] && nul.places == ["yaml"], "\(nul)")
        }
    }
}
