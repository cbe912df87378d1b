/// One fault of a value, and where it is.
public struct Fault: Sendable, Equatable {
    /// Keys and indexes from the outside in.
    public var path: [Step]
    public var code: String
    /// What is wrong and what would be right, in one sentence.
    public var detail: String

    public enum Step: Sendable, Equatable {
        case key(String)
        case index(Int)
    }

    public init(path: [Step], code: String, detail: String) {
        self.path = path
        self.code = code
        self.detail = detail
    }
}

extension Shape {
    /// Everything that is wrong with `value`, all at once, outermost first. Unknown keys are let through: older and newer clients send more.
    public func faults(in value: JSONValue, at path: [Fault.Step] = []) -> [Fault] {
        func fault(_ code: String, _ detail: String) -> [Fault] { [Fault(path: path, code: code, detail: detail)] }
        switch (self, value) {
        case (.any, _), (.nullable, .null), (.boolean, .boolean): return []
        case (.nullable(let shape), _): return shape.faults(in: value, at: path)
        case (_, .null): return fault("null", "This field may not be null.")
        case (.integer(let range), .integer(let number)):
            guard let range, !range.contains(number) else { return [] }
            return fault("out_of_range", "Must be between \(range.lowerBound) and \(range.upperBound).")
        case (.number(let range), .integer(let number)): return Self.range(range, Double(number), fault)
        case (.number(let range), .number(let number)): return Self.range(range, number, fault)
        case (.string(let rules), .string(let text)):
            return rules.fault(in: text).map { fault($0.code, $0.detail) } ?? []
        case (.array(let item, let minimum, let maximum), .array(let values)):
            if values.count < minimum { return fault("too_few", "Must hold at least \(minimum) item\(minimum == 1 ? "" : "s").") }
            if let maximum, values.count > maximum { return fault("too_many", "Must hold at most \(maximum) items.") }
            return values.enumerated().flatMap { item.faults(in: $1, at: path + [.index($0)]) }
        case (.dictionary(let item), .object(let members)):
            return members.sorted { $0.key < $1.key }.flatMap { item.faults(in: $1, at: path + [.key($0)]) }
        case (.object(let properties), .object(let members)):
            return properties.flatMap { property in
                let inner = path + [.key(property.name)]
                guard let member = members[property.name] else {
                    return property.required ? [Fault(path: inner, code: "required", detail: "This field is required.")] : []
                }
                return property.shape.faults(in: member, at: inner)
            }
        default: return fault("invalid", "Must be \(expectation).")
        }
    }

    private static func range(_ range: ClosedRange<Double>?, _ number: Double, _ fault: (String, String) -> [Fault]) -> [Fault] {
        guard let range, !range.contains(number) else { return [] }
        return fault("out_of_range", "Must be between \(range.lowerBound) and \(range.upperBound).")
    }

    /// What would be right, to complete "Must be …".
    public var expectation: String {
        switch self {
        case .any: "any JSON value"
        case .boolean: "true or false"
        case .integer: "an integer"
        case .number: "a number"
        case .string(let rules): rules.expectation
        case .array: "a list"
        case .object, .dictionary: "an object"
        case .nullable(let shape): shape.expectation
        }
    }
}

extension Shape.Text {
    /// What would be right, to complete "Must be …".
    public var expectation: String {
        if let choices { return "one of \(choices.joined(separator: ", "))" }
        switch format {
        case "uuid": return "a UUID"
        case "date-time": return "a date and time in RFC 3339 form"
        case "uri": return "an http or https URL"
        default: return "a string"
        }
    }

    func fault(in text: String) -> (code: String, detail: String)? {
        if text.utf8.contains(0) { return ("null_character", "NUL characters are not allowed.") }
        if let choices, !choices.contains(text) { return ("invalid_choice", "Must be \(expectation).") }
        if format == "uuid", !text.isUUID { return ("invalid", "Must be a UUID.") }
        if format == "uri", !["http://", "https://"].contains(where: text.lowercased().hasPrefix) {
            return ("invalid", "Must be \(expectation).")
        }
        // In code points, as PostgreSQL counts and most clients do.
        let length = text.unicodeScalars.count
        if !mayBeBlank, text.allSatisfy(\.isWhitespace) { return ("blank", "This field may not be blank.") }
        if length < minimum {
            return minimum == 1 ? ("blank", "This field may not be blank.") : ("min_length", "Must have at least \(minimum) characters.")
        }
        if let maximum, length > maximum { return ("max_length", "Must have at most \(maximum) characters.") }
        return patternFault(in: text)
    }

    private func patternFault(in text: String) -> (code: String, detail: String)? {
        guard let pattern, let expression = try? Regex(pattern) else { return nil }
        return text.wholeMatch(of: expression) == nil ? ("invalid", "Must match \(pattern).") : nil
    }
}

extension String {
    /// As names are kept: without the white space around them.
    public var trimmed: String {
        String(drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
    }
}

extension StringProtocol {
    /// Whether this is a UUID in its canonical form of 36 characters, whatever the case.
    public var isUUID: Bool {
        let bytes = utf8
        guard bytes.count == 36 else { return false }
        return zip(0..., bytes).allSatisfy { index, byte in
            switch index {
            case 8, 13, 18, 23: byte == UInt8(ascii: "-")
            default: (48...57).contains(byte) || (97...102).contains(byte) || (65...70).contains(byte)
            }
        }
    }
}
