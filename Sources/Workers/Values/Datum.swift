import Shapes

/// A value exactly as a request or a file wrote it. `JSONValue` will not do where two values must never be taken for one: its numbers are
/// rounded to 64 bits, its objects forget keys that come twice, and strings that Swift calls equal may differ in their code points.
indirect enum Datum: Sendable {
    case null
    case boolean(Bool)
    /// Decimal digits without leading zeros, perhaps after a minus: any integer.
    case integer(String)
    case float(Decimal)
    case string(String)
    case list([Datum])
    /// In the order of the text. No key twice.
    case object([Member])
    /// What YAML has and JSON has not: a date, a set. Never right anywhere; this is how it is printed.
    case other(String)
    /// Of YAML too. To Python these are a list of numbers, but not one that a default may be.
    case bytes([UInt8])

    struct Member: Sendable {
        var key: Datum
        var value: Datum
    }

    /// A number that was written with a fraction or an exponent.
    struct Decimal: Sendable {
        /// The nearest 64-bit number; infinite for one that is too large.
        var nearest: Double
        /// The number itself if it is an integer: 9007199254740993.0 is one, and not its nearest 64-bit number.
        var whole: String?

        init(_ nearest: Double, whole: String? = nil) {
            self.nearest = nearest
            self.whole = whole ?? (nearest == nearest.rounded() && abs(nearest) < 1e15 ? String(Int(nearest)) : nil)
        }
    }
}

extension Datum {
    var text: String? {
        if case .string(let text) = self { text } else { nil }
    }

    var isNull: Bool {
        if case .null = self { true } else { false }
    }

    /// The value of a key, if this is an object that has it.
    subscript(name: String) -> Datum? {
        guard case .object(let members) = self else { return nil }
        return members.first { $0.key.text?.isExactly(name) == true }?.value
    }

    /// For checks that need no exactness.
    var json: JSONValue {
        switch self {
        case .null, .other, .bytes: .null
        case .boolean(let value): .boolean(value)
        case .integer(let digits): Int(digits).map(JSONValue.integer) ?? .number(Double(digits) ?? .greatestFiniteMagnitude)
        case .float(let number): .number(number.nearest.isFinite ? number.nearest : .greatestFiniteMagnitude)
        case .string(let text): .string(text)
        case .list(let items): .array(items.map(\.json))
        case .object(let members): .object(Dictionary(members.map { ($0.key.text ?? "", $0.value.json) }) { _, last in last })
        }
    }
}

extension Datum: Equatable {
    /// Whether both were written with the same meaning and the same code points; keys in any order.
    static func == (left: Datum, right: Datum) -> Bool { left.written.isExactly(right.written) }
}

extension String {
    /// Equal code point by code point; `==` takes what is canonically equivalent for equal.
    func isExactly(_ other: String) -> Bool { utf8.elementsEqual(other.utf8) }
}
