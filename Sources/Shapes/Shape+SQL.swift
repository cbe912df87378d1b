extension Shape {
    /// The shape in JSON, as the database function `body_faults` reads it: only its keywords, no prose.
    public var json: JSONValue {
        switch self {
        case .any: return ["type": "any"]
        case .boolean: return ["type": "boolean"]
        case .integer(let range):
            return JSONValue.object(["type": "integer"]).bounded(range.map { (.integer($0.lowerBound), .integer($0.upperBound)) })
        case .number(let range):
            return JSONValue.object(["type": "number"]).bounded(range.map { (.number($0.lowerBound), .number($0.upperBound)) })
        case .string(let rules): return rules.json
        case .array(let item, let minimum, let maximum):
            return [
                "type": "array", "items": item.json, "minItems": .integer(minimum), "maxItems": maximum.map(JSONValue.integer) ?? .null,
            ]
        case .dictionary(let item): return ["type": "dictionary", "items": item.json]
        case .object(let properties):
            return [
                "type": "object",
                "properties": .array(
                    properties.map { ["name": .string($0.name), "shape": $0.shape.json, "required": .boolean($0.required)] }),
            ]
        case .nullable(let shape):
            return shape.json.adding(["nullable": true])
        }
    }

    /// A path in PostgreSQL's jsonpath language that finds something where a body breaks this shape. It runs in C over thousands
    /// of items in the time that naming one fault in PL/pgSQL takes, so faults are named only when it says that there are any.
    public var violation: String { "$ ? (\(violation(of: "@")))" }

    /// The predicate that is true where the value at `place` is wrong. In jsonpath's lax mode a missing member compares as false
    /// and a filter takes arrays apart, hence the explicit `exists` and the two ways of looking into a list.
    private func violation(of place: String) -> String {
        switch self {
        case .any: "(1 == 0)"
        case .nullable(let shape): "(\(place).type() != \"null\" && \(shape.violation(of: place)))"
        case .boolean: "(\(place).type() != \"boolean\")"
        case .integer(let range):
            "(\(place).type() != \"number\" || \(place).floor() != \(place)"
                + Self.outside(range.map { ("\($0.lowerBound)", "\($0.upperBound)") }, place)
                + ")"
        case .number(let range):
            "(\(place).type() != \"number\"" + Self.outside(range.map { ("\($0.lowerBound)", "\($0.upperBound)") }, place) + ")"
        case .string(let rules): "(\(place).type() != \"string\"\(rules.violation(of: place)))"
        case .array(let item, let minimum, let maximum):
            "(\(place).type() != \"array\" || \(place).size() < \(minimum)" + (maximum.map { " || \(place).size() > \($0)" } ?? "")
                + " || \(item.violation(ofItems: "\(place)[*]")))"
        case .dictionary: "(\(place).type() != \"object\")"
        case .object(let properties):
            "(\(place).type() != \"object\"" + properties.map { " || " + $0.violation(of: place) }.joined() + ")"
        }
    }

    private func violation(ofItems place: String) -> String {
        switch self {
        case .array: violation(of: place)
        case .object: "\(place).type() != \"object\" || exists(\(place) ? \(violation(of: "@")))"
        case .any: violation(of: place)
        default: "\(place).type() == \"array\" || exists(\(place) ? \(violation(of: "@")))"
        }
    }

    private static func outside(_ range: (String, String)?, _ place: String) -> String {
        range.map { " || \(place) < \($0.0) || \(place) > \($0.1)" } ?? ""
    }

    fileprivate func violation(ofMember member: String, required: Bool) -> String {
        required ? "(!exists(\(member)) || \(violation(of: member)))" : "(exists(\(member)) && \(violation(of: member)))"
    }
}

extension Shape.Property {
    fileprivate func violation(of place: String) -> String {
        shape.violation(ofMember: "\(place).\"\(name)\"", required: required)
    }
}

extension Shape.Text {
    fileprivate var json: JSONValue {
        [
            "type": "string", "format": format.map(JSONValue.string) ?? .null,
            "enum": choices.map { .array($0.map(JSONValue.string)) } ?? .null,
            "minLength": .integer(minimum), "maxLength": maximum.map(JSONValue.integer) ?? .null,
            "pattern": pattern.map(JSONValue.string) ?? .null, "mayBeBlank": .boolean(mayBeBlank),
        ]
    }

    fileprivate func violation(of place: String) -> String {
        var parts: [String] = []
        if let choices {
            parts.append("!(" + choices.map { "\(place) == \"\($0)\"" }.joined(separator: " || ") + ")")
        } else if format == "uuid" {
            parts.append("!(\(place) like_regex \"^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$\")")
        } else if minimum > 0 || maximum != nil {
            parts.append("!(\(place) like_regex \"^.{\(minimum),\(bounded)}$\" flag \"s\")")
        }
        if !mayBeBlank { parts.append("!(\(place) like_regex \"[^\(Self.whiteSpace)]\")") }
        if let pattern { parts.append("!(\(place) like_regex \"^(\(pattern.replacing("\\", with: "\\\\")))$\")") }
        return parts.map { " || " + $0 }.joined()
    }

    /// What `Character.isWhitespace` takes for it, and `trimmed` in SQL; `\\s` of PostgreSQL depends on the collation.
    private static let whiteSpace =
        #"\u0009-\u000d\u0020\u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"#

    /// PostgreSQL's expressions count to 255; longer limits are left to the column's constraint.
    private var bounded: String { maximum.flatMap { $0 <= 255 ? "\($0)" : nil } ?? "" }
}

extension JSONValue {
    fileprivate func bounded(_ range: (JSONValue, JSONValue)?) -> JSONValue {
        adding(range.map { ["minimum": $0.0, "maximum": $0.1] })
    }
}
