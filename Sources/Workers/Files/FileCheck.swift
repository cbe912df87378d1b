import Shapes
import Web

/// Checks the parts of a worker configuration file, and collects what is wrong.
///
/// The verdict and the places are those of the public validator (PyPI teklia-worker-configuration 0.2.4), also where it is odd; a test
/// compares the two on thousands of files. It first holds each part against a schema, at its place in the file; then each field against
/// rules, at `configuration` and the field's key, a child's too. Where the validator would break down with an error of Python's own, which
/// it does on some files that are wrong in any case, the fault is named here like any other.
struct FileCheck {
    private(set) var faults: [Fault] = []
    /// Keys of fields, and of children behind their group's, without white space around them.
    private var keys: Set<[UInt8]> = []

    mutating func fail(_ code: String, _ detail: String, _ path: [Fault.Step]) {
        faults.append(Fault(path: path, code: code, detail: detail))
    }

    /// Keys that are not among these, and required ones that are missing.
    mutating func keys(of members: [Datum.Member], known: [String], required: [String], at path: [Fault.Step]) {
        for member in members where !known.contains(where: { member.key.text?.isExactly($0) == true }) {
            fail("unknown", "There is no such key; there are \(known.joined(separator: ", ")).", path + [.key(member.key.printed)])
        }
        for key in required where Datum.object(members)[key] == nil {
            fail("required", "This key is required.", path + [.key(key)])
        }
    }

    /// A string; `notBlank` wants something else than white space in it. Null is no string, but for one that is optional.
    mutating func text(_ value: Datum?, at path: [Fault.Step], maximum: Int? = nil, notBlank: Bool = false, optional: Bool = false) {
        guard let value, !(optional && value.isNull) else { return }
        guard let text = value.text else { return fail("invalid", "Must be a string.", path) }
        if let maximum, text.unicodeScalars.count > maximum { fail("max_length", "Must have at most \(maximum) characters.", path) }
        if notBlank, text.unicodeScalars.allSatisfy(\.isPythonSpace) { fail("blank", "May not be blank.", path) }
    }

    mutating func choice(_ value: Datum?, of choices: [String], at path: [Fault.Step], optional: Bool = false) {
        guard let value, !(optional && value.isNull) else { return }
        guard let text = value.text, choices.contains(where: text.isExactly) else {
            return fail("invalid_choice", "Must be one of \(choices.joined(separator: ", ")).", path)
        }
    }

    mutating func flag(_ value: Datum?, at path: [Fault.Step]) {
        switch value {
        case nil, .null, .boolean: break
        default: fail("invalid", "Must be true or false.", path)
        }
    }

    /// The validator's expression ends before a last line break, too.
    mutating func slug(_ value: Datum?, at path: [Fault.Step]) {
        guard let value else { return }
        guard let text = value.text, text.wholeMatch(of: /[-a-zA-Z0-9_]{1,100}\n?/) != nil else {
            return fail("invalid", "Must consist of at most 100 letters, digits, hyphens and underscores.", path)
        }
    }

    /// Nothing about the command: it may be blank. A number without quotes is no size.
    mutating func docker(_ value: Datum?) {
        let path: [Fault.Step] = [.key("docker")]
        guard let value, !value.isNull else { return }
        guard case .object(let members) = value else { return fail("invalid", "Must be a mapping.", path) }
        keys(of: members, known: ["command", "shm_size"], required: [], at: path)
        text(value["command"], at: path + ["command"], optional: true)
        guard let size = value["shm_size"], !size.isNull else { return }
        if size.text?.wholeMatch(of: /(0*[1-9][0-9]*)([bkmg]|\n)?/)?.1.count ?? .max > 4300 {
            fail(
                "invalid", "Must be a string of a number above zero, with an optional unit b, k, m or g.", path + ["shm_size"])
        }
    }

    /// A list of fields, or nothing.
    mutating func fields(_ value: Datum?, at path: [Fault.Step]) {
        guard let value, !value.isNull else { return }
        guard let items = value.sequence else { return fail("invalid", "Must be a list of fields.", path) }
        for (index, item) in items.enumerated() { field(item, at: path + [.index(index)]) }
    }

    private static let known = [
        "key", "display_name", "help_text", "type", "default", "many", "editable", "required", "choices", "children",
    ]

    private mutating func field(_ field: Datum, at path: [Fault.Step]) {
        guard case .object(let members) = field else { return fail("invalid", "Must be a mapping.", path) }
        keys(of: members, known: Self.known, required: ["key", "display_name", "type"], at: path)
        text(field["key"], at: path + ["key"], maximum: 250, notBlank: true)
        text(field["display_name"], at: path + ["display_name"], maximum: 250, notBlank: true)
        text(field["help_text"], at: path + ["help_text"], optional: true)
        choice(field["type"], of: Field.Kind.allCases.map(\.rawValue).sorted(), at: path + ["type"])
        for key in ["many", "editable", "required"] { flag(field[key], at: path + [.key(key)]) }
        choices(field["choices"], at: path + ["choices"])
        fields(field["children"], at: path + ["children"])
        guard let key = field["key"] else { return }
        let place: [Fault.Step] = [.key("configuration"), .key(key.printed)]
        uniqueness(of: key, field["children"], isChild: path.contains("children"), at: place)
        for rule in rules(field) { fail(rule.code, rule.detail, place) }
    }

    private mutating func choices(_ value: Datum?, at path: [Fault.Step]) {
        guard let value, !value.isNull else { return }
        guard let items = value.sequence else { return fail("invalid", "Must be a list of strings.", path) }
        // The validator then looks at none of them.
        if items.count < 2 { return fail("too_few", "Must hold at least 2 choices.", path) }
        for (index, item) in items.enumerated() { text(item, at: path + [.index(index)]) }
    }

    /// Of the whole file: a child is known by its group's key and its own.
    private mutating func uniqueness(of key: Datum, _ children: Datum?, isChild: Bool, at place: [Fault.Step]) {
        if !isChild { unique(key.printed, at: place) }
        for child in children?.items ?? [] {
            guard case .object = child else { continue }
            unique("\(key.printed).\((child["key"] ?? .null).printed)", at: place)
        }
    }

    private mutating func unique(_ key: String, at place: [Fault.Step]) {
        if !keys.insert(Array(key.pythonStripped.utf8)).inserted { fail("duplicate", "Duplicate key.", place) }
    }
}

extension Datum {
    /// What Python goes through item by item.
    fileprivate var sequence: [Datum]? {
        if case .bytes(let bytes) = self { bytes.map { .integer(String($0)) } } else { items }
    }
}

extension Unicode.Scalar {
    /// White space as Python sees it: Unicode's, and four separators of ASCII.
    fileprivate var isPythonSpace: Bool { properties.isWhitespace || ("\u{1C}"..."\u{1F}").contains(self) }
}

extension String {
    fileprivate var pythonStripped: String {
        let start = unicodeScalars.drop(while: \.isPythonSpace)
        return String(String.UnicodeScalarView(start.reversed().drop(while: \.isPythonSpace).reversed()))
    }
}
