@testable import Workers

/// Random numbers that come again with the same seed (SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &self) < percent }
}

/// Makes up what configurations mean, and writes each meaning down in many ways.
struct ConfigurationWriter {
    /// What a value means. Texts stand for all their spellings, by number.
    enum Value: Hashable {
        case flag(Bool)
        case integer(Int)
        /// Zero has no sign.
        case float(Double)
        case text([Int])
        case texts([[Int]: [Int]])
        case list([Value])
        case id(String)
    }

    /// Values by field; nothing where the default holds.
    struct Meaning: Hashable {
        var values: [String: Value]

        /// Without what is the default in any case: the naive comparison.
        var completed: Meaning {
            Meaning(values: values.filter { key, value in ConfigurationWriter.defaults[key] != value })
        }
        var isDefault: Bool { values.isEmpty }
    }

    /// Texts with the same meaning, and the first of which differ from one another.
    static let texts: [[String]] = [
        ["\u{E9}", "e\u{301}"], ["\u{C5}", "A\u{30A}", "\u{212B}"], ["\u{1E69}", "s\u{323}\u{307}", "s\u{307}\u{323}"],
        ["\u{AC00}", "\u{1100}\u{1161}"],
        ["e"], ["E"], ["1"], ["1.0"], ["true"], ["null"], [" "], ["\u{A0}"], ["\u{200B}"], ["\u{202E}"], ["\u{FEFF}"], ["\u{FB01}"], ["fi"],
        ["\u{1F600}"], ["\""], ["\\"], ["/"], ["\n"], ["\u{7F}"], ["\u{1}"], ["\u{301}"], ["\u{2028}"],
    ]
    static let yaml = """
        slug: reader
        display_name: Reader
        type: recognizer
        description: Reads
        docker: {command: read}
        configuration:
          - {key: size, display_name: Size, type: int, default: 4}
          - {key: most, display_name: Most, type: int}
          - {key: ratio, display_name: Ratio, type: float, default: 1}
          - {key: title, display_name: Title, type: string, default: "\\u00e9"}
          - {key: words, display_name: Words, type: string, many: true, default: [e]}
          - {key: sizes, display_name: Sizes, type: float, many: true}
          - {key: deep, display_name: Deep, type: bool, default: true}
          - {key: names, display_name: Names, type: dict, default: {e: "1"}}
          - {key: model, display_name: Model, type: corpus_export}
          - {key: paper, display_name: Paper, type: group, children: [
              {key: size, display_name: Size, type: int, default: 1}, {key: "\\u00e9", display_name: Kind, type: enum, choices: [e, "1", "\\u00c5"]}]}
        """
    /// By path, as `paper.size`.
    static let defaults: [String: Value] = [
        "size": .integer(4), "ratio": .float(1), "title": .text([0]), "words": .list([.text([4])]), "deep": .flag(true),
        "names": .texts([[4]: [6]]), "paper.size": .integer(1),
    ]
    static let integers = [0, 1, 4, -1, 10, 100, 1 << 53, (1 << 53) + 1, -(1 << 53) - 1, .max, .min]
    static let floats: [Double] = [
        0, -0.0, 1, 4, -1, 0.1, (0.1).nextUp, 1e22, .leastNonzeroMagnitude, 1e300, .greatestFiniteMagnitude, 9007199254740992, 0.5,
    ]

    var random: SeededGenerator
    let fields: [Field]

    init(seed: UInt64) {
        random = SeededGenerator(seed: seed)
        fields = (try? WorkerFile(yaml: Self.yaml))?.fields ?? []
    }

    static let keys = ["size", "most", "ratio", "title", "words", "sizes", "deep", "names", "model", "paper.size", "paper.kind"]

    mutating func meaning() -> Meaning {
        var meaning = Meaning(values: [:])
        for _ in 0..<Int.random(in: 0...3, using: &random) { change(&meaning) }
        return meaning
    }

    mutating func changed(_ meaning: Meaning) -> Meaning {
        var other = meaning
        change(&other)
        return other
    }

    private mutating func change(_ meaning: inout Meaning) {
        guard let key = Self.keys.randomElement(using: &random) else { return }
        if random.chance(20) {
            meaning.values[key] = nil
        } else {
            meaning.values[key] = random.chance(15) ? Self.defaults[key] : value(key)
        }
    }

    private mutating func value(_ key: String) -> Value {
        switch key {
        case "size", "most", "paper.size": .integer(Self.integers.randomElement(using: &random) ?? 0)
        case "ratio": float()
        case "sizes": .list((0..<Int.random(in: 0...2, using: &random)).map { _ in float() })
        case "words": .list((0..<Int.random(in: 0...2, using: &random)).map { _ in .text(text()) })
        case "deep": .flag(random.chance(50))
        case "names":
            .texts(Dictionary((0..<Int.random(in: 0...2, using: &random)).map { _ in (text(), text()) }) { first, _ in first })
        case "model":
            .id(["0198c0de-0000-7000-8000-00000000000a", "0198c0de-0000-7000-8000-00000000000b"].randomElement(using: &random) ?? "")
        case "paper.kind": .text([[4, 6, 1].randomElement(using: &random) ?? 4])
        default: .text(text())
        }
    }

    private mutating func float() -> Value {
        let number = Self.floats.randomElement(using: &random) ?? 0
        return .float(number == 0 ? 0 : number)
    }

    private mutating func text() -> [Int] {
        (0..<Int.random(in: 0...2, using: &random)).map { _ in
            // A mark that follows a letter is one with it, and their order in the text would say nothing of the meaning.
            var index = Int.random(in: Self.texts.indices, using: &random)
            if index == 24 { index = 4 }
            return index
        }
    }
}

// How a meaning is written.
extension ConfigurationWriter {
    /// JSON text, one of many for this meaning.
    mutating func written(_ meaning: Meaning) -> String {
        var outer: [(String, String)] = []
        var inner: [(String, String)] = []
        for key in Self.keys {
            guard let text = member(meaning.values[key], key) else { continue }
            if key == "paper.size" {
                inner.append(("size", text))
            } else if key == "paper.kind" {
                inner.append((random.chance(50) ? "\u{E9}" : "e\u{301}", text))
            } else {
                outer.append((key, text))
            }
        }
        if !inner.isEmpty || random.chance(10) { outer.append(("paper", object(inner))) }
        return object(outer)
    }

    /// Nil: left out. What is the default may be left out, null, or there.
    private mutating func member(_ value: Value?, _ key: String) -> String? {
        guard let value = value ?? (random.chance(20) ? Self.defaults[key] : nil) else { return random.chance(10) ? "null" : nil }
        if Self.defaults[key] == value, random.chance(30) { return random.chance(30) ? "null" : nil }
        return json(value)
    }

    private mutating func json(_ value: Value) -> String {
        switch value {
        case .flag(let flag): flag ? "true" : "false"
        case .integer(let number): integer(number)
        case .float(let number): float(number)
        case .text(let text): string(spelled(text))
        case .texts(let members): object(members.map { (spelled($0.key), string(spelled($0.value))) })
        case .list(let items): "[" + items.map { json($0) }.joined(separator: random.chance(50) ? "," : " ,\n") + "]"
        case .id(let id): string(random.chance(50) ? id : id.uppercased())
        }
    }

    private mutating func object(_ members: [(String, String)]) -> String {
        let space = random.chance(50) ? "" : " "
        return "{" + members.shuffled(using: &random).map { string($0.0) + ":" + space + $0.1 }.joined(separator: "," + space) + "}"
    }

    private mutating func integer(_ number: Int) -> String {
        switch Int.random(in: 0..<6, using: &random) {
        case 0: "\(number).0"
        case 1: "\(number).000e0"
        case 2 where number != 0: "\(number)0e-1"
        case 3 where number % 10 == 0: "\(number / 10)E+1"
        case 4 where number == 0: "-0"
        default: "\(number)"
        }
    }

    private mutating func float(_ number: Double) -> String {
        let text = "\(number)"
        return switch Int.random(in: 0..<5, using: &random) {
        case 0 where number == number.rounded() && abs(number) < 1e15: "\(Int(number))"
        case 1 where !text.contains("e"): text + "00"
        case 2 where !text.contains("e"): text + "e+0"
        case 3 where number == 0: "-0.0"
        case 4: number.plain
        default: text
        }
    }

    private mutating func spelled(_ text: [Int]) -> String {
        text.reduce(into: "") { $0.unicodeScalars += (Self.texts[$1].randomElement(using: &random) ?? "").unicodeScalars }
    }

    private mutating func string(_ text: String) -> String {
        var output = "\""
        for scalar in text.unicodeScalars {
            if scalar.value < 0x20 || scalar == "\"" || scalar == "\\" || random.chance(10) {
                for unit in String(scalar).utf16 {
                    let digits = String(unit, radix: 16, uppercase: random.chance(50))
                    output += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
                }
            } else if scalar == "/", random.chance(50) {
                output += "\\/"
            } else {
                output.unicodeScalars.append(scalar)
            }
        }
        return output + "\""
    }
}
