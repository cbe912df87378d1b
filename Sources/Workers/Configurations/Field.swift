import Shapes

/// One parameter that a worker version lets people set.
/// The rules are those of Arkindex's worker configuration files.
struct Field: Codable, Sendable, Equatable {
    enum Kind: String, Codable, Sendable, CaseIterable {
        case bool, dict, element_type, `enum`, float, group, int, model, secret, string, text, corpus_export, s3_bucket, worker_version

        /// Kinds whose fields may have a default.
        var takesDefault: Bool { [.bool, .dict, .enum, .float, .int, .string, .text].contains(self) }
        /// Kinds whose fields may hold a list.
        var takesMany: Bool { [.int, .float, .string, .worker_version, .element_type].contains(self) }
    }

    var key: String
    var display_name: String
    var help_text: String?
    var type: Kind
    var many: Bool
    var required: Bool
    var editable: Bool
    /// Null: none.
    var `default`: JSONValue
    var choices: [String]?
    var children: [Field]
}

/// Recursive, so it cannot be recorded.
extension Field: Described {
    static let shape = Shape.any
    static let sample = Field(
        key: "key", display_name: "Key", help_text: nil, type: .string, many: false, required: false, editable: true, default: .null,
        choices: nil, children: [])
}

extension Field {
    /// The value in this field's own type, so that what means the same is written the same: 1.0 is 1 in an int field, and 1 is 1.0
    /// in a float field. Nil for a value of another type.
    func typed(_ value: JSONValue) -> JSONValue? {
        guard many else { return typedSingle(value) }
        guard case .array(let items) = value else { return nil }
        let typed = items.compactMap(typedSingle)
        return typed.count == items.count ? .array(typed) : nil
    }

    private func typedSingle(_ value: JSONValue) -> JSONValue? {
        switch (type, value) {
        case (.bool, .boolean), (.int, .integer): value
        case (.int, .number(let number)): Int(exactly: number).map(JSONValue.integer)
        case (.float, .number(let number)): number.isFinite ? .number(number) : nil
        case (.float, .integer(let number)): .number(Double(number))
        case (.enum, .string(let text)): choices?.contains(text) == true ? value : nil
        case (.dict, .object(let members)): members.values.allSatisfy { $0.string != nil } ? value.normalized : nil
        case (.model, .string(let text)), (.worker_version, .string(let text)), (.corpus_export, .string(let text)):
            text.isUUID ? .string(text.lowercased()) : nil
        case (.string, .string), (.text, .string), (.secret, .string), (.element_type, .string), (.s3_bucket, .string): value.normalized
        default: nil
        }
    }

    /// To complete "Must be …".
    var expectation: String {
        let single =
            switch type {
            case .bool: "true or false"
            case .int: "an integer"
            case .float: "a finite number"
            case .enum: "one of \((choices ?? []).joined(separator: ", "))"
            case .dict: "an object whose values are strings"
            case .group: "an object"
            case .model, .worker_version, .corpus_export: "a UUID"
            default: "a string"
            }
        return many ? "a list, each item \(single)" : single
    }
}
