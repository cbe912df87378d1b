import Foundation

extension Datum {
    /// As JSON text, keys sorted by their bytes, strings as they are.
    var written: String { text { $0 } }

    /// The same with all strings and keys in Unicode's normal form C: equal for values that mean the same, provided that numbers are typed.
    var canonical: String { text { $0.utf8.allSatisfy { $0 < 0x80 } ? $0 : $0.precomposedStringWithCanonicalMapping } }

    private func text(_ spelled: (String) -> String) -> String {
        var output = ""
        write(into: &output, spelled)
        return output
    }

    private func write(into output: inout String, _ spelled: (String) -> String) {
        switch self {
        case .null: output += "null"
        case .boolean(let value): output += value ? "true" : "false"
        case .integer(let digits): output += digits
        case .float(let number): output += number.nearest.plain
        case .string(let text), .other(let text): output.append(quoting: spelled(text))
        case .bytes(let bytes): Datum.list(bytes.map { .integer(String($0)) }).write(into: &output, spelled)
        case .list(let items):
            output += "["
            for (index, item) in items.enumerated() {
                if index > 0 { output += "," }
                item.write(into: &output, spelled)
            }
            output += "]"
        case .object(let members):
            output += "{"
            let named = members.map { (spelled($0.key.text ?? $0.key.printed), $0.value) }
            for (index, member) in named.sorted(by: { $0.0.utf8.lexicographicallyPrecedes($1.0.utf8) }).enumerated() {
                if index > 0 { output += "," }
                output.append(quoting: member.0)
                output += ":"
                member.1.write(into: &output, spelled)
            }
            output += "}"
        }
    }
}

extension Double {
    /// Without exponent and always with a fraction, so that a float stays one: PostgreSQL keeps the digits of a JSON number but not how
    /// they were written. The shortest digits that read back as this number. Zero has no sign here.
    var plain: String {
        guard isFinite else { return self > 0 ? "1e999" : isNaN ? "\"nan\"" : "-1e999" }
        guard self != 0 else { return "0.0" }
        let parts = magnitude.description.split(separator: "e")
        let exponent = parts.count > 1 ? Int(parts[1]) ?? 0 : 0
        let halves = parts[0].split(separator: ".")
        let fraction = halves.count > 1 && halves[1] != "0" ? String(halves[1]) : ""
        let digits = halves[0] + fraction
        let point = halves[0].count + exponent
        let sign = self < 0 ? "-" : ""
        if point <= 0 { return sign + "0." + String(repeating: "0", count: -point) + digits }
        if point >= digits.count { return sign + digits + String(repeating: "0", count: point - digits.count) + ".0" }
        return sign + digits.prefix(point) + "." + digits.dropFirst(point)
    }
}

extension String {
    /// Adds a text as a JSON string.
    fileprivate mutating func append(quoting text: String) {
        guard text.utf8.contains(where: { $0 < 0x20 || $0 == UInt8(ascii: "\"") || $0 == UInt8(ascii: "\\") }) else {
            append("\"\(text)\"")
            return
        }
        append("\"")
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": append("\\\"")
            case "\\": append("\\\\")
            case "\u{0}"..<"\u{20}":
                let digits = String(scalar.value, radix: 16)
                append("\\u" + String(repeating: "0", count: 4 - digits.count) + digits)
            default: unicodeScalars.append(scalar)
            }
        }
        append("\"")
    }
}
