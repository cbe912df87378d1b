import FoundationEssentials
import Postgres
import Shapes
import Testing

@testable import Server

/// Small bodies are checked in Swift and bulk ones in PostgreSQL, by the same shape: what one refuses, the other must refuse.
@Suite struct AgreementTests {
    private static let line = Shape.object([
        .init("name", .string(.init(minimum: 1, maximum: 3)), required: true),
        .init("kind", .string(.init(choices: ["a", "b"])), required: true),
        .init("polygon", .array(.array(.number(0...10), minimum: 2, maximum: 2), minimum: 1, maximum: 3), required: true),
        .init("confidence", .nullable(.number(0...1)), required: false),
        .init("flag", .nullable(.boolean), required: false),
    ])

    static let shapes: [Shape] = [
        .object([.init("elements", .array(line, minimum: 1, maximum: 3), required: true), .init("id", .nullable(.uuid), required: false)]),
        .object([
            .init("angle", .nullable(.integer(0...359)), required: false), .init("parents", .nullable(.array(.uuid)), required: false),
            .init("slug", .nullable(.string(.init(minimum: 1, maximum: 4, pattern: "[-a-z0-9_]+"))), required: false),
            .init("words", .array(.string(.init(minimum: 2))), required: true),
            .init("count", .integer(nil), required: true),
        ]),
        .object([
            .init("flags", .array(.boolean), required: true), .init("numbers", .array(.nullable(.integer(0...3))), required: true),
            .init("inner", .object([.init("any", .any, required: true)]), required: true),
            .init("rows", .array(.array(.text, maximum: 2)), required: false),
        ]),
    ]

    @Test(arguments: 0..<3) func swiftAndPostgreSQLRefuseTheSame(_ index: Int) async throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        let shape = Self.shapes[index]
        var random = Seeded(seed: seed)
        let values = (0..<300).map { number in
            random.mistakes = number % 3 > 0
            return shape.value(&random)
        }
        let refused = values.map { !shape.faults(in: Self.read($0)).isEmpty }
        // Worth something only where both come up.
        #expect(refused.count { $0 } > 30 && refused.count { !$0 } > 30, "seed \(seed)")
        let answers = try await TestDatabase.with { database in
            try await database.connected(to: database.owner) { lease in
                try await lease.segment(
                    values.map { Call(Self.question, [.text($0.text), .text(shape.json.text), .text(shape.violation)]) })
            }
        }
        for (number, rows) in answers.enumerated() {
            let expected = refused[number] ? "t" : "f"
            #expect(rows.text(0, 0) == expected, "violation, seed \(seed): \(values[number].text)")
            #expect(rows.text(0, 1) == expected, "body_faults, seed \(seed): \(values[number].text)")
        }
    }

    private static let question = """
        SELECT jsonb_typeof($1::jsonb) = 'array' OR jsonb_path_exists($1::jsonb, $3::jsonpath),
          EXISTS (SELECT FROM body_faults($1::jsonb, $2::jsonb, '[]'))
        """

    /// As a request's body is read: 1.0 comes out as an integer.
    private static func read(_ value: JSONValue) -> JSONValue {
        (try? JSONDecoder().decode(JSONValue.self, from: Data(value.text.utf8))) ?? .null
    }
}

/// SplitMix64: the same seed gives the same values again.
struct Seeded: RandomNumberGenerator {
    private var state: UInt64
    /// Whether what is made of it goes wrong in places.
    var mistakes = false

    init(seed: UInt64) { state = seed }

    /// Once in so many times.
    mutating func errs(_ times: Int) -> Bool { mistakes && Int.random(in: 0..<times, using: &self) == 0 }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}

extension Shape {
    /// A value of this shape, or one that is wrong in some place of it.
    func value(_ random: inout Seeded) -> JSONValue {
        if random.errs(25) { return Self.anything(&random, depth: 2) }
        switch self {
        case .any: return Self.anything(&random, depth: 2)
        case .boolean: return .boolean(.random(using: &random))
        case .integer(let range): return .integer(Self.near(range ?? 0...9, &random))
        case .number(let range):
            let place = random.errs(25) ? 1.1 : Double.random(in: 0...1, using: &random)
            let bounds = range ?? 0...1
            return .number(bounds.lowerBound + place * (bounds.upperBound - bounds.lowerBound))
        case .string(let rules): return .string(rules.value(&random))
        case .array(let item, let minimum, let maximum):
            let count = Self.near(minimum...(maximum ?? minimum + 3), &random)
            return .array((0..<max(count, 0)).map { _ in item.value(&random) })
        case .dictionary: return [:]
        case .object(let properties):
            var members: [String: JSONValue] = [:]
            for property in properties where property.required ? !random.errs(20) : Bool.random(using: &random) {
                members[property.name] = property.shape.value(&random)
            }
            return .object(members)
        case .nullable(let shape): return Int.random(in: 0..<4, using: &random) == 0 ? .null : shape.value(&random)
        }
    }

    /// Mostly inside, sometimes one beside.
    fileprivate static func near(_ range: ClosedRange<Int>, _ random: inout Seeded) -> Int {
        if random.errs(12) { return Bool.random(using: &random) ? range.lowerBound - 1 : range.upperBound + 1 }
        return .random(in: range, using: &random)
    }

    private static func anything(_ random: inout Seeded, depth: Int) -> JSONValue {
        switch Int.random(in: 0..<(depth > 0 ? 10 : 7), using: &random) {
        case 0: .null
        case 1: .boolean(true)
        case 2: .integer(Int.random(in: -2...2, using: &random))
        case 3: .number(0.5)
        case 4: .number(1)
        case 5: .string("a")
        case 6: .string("")
        case 7: .array([])
        case 8: .array([anything(&random, depth: depth - 1)])
        default: .object(["name": anything(&random, depth: depth - 1)])
        }
    }
}

extension Shape.Text {
    fileprivate func value(_ random: inout Seeded) -> String {
        if random.errs(15) { return ["", "x", "Ä\n", "zzzzzz", "e\u{301}e"].randomElement(using: &random) ?? "" }
        if let choices { return choices.randomElement(using: &random) ?? "" }
        if format == "uuid" { return "0198c0de-0000-7000-8000-00000000000\(Int.random(in: 0...9, using: &random))" }
        let letters = pattern == nil ? Array("ab é\n\"'\\") : Array("ab-0_")
        let count = max(0, Shape.near(minimum...(maximum ?? minimum + 2), &random))
        return String((0..<count).compactMap { _ in letters.randomElement(using: &random) })
    }
}
