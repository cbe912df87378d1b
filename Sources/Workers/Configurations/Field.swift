import Shapes

/// One parameter that a worker version lets people set.
/// The rules are those of Arkindex's worker configuration files.
struct Field: Sendable {
    enum Kind: String, Sendable, CaseIterable {
        case bool, dict, element_type, `enum`, float, group, int, model, secret, string, text, corpus_export, s3_bucket, worker_version
    }

    /// As the file wrote it; unique among its siblings.
    var key: String
    var displayName: String
    var helpText: String?
    var type: Kind
    var many: Bool
    var required: Bool
    var editable: Bool
    /// Null: none. In the field's type, but for what files may say and values may not: `true` for a number.
    var defaultValue: Datum
    var choices: [String]?
    var children: [Field]
}

extension Field {
    /// As the database keeps it and clients read it.
    var datum: Datum {
        .keyed([
            ("key", .string(key)), ("display_name", .string(displayName)), ("help_text", helpText.map(Datum.string) ?? .null),
            ("type", .string(type.rawValue)), ("many", .boolean(many)), ("required", .boolean(required)), ("editable", .boolean(editable)),
            ("default", defaultValue), ("choices", choices.map { .list($0.map(Datum.string)) } ?? .null),
            ("children", .list(children.map(\.datum))),
        ])
    }

    /// What `datum` wrote. Nil for anything else.
    init?(_ datum: Datum) {
        guard let key = datum["key"]?.text, let type = datum["type"]?.text.flatMap(Kind.init(rawValue:)) else { return nil }
        self.init(
            key: key, displayName: datum["display_name"]?.text ?? key, helpText: datum["help_text"]?.text, type: type,
            many: datum["many"] == .boolean(true), required: datum["required"] == .boolean(true),
            editable: datum["editable"] != .boolean(false), defaultValue: datum["default"] ?? .null,
            choices: datum["choices"]?.items?.compactMap(\.text), children: datum["children"]?.items?.compactMap { Field($0) } ?? [])
    }
}

extension [Field] {
    /// JSON text.
    var written: String { Datum.list(map(\.datum)).written }

    /// The defaults by key, groups as objects. Fields without a default are left out.
    var defaults: Datum {
        .object(
            compactMap { field in
                let value = field.type == .group ? field.children.defaults : field.defaultValue
                return value.isNull || value == .empty ? nil : .init(key: .string(field.key), value: value)
            })
    }

    /// What ``written`` wrote.
    init(written: String) throws(ConfigurationFaults) {
        self = try DatumReader.read(Array<UInt8>(written.utf8)).items?.compactMap { Field($0) } ?? []
    }
}

extension Field {
    /// The value in this field's own type, so that what means the same is written the same: 1.0 is 1 in an int field, and 1 is 1.0
    /// in a float field. Nil for a value of another type.
    func typed(_ value: Datum) -> Datum? {
        guard many else { return typedSingle(value) }
        guard let items = value.items else { return nil }
        let typed = items.compactMap(typedSingle)
        return typed.count == items.count ? .list(typed) : nil
    }

    private func typedSingle(_ value: Datum) -> Datum? {
        switch (type, value) {
        case (.bool, .boolean), (.int, .integer): value
        case (.int, .float(let number)): number.whole.map(Datum.integer)
        case (.float, .float(let number)): number.nearest.isFinite ? .float(.init(number.nearest)) : nil
        case (.float, .integer(let digits)): Double(digits).flatMap { $0.isFinite ? .float(.init($0)) : nil }
        case (.enum, .string(let text)): choice(text).map(Datum.string)
        case (.dict, .object(let members)): members.allSatisfy { $0.value.text != nil } ? value : nil
        case (.model, .string(let text)), (.worker_version, .string(let text)), (.corpus_export, .string(let text)):
            text.isUUID ? .string(text.lowercased()) : nil
        case (.string, .string), (.text, .string), (.secret, .string), (.element_type, .string), (.s3_bucket, .string): value
        default: nil
        }
    }

    /// The choice that a text means, in the spelling of the file.
    private func choice(_ text: String) -> String? {
        choices?.first { $0.isExactly(text) } ?? choices?.first { $0 == text }
    }

    /// To complete "Must be …".
    var expectation: String {
        let single =
            switch type {
            case .bool: "true or false"
            case .int: "an integer"
            case .float: "a number that 64 bits can hold"
            case .enum: "one of \((choices ?? []).joined(separator: ", "))"
            case .dict: "an object whose values are strings"
            case .group: "an object"
            case .model, .worker_version, .corpus_export: "a UUID"
            default: "a string"
            }
        return many ? "a list, each item \(single)" : single
    }
}

extension Datum {
    var items: [Datum]? {
        if case .list(let items) = self { items } else { nil }
    }

    /// No members.
    static let empty = Datum.object([])

    static func keyed(_ members: [(String, Datum)]) -> Datum {
        .object(members.map { Member(key: .string($0.0), value: $0.1) })
    }
}
