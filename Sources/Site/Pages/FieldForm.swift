import FoundationEssentials
import Shapes
import Web

/// A form made from the fields of a worker version: an input for each, filled in with its default, and the way back to values.
struct FieldForm {
    private let fields: [JSONValue]
    private let types: [JSONValue]

    /// - Parameter types: the project's element types, for fields that name one.
    init(_ fields: [JSONValue], types: [JSONValue]) {
        self.fields = fields
        self.types = types
    }

    var isEmpty: Bool { fields.isEmpty }

    // MARK: To the page

    /// - Parameter refused: shows what was sent, with each fault at its field.
    func json(after refused: Visit.Refused?) -> JSONValue {
        .array(fields.map { shown($0, in: nil, refused) })
    }

    private func shown(_ field: JSONValue, in group: String?, _ refused: Visit.Refused?) -> JSONValue {
        let key = field["key"]?.string ?? ""
        if field["type"]?.string == "group" {
            let children = (field["children"]?.items ?? []).map { shown($0, in: key, refused) }
            return field.adding(["group": true, "children": .array(children)])
        }
        let name = group.map { "\($0).\(key)" } ?? key
        let text = refused.map { $0.fields["field." + name] ?? "" } ?? Self.text(field["default"] ?? .null)
        let input = Self.input(field)
        return field.adding([
            "group": false, "has_default": .boolean(field["default"] ?? .null != .null), "name": .string("field." + name),
            "value": .string(text), "is_" + input: true,
            "on": .boolean(text == "true" || text == "on"), "options": .array(options(field, chosen: text)),
            "locked": .boolean(field["editable"] == .boolean(false)), "fault": refused?.fault(at: name) ?? .null,
            "step": .string(field["type"]?.string == "int" ? "1" : "any"),
        ])
    }

    /// Which kind of input: the names that the template knows.
    private static func input(_ field: JSONValue) -> String {
        if field["many"]?.isTrue == true { return "lines" }
        return switch field["type"]?.string {
        case "bool": "checkbox"
        case "int", "float": "number"
        case "enum", "element_type": "select"
        case "text", "dict": "lines"
        case "secret": "password"
        default: "line"
        }
    }

    private func options(_ field: JSONValue, chosen: String) -> [JSONValue] {
        let values =
            field["type"]?.string == "element_type"
            ? types.compactMap { $0["slug"]?.string } : (field["choices"]?.items ?? []).compactMap(\.string)
        return values.map { ["value": .string($0), "chosen": .boolean($0 == chosen)] }
    }

    /// A value as people write it: a list an item a line, a mapping as `key=value`.
    private static func text(_ value: JSONValue) -> String {
        switch value {
        case .null: ""
        case .string(let text): text
        case .array(let items): items.map(text).joined(separator: "\n")
        case .object(let members): members.sorted { $0.key < $1.key }.map { "\($0)=\(text($1))" }.joined(separator: "\n")
        default: value.text
        }
    }

    // MARK: From the page

    /// What was filled in, in the fields' types. What does not fit its type stays text, for the operation to refuse.
    func values(of given: Fields) -> JSONValue {
        .object(values(fields, given, below: ""))
    }

    private func values(_ fields: [JSONValue], _ given: Fields, below prefix: String) -> [String: JSONValue] {
        fields.reduce(into: [:]) { values, field in
            let key = field["key"]?.string ?? ""
            if field["type"]?.string == "group" {
                let inner = self.values(field["children"]?.items ?? [], given, below: key + ".")
                if !inner.isEmpty { values[key] = .object(inner) }
            } else if field["editable"] != .boolean(false) {
                values[key] = Self.value(of: given.values["field.\(prefix)\(key)"]?.first, field)
            }
        }
    }

    /// - Parameter text: as it was sent; nil where it was not, as with a box that is not ticked.
    private static func value(of text: String?, _ field: JSONValue) -> JSONValue? {
        let hasDefault = field["default"] ?? .null != .null
        if field["type"]?.string == "bool" { return text != nil ? true : hasDefault ? false : nil }
        guard let text = text?.replacing("\r\n", with: "\n") else { return nil }
        // What was emptied is empty: without a value the default would be used. Where there is none, empty means without a value.
        if text.isEmpty { return hasDefault ? empty(field) : nil }
        if field["many"]?.isTrue == true {
            return .array(text.split(separator: "\n").map { single(String($0), field) })
        }
        return single(text, field)
    }

    /// Nil for what has no empty value.
    private static func empty(_ field: JSONValue) -> JSONValue? {
        if field["many"]?.isTrue == true { return [] }
        return switch field["type"]?.string {
        case "string", "text": ""
        case "dict": [:]
        default: nil
        }
    }

    private static func single(_ text: String, _ field: JSONValue) -> JSONValue {
        switch field["type"]?.string {
        case "int": Int(text).map(JSONValue.integer) ?? .string(text)
        case "float": Double(text).map(JSONValue.number) ?? .string(text)
        case "dict": dictionary(text)
        default: .string(text)
        }
    }

    private static func dictionary(_ text: String) -> JSONValue {
        let pairs = text.split(separator: "\n").map { line -> (String, JSONValue) in
            let parts = line.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            return (String(parts[0]), .string(parts.count > 1 ? String(parts[1]) : ""))
        }
        return .object(Dictionary(pairs) { _, last in last })
    }
}

extension Visit.Refused {
    /// What is wrong with a field of the configuration.
    fileprivate func fault(at name: String) -> JSONValue? {
        problem.items.first { $0.place == "configuration " + name.replacing(".", with: " ") }.map { .string($0.detail) }
    }
}
