import Shapes

/// Checks the parts of a worker configuration file, and collects what is wrong.
struct FileCheck {
    var faults: [Fault] = []

    mutating func fail(_ code: String, _ detail: String, _ path: [Fault.Step]) {
        faults.append(Fault(path: path, code: code, detail: detail))
    }

    mutating func unknownKeys(in members: [String: JSONValue], known: [String], at path: [Fault.Step]) {
        for key in members.keys.sorted() where !known.contains(key) {
            fail("unknown", "There is no such key; there are \(known.joined(separator: ", ")).", path + [.key(key)])
        }
    }

    /// A text that is not blank.
    mutating func text(_ key: String, of members: [String: JSONValue], at path: [Fault.Step], maximum: Int?) -> String {
        let place = path + [.key(key)]
        guard let value = members[key] else {
            fail("required", "This key is required.", place)
            return ""
        }
        guard case .string(let text) = value else {
            fail("invalid", "Must be a string.", place)
            return ""
        }
        if text.allSatisfy(\.isWhitespace) { fail("blank", "May not be blank.", place) }
        if let maximum, text.count > maximum { fail("max_length", "Must have at most \(maximum) characters.", place) }
        return text
    }

    mutating func usage(_ key: String, of members: [String: JSONValue]) -> String {
        let allowed = ["disabled", "supported", "required"]
        guard let value = members[key] else { return "disabled" }
        guard let text = value.string, allowed.contains(text) else {
            fail("invalid_choice", "Must be one of \(allowed.joined(separator: ", ")).", [.key(key)])
            return "disabled"
        }
        return text
    }

    mutating func docker(_ value: JSONValue?) -> (command: String?, shmSize: String?) {
        guard let value, value != .null else { return (nil, nil) }
        let path: [Fault.Step] = [.key("docker")]
        guard case .object(let members) = value else {
            fail("invalid", "Must be a mapping.", path)
            return (nil, nil)
        }
        unknownKeys(in: members, known: ["command", "shm_size"], at: path)
        let command = members["command"] == nil ? nil : text("command", of: members, at: path, maximum: nil)
        guard let size = members["shm_size"] else { return (command, nil) }
        let text = size.string ?? size.text
        if text.wholeMatch(of: /0*[1-9][0-9]*[bkmg]?/) == nil {
            fail("invalid", "Must be a number above zero, with an optional unit b, k, m or g.", path + [.key("shm_size")])
        }
        return (command, text)
    }

    mutating func fields(_ value: JSONValue?, at path: [Fault.Step], inGroup: Bool) -> [Field] {
        guard let value, value != .null else { return [] }
        guard case .array(let items) = value else {
            fail("invalid", "Must be a list of fields.", path)
            return []
        }
        var seen: Set<String> = []
        return items.enumerated().compactMap { index, item in
            guard let field = field(item, at: path + [.index(index)], inGroup: inGroup) else { return nil }
            if !field.key.isEmpty, !seen.insert(field.key).inserted { fail("duplicate", "Duplicate key", path + [.key(field.key)]) }
            return field
        }
    }

    private static let keys = [
        "key", "display_name", "help_text", "type", "default", "many", "editable", "required", "choices", "children",
    ]

    private mutating func field(_ value: JSONValue, at path: [Fault.Step], inGroup: Bool) -> Field? {
        guard case .object(let members) = value else {
            fail("invalid", "Must be a mapping.", path)
            return nil
        }
        unknownKeys(in: members, known: Self.keys, at: path)
        let key = text("key", of: members, at: path, maximum: 250).trimmed
        let name = text("display_name", of: members, at: path, maximum: 250)
        if name.contains(where: \.isNewline) { fail("invalid", "Must be one line.", path + [.key("display_name")]) }
        guard let kind = members["type"]?.string.flatMap(Field.Kind.init(rawValue:)) else {
            fail(
                "invalid_choice", "Must be one of \(Field.Kind.allCases.map(\.rawValue).sorted().joined(separator: ", ")).",
                path + [.key("type")])
            return nil
        }
        var field = Field(
            key: key, display_name: name, help_text: members["help_text"]?.string, type: kind,
            many: flag("many", members, at: path) ?? false, required: flag("required", members, at: path) ?? false,
            editable: flag("editable", members, at: path) ?? true, default: .null, choices: choices(members["choices"], at: path),
            children: [])
        if kind == .group {
            group(&field, members, at: path, inGroup: inGroup)
        } else {
            single(&field, members, at: path)
        }
        return field
    }

    private mutating func flag(_ key: String, _ members: [String: JSONValue], at path: [Fault.Step]) -> Bool? {
        guard let value = members[key] else { return nil }
        guard case .boolean(let flag) = value else {
            fail("invalid", "Must be true or false.", path + [.key(key)])
            return nil
        }
        return flag
    }

    private mutating func choices(_ value: JSONValue?, at path: [Fault.Step]) -> [String]? {
        guard let value, value != .null else { return nil }
        guard case .array(let items) = value, items.allSatisfy({ $0.string != nil }) else {
            fail("invalid", "Must be a list of strings.", path + [.key("choices")])
            return nil
        }
        return items.compactMap(\.string)
    }

    private mutating func group(_ field: inout Field, _ members: [String: JSONValue], at path: [Fault.Step], inGroup: Bool) {
        if inGroup { fail("nested", "Groups cannot be nested.", path + [.key("type")]) }
        if field.many { fail("invalid", "A group cannot be many.", path + [.key("many")]) }
        if field.required { fail("invalid", "A group cannot be required.", path + [.key("required")]) }
        if !field.editable { fail("invalid", "A group must be editable.", path + [.key("editable")]) }
        if members["default"] != nil { fail("invalid", "A group cannot have a default.", path + [.key("default")]) }
        field.children = inGroup ? [] : fields(members["children"], at: path + [.key("children")], inGroup: true)
        if members["children"] == nil || members["children"] == .array([]) {
            fail("required", "A group needs at least one child.", path + [.key("children")])
        }
    }

    private mutating func single(_ field: inout Field, _ members: [String: JSONValue], at path: [Fault.Step]) {
        if members["children"] != nil { fail("invalid", "Only groups have children.", path + [.key("children")]) }
        if field.many, !field.type.takesMany { fail("invalid", "A field of type \(field.type) cannot be many.", path + [.key("many")]) }
        if field.type == .enum {
            if Set(field.choices ?? []).count < 2 {
                fail("required", "An enum needs at least two distinct choices.", path + [.key("choices")])
            }
        } else if field.choices != nil {
            fail("invalid", "Only an enum has choices.", path + [.key("choices")])
        }
        if !field.editable, members["default"] == nil {
            fail("required", "A field that cannot be edited needs a default, which may be null.", path + [.key("default")])
        }
        guard let value = members["default"], value != .null else { return }
        if !field.type.takesDefault {
            fail("invalid", "A field of type \(field.type) cannot have a default.", path + [.key("default")])
        } else if let typed = field.typed(value) {
            field.default = typed
        } else {
            fail("invalid", "Must be \(field.expectation).", path + [.key("default")])
        }
    }
}

extension String {
    fileprivate var trimmed: String {
        let start = drop(while: \.isWhitespace)
        return String(start.reversed().drop(while: \.isWhitespace).reversed())
    }
}
