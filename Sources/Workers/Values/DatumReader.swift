import Shapes

/// Reads JSON text (RFC 8259) without losing anything, and says where it is wrong. Foundation's reader names no place, rounds numbers to
/// 64 bits and lets the last of equal keys win.
///
/// A key that comes twice is a fault: the text has two meanings then, and whoever wrote it meant one. So are NUL, which PostgreSQL cannot
/// hold, and halves of surrogate pairs, which are no characters.
struct DatumReader {
    private let bytes: [UInt8]
    private var index = 0
    private var path: [Fault.Step] = []
    private(set) var faults: [Fault] = []

    /// Far more than values of fields can be deep.
    static let greatestDepth = 32
    /// Longer ones are no sensible integers, and reading them takes time that grows with the square.
    static let greatestDigits = 1000

    /// - Throws: ``ConfigurationFaults`` with every fault that could be found, each with its path.
    static func read(_ bytes: [UInt8]) throws(ConfigurationFaults) -> Datum {
        guard String(validating: bytes, as: UTF8.self) != nil else {
            throw ConfigurationFaults(faults: [Fault(path: [], code: "parse_error", detail: "Must be UTF-8.")])
        }
        var reader = DatumReader(bytes: bytes)
        do {
            let datum = try reader.document()
            if !reader.faults.isEmpty { throw ConfigurationFaults(faults: reader.faults) }
            return datum
        } catch let stop as Stop {
            throw ConfigurationFaults(faults: reader.faults + [stop.fault])
        } catch let faults as ConfigurationFaults {
            throw faults
        } catch {
            throw ConfigurationFaults(faults: reader.faults)
        }
    }

    private init(bytes: [UInt8]) { self.bytes = bytes }

    /// Nothing after it can be understood.
    private struct Stop: Error {
        let fault: Fault
    }

    private func stop(_ detail: String, code: String = "parse_error") -> Stop {
        Stop(fault: Fault(path: path, code: code, detail: detail))
    }

    private mutating func fail(_ code: String, _ detail: String) {
        faults.append(Fault(path: path, code: code, detail: detail))
    }

    private mutating func document() throws -> Datum {
        let datum = try value()
        guard next() == nil else { throw stop("There must be nothing after the JSON value.") }
        return datum
    }

    /// The next byte that is not white space.
    private mutating func next() -> UInt8? {
        while index < bytes.count, bytes[index] == 0x20 || bytes[index] == 0x0A || bytes[index] == 0x0D || bytes[index] == 0x09 {
            index += 1
        }
        return index < bytes.count ? bytes[index] : nil
    }

    private mutating func value() throws -> Datum {
        switch next() {
        case UInt8(ascii: "{"): return try nested { try $0.object() }
        case UInt8(ascii: "["): return try nested { try $0.list() }
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try word("true", .boolean(true))
        case UInt8(ascii: "f"): return try word("false", .boolean(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        case UInt8(ascii: "-"), .some(UInt8(ascii: "0")...UInt8(ascii: "9")): return try number()
        default: throw stop("Must be a JSON value: NaN, Infinity and bare words are none.")
        }
    }

    private mutating func nested(_ read: (inout DatumReader) throws -> Datum) throws -> Datum {
        guard path.count < Self.greatestDepth else { throw stop("Must be at most \(Self.greatestDepth) levels deep.", code: "too_deep") }
        index += 1
        return try read(&self)
    }

    private mutating func word(_ word: String, _ datum: Datum) throws -> Datum {
        guard bytes[index...].starts(with: word.utf8) else { throw stop("Must be a JSON value: NaN, Infinity and bare words are none.") }
        index += word.utf8.count
        return datum
    }

    private mutating func list() throws -> Datum {
        var items: [Datum] = []
        if next() == UInt8(ascii: "]") {
            index += 1
            return .list([])
        }
        while true {
            path.append(.index(items.count))
            items.append(try value())
            path.removeLast()
            guard try goesOn(until: UInt8(ascii: "]")) else { return .list(items) }
        }
    }

    private mutating func object() throws -> Datum {
        var members: [Datum.Member] = []
        var seen: Set<[UInt8]> = []
        if next() == UInt8(ascii: "}") {
            index += 1
            return .object([])
        }
        while true {
            guard next() == UInt8(ascii: "\"") else { throw stop("A key must be a JSON string.") }
            let key = try string()
            path.append(.key(key))
            guard next() == UInt8(ascii: ":") else { throw stop("A key must be followed by a colon.") }
            index += 1
            let datum = try value()
            if seen.insert(Array(key.utf8)).inserted {
                members.append(.init(key: .string(key), value: datum))
            } else {
                fail("duplicate_key", "This key comes twice: only one of its values can be meant.")
            }
            path.removeLast()
            guard try goesOn(until: UInt8(ascii: "}")) else { return .object(members) }
        }
    }

    private mutating func goesOn(until end: UInt8) throws -> Bool {
        let byte = next()
        guard byte == UInt8(ascii: ",") || byte == end else { throw stop("A list or object is not closed.") }
        index += 1
        return byte != end
    }

    private mutating func number() throws -> Datum {
        let start = index
        if bytes[index] == UInt8(ascii: "-") { index += 1 }
        let integer = digits()
        guard let first = integer.first, integer.count == 1 || first != UInt8(ascii: "0") else { throw stop("This is no JSON number.") }
        var fraction = ArraySlice<UInt8>()
        var exponent: Int? = 0
        var isInteger = true
        if index < bytes.count, bytes[index] == UInt8(ascii: ".") {
            index += 1
            fraction = digits()
            isInteger = false
            guard !fraction.isEmpty else { throw stop("This is no JSON number.") }
        }
        if index < bytes.count, bytes[index] | 0x20 == UInt8(ascii: "e") {
            index += 1
            let sign = index
            if index < bytes.count, [UInt8(ascii: "-"), UInt8(ascii: "+")].contains(bytes[index]) { index += 1 }
            guard !digits().isEmpty else { throw stop("This is no JSON number.") }
            exponent = Int(String(decoding: bytes[sign..<index], as: UTF8.self))
            isInteger = false
        }
        let isNegative = bytes[start] == UInt8(ascii: "-")
        if isInteger {
            guard integer.count <= Self.greatestDigits else {
                fail("out_of_range", "Must have at most \(Self.greatestDigits) digits.")
                return .integer("0")
            }
            return .integer(Self.signed(isNegative, String(decoding: integer, as: UTF8.self)))
        }
        let nearest = Double(String(decoding: bytes[start..<index], as: UTF8.self)) ?? .infinity
        return .float(
            .init(nearest, whole: Self.whole(integer + fraction, point: integer.count, exponent).map { Self.signed(isNegative, $0) }))
    }

    private static func signed(_ isNegative: Bool, _ digits: String) -> String {
        isNegative && digits != "0" ? "-" + digits : digits
    }

    /// The integer that these digits are with the point after the first `point` and then moved by `exponent`; nil if they are none, or a
    /// very long one.
    private static func whole(_ digits: ArraySlice<UInt8>, point: Int, _ exponent: Int?) -> String? {
        let significant = digits.drop { $0 == UInt8(ascii: "0") }
        let trailing = significant.reversed().prefix { $0 == UInt8(ascii: "0") }.count
        guard !significant.isEmpty else { return "0" }
        guard let exponent, abs(exponent) <= 2 * greatestDigits, significant.count - trailing <= greatestDigits else { return nil }
        // How many zeros stand behind the significant digits without their trailing zeros.
        let zeros = point + exponent - digits.count + trailing
        guard zeros >= 0, significant.count - trailing + zeros <= greatestDigits else { return nil }
        return String(decoding: significant.dropLast(trailing), as: UTF8.self) + String(repeating: "0", count: zeros)
    }

    private mutating func digits() -> ArraySlice<UInt8> {
        let start = index
        while index < bytes.count, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[index]) { index += 1 }
        return bytes[start..<index]
    }

    private mutating func string() throws -> String {
        index += 1
        // Most strings hold nothing that is escaped.
        let start = index
        while index < bytes.count, bytes[index] != UInt8(ascii: "\""), bytes[index] != UInt8(ascii: "\\"), bytes[index] >= 0x20 {
            index += 1
        }
        var text = Array(bytes[start..<index])
        while index < bytes.count {
            let byte = bytes[index]
            index += 1
            switch byte {
            case UInt8(ascii: "\""): return String(decoding: text, as: UTF8.self)
            case UInt8(ascii: "\\"): text += Array(String(try escaped()).utf8)
            case 0..<0x20: throw stop("Control characters in a string must be escaped.")
            default: text.append(byte)
            }
        }
        throw stop("A string is not closed.")
    }

    private mutating func escaped() throws -> Unicode.Scalar {
        guard index < bytes.count else { throw stop("A string is not closed.") }
        index += 1
        switch bytes[index - 1] {
        case UInt8(ascii: "\""): return "\""
        case UInt8(ascii: "\\"): return "\\"
        case UInt8(ascii: "/"): return "/"
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{C}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"): return try codePoint()
        default: throw stop("This is no escape that JSON knows.")
        }
    }

    private mutating func codePoint() throws -> Unicode.Scalar {
        let unit = try hexadecimal()
        if unit == 0 { fail("null_character", "NUL characters are not allowed.") }
        if let scalar = Unicode.Scalar(unit) { return scalar }
        let mark = index
        if unit < 0xDC00, bytes[index...].starts(with: "\\u".utf8) {
            index += 2
            let low = try hexadecimal()
            if (0xDC00...0xDFFF).contains(low), let scalar = Unicode.Scalar(0x10000 + (unit - 0xD800) << 10 + (low - 0xDC00)) {
                return scalar
            }
            index = mark
        }
        fail("lone_surrogate", "Half of a surrogate pair is no character.")
        return "\u{FFFD}"
    }

    private mutating func hexadecimal() throws -> UInt32 {
        let digits = bytes[index...].prefix(4)
        guard digits.count == 4, digits.allSatisfy({ UnicodeScalar($0).properties.isASCIIHexDigit }),
            let unit = UInt32(String(decoding: digits, as: UTF8.self), radix: 16)
        else { throw stop("An escape \\u needs four hexadecimal digits.") }
        index += 4
        return unit
    }
}
