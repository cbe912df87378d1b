/// What a scalar of YAML 1.1 is, by how it looks. These are the rules of PyYAML, which are older than those of YAML 1.2: `yes` is true,
/// `012` is ten and `1:30` ninety, while `1e3` and `0o7` are strings.
enum YAMLScalar {
    static let prefix = "tag:yaml.org,2002:"

    /// The tag of a plain scalar that has none.
    static func tag(of text: String) -> String {
        guard let first = text.unicodeScalars.first else { return prefix + "null" }
        let name: String? =
            switch first {
            case "y", "Y", "n", "N", "t", "T", "f", "F", "o", "O":
                booleans.contains(text) ? "bool" : nulls.contains(text) ? "null" : nil
            case "~": nulls.contains(text) ? "null" : nil
            case "<": text == "<<" ? "merge" : nil
            case "=": text == "=" ? "value" : nil
            case "-", "+", ".", "0"..."9": number(text)
            default: nil
            }
        return prefix + (name ?? "str")
    }

    private static let nulls: Set<String> = ["~", "null", "Null", "NULL"]
    private static let booleans: Set<String> = [
        "yes", "Yes", "YES", "no", "No", "NO", "true", "True", "TRUE", "false", "False", "FALSE", "on", "On", "ON", "off", "Off", "OFF",
    ]

    private static func number(_ text: String) -> String? {
        // Nothing that is longer is a number that anybody means, and the expressions below take their time.
        guard text.utf8.count <= 100_000 else { return nil }
        let isFloat =
            text.wholeMatch(of: /[-+]?[0-9][0-9_]*\.[0-9_]*([eE][-+][0-9]+)?/) != nil
            || text.wholeMatch(of: /\.[0-9][0-9_]*([eE][-+][0-9]+)?/) != nil
            || text.wholeMatch(of: /[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+\.[0-9_]*/) != nil
            || text.wholeMatch(of: /[-+]?\.(inf|Inf|INF)/) != nil || text.wholeMatch(of: /\.(nan|NaN|NAN)/) != nil
        if isFloat { return "float" }
        let isInteger =
            text.wholeMatch(of: /[-+]?0b[0-1_]+/) != nil || text.wholeMatch(of: /[-+]?0[0-7_]+/) != nil
            || text.wholeMatch(of: /[-+]?(0|[1-9][0-9_]*)/) != nil || text.wholeMatch(of: /[-+]?0x[0-9a-fA-F_]+/) != nil
            || text.wholeMatch(of: /[-+]?[1-9][0-9_]*(:[0-5]?[0-9])+/) != nil
        if isInteger { return "int" }
        let looksLikeTime =
            text.wholeMatch(of: /[0-9]{4}-[0-9]{2}-[0-9]{2}/) != nil
            || text.wholeMatch(
                of:
                    /[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}([Tt]|[ \t]+)[0-9]{1,2}:[0-9]{2}:[0-9]{2}(\.[0-9]*)?([ \t]*(Z|[-+][0-9]{1,2}(:[0-9]{2})?))?/
            )
                != nil
        return looksLikeTime ? "timestamp" : nil
    }

    /// Whether there is such a day, and such a time of it.
    static func isTime(_ text: String) -> Bool {
        let form =
            /([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})(?:(?:[Tt]|[ \t]+)([0-9]{1,2}):([0-9]{2}):([0-9]{2})(?:\.[0-9]*)?(?:[ \t]*(?:Z|[-+]([0-9]{1,2})(?::([0-9]{2}))?))?)?/
        guard let match = text.wholeMatch(of: form), let year = Int(match.1), let month = Int(match.2), let day = Int(match.3) else {
            return false
        }
        let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        let days = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        guard year > 0, days.indices.contains(month - 1), (1...days[month - 1]).contains(day) else { return false }
        let parts = [match.4, match.5, match.6, match.7, match.8].map { $0.flatMap { Int($0) } ?? 0 }
        return parts[0] < 24 && parts[1] < 60 && parts[2] < 60 && parts[3] * 60 + parts[4] < 24 * 60
    }

    /// Converting takes time that grows with the square.
    private static let greatestLength = 20_000

    /// - Returns: nil for what is no integer, though it is tagged as one.
    static func integer(_ text: String) -> Datum? {
        var digits = Substring(text.replacing("_", with: ""))
        let isNegative = digits.hasPrefix("-")
        if isNegative || digits.hasPrefix("+") { digits = digits.dropFirst() }
        let magnitude: String? =
            if digits.hasPrefix("0b") {
                decimal(digits.dropFirst(2), base: 2)
            } else if digits.hasPrefix("0x") {
                decimal(digits.dropFirst(2), base: 16)
            } else if digits.hasPrefix("0"), digits.utf8.count > 1 {
                decimal(digits.dropFirst(), base: 8)
            } else if digits.contains(":") {
                sexagesimal(digits)
            } else {
                // As many as Python reads.
                digits.utf8.count <= 4300 ? decimal(digits, base: 10) : nil
            }
        return magnitude.map { .integer(isNegative && $0 != "0" ? "-" + $0 : $0) }
    }

    private static func sexagesimal(_ text: Substring) -> String? {
        guard text.utf8.count <= greatestLength else { return nil }
        var sum = Magnitude()
        for part in text.split(separator: ":", omittingEmptySubsequences: false) {
            guard let digit = UInt64(part), digit < 1 << 32 else { return nil }
            sum.multiply(by: 60, adding: digit)
        }
        return sum.decimal
    }

    private static func decimal(_ digits: Substring, base: UInt64) -> String? {
        guard !digits.isEmpty, digits.utf8.count <= greatestLength else { return nil }
        var sum = Magnitude()
        for character in digits {
            guard character.isASCII, let digit = character.hexDigitValue, digit < base else { return nil }
            sum.multiply(by: base, adding: UInt64(digit))
        }
        return sum.decimal
    }

    /// - Returns: nil for what is no number, though it is tagged as one.
    static func float(_ text: String) -> Datum? {
        var digits = Substring(text.replacing("_", with: "").lowercased())
        let sign: Double = digits.hasPrefix("-") ? -1 : 1
        if digits.hasPrefix("-") || digits.hasPrefix("+") { digits = digits.dropFirst() }
        switch digits {
        case ".inf", "inf", "infinity": return .float(.init(sign * .infinity))
        case ".nan", "nan": return .float(.init(.nan))
        default: break
        }
        if digits.contains(":") {
            var base = 1.0
            var sum = 0.0
            for part in digits.split(separator: ":", omittingEmptySubsequences: false).reversed() {
                guard let value = plain(part) else { return nil }
                sum += value * base
                base *= 60
            }
            return .float(.init(sign * sum))
        }
        return plain(digits).map { .float(.init(sign * $0)) }
    }

    /// With digits on both sides of the point, which not every reader of numbers can do without.
    private static func plain(_ text: Substring) -> Double? {
        guard let match = text.wholeMatch(of: /([0-9]*)(?:\.([0-9]*))?(e[-+]?[0-9]+)?/), !(match.1.isEmpty && (match.2 ?? "").isEmpty)
        else {
            return nil
        }
        return Double("0\(match.1).\(match.2 ?? "")0\(match.3 ?? "")")
    }
}

/// A natural number of any size, in digits of nine decimals, lowest first.
private struct Magnitude {
    private var digits: [UInt64] = []

    mutating func multiply(by factor: UInt64, adding summand: UInt64) {
        var carry = summand
        for index in digits.indices {
            carry += digits[index] * factor
            digits[index] = carry % 1_000_000_000
            carry /= 1_000_000_000
        }
        while carry > 0 {
            digits.append(carry % 1_000_000_000)
            carry /= 1_000_000_000
        }
    }

    var decimal: String {
        guard let highest = digits.last else { return "0" }
        return digits.dropLast().reversed().reduce(into: String(highest)) { text, digit in
            let next = String(digit)
            text += String(repeating: "0", count: 9 - next.utf8.count) + next
        }
    }
}
