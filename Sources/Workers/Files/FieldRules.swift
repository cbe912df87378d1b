/// What is asked of a field beyond the form of its keys. Each rule has one objection at most.
extension FileCheck {
    struct Objection {
        var code: String
        var detail: String

        init(_ code: String, _ detail: String) {
            self.code = code
            self.detail = detail
        }
    }

    func rules(_ field: Datum) -> [Objection] {
        [defaultFits, enumHasChoices, groupHasChildren, groupIsNotRequired, groupsAreNotNested, manyIsPossible, fixedHasDefault].compactMap
        {
            rule in rule(field)
        }
    }

    private func isType(_ field: Datum, _ kind: Field.Kind) -> Bool { field["type"]?.text == kind.rawValue }

    private func defaultFits(_ field: Datum) -> Objection? {
        guard let value = field["default"], !value.isNull else { return nil }
        guard field["many"] == .boolean(true) else { return objection(to: value, as: "Must be", field) }
        guard let items = value.items else { return Objection("invalid", "The default must be a list.") }
        return items.lazy.compactMap { objection(to: $0, as: "Each default must be", field) }.first
    }

    private func objection(to value: Datum, as beginning: String, _ field: Datum) -> Objection? {
        let kind = field["type"]?.text.flatMap(Field.Kind.init(rawValue:))
        let expected: String? =
            switch (kind, value) {
            // Python's truth values are numbers.
            case (.bool, .boolean), (.int, .integer), (.int, .boolean), (.float, .boolean), (.string, .string), (.text, .string): nil
            case (.float, .float(let number)): number.nearest.isFinite ? nil : "a finite number"
            case (.float, .integer(let digits)): Double(digits)?.isFinite == true ? nil : "a finite number"
            case (.enum, .string(let text)):
                field["choices"]?.items?.contains { $0.text?.isExactly(text) == true } == true ? nil : "one of the choices"
            case (.dict, .object(let members)):
                members.allSatisfy { $0.key.text != nil && $0.value.text != nil } ? nil : "a mapping whose keys and values are strings"
            case (.bool, _): "true or false"
            case (.int, _): "an integer"
            case (.float, _): "a number"
            case (.enum, _): "one of the choices, a string"
            case (.dict, _): "a mapping"
            case (.string, _), (.text, _): "a string"
            default: "left out: fields of this type cannot have one"
            }
        return expected.map { Objection("invalid", "The default: \(beginning.lowercased()) \($0).") }
    }

    private func enumHasChoices(_ field: Datum) -> Objection? {
        guard isType(field, .enum) else { return nil }
        switch field["choices"] {
        case nil, .null, .boolean(false), .integer("0"), .string(""): return Objection("required", "An enum needs choices.")
        case .list(let items) where items.isEmpty: return Objection("required", "An enum needs choices.")
        case .bytes(let bytes):
            if bytes.isEmpty { return Objection("required", "An enum needs choices.") }
            return Set(bytes).count < bytes.count ? Objection("duplicate", "A choice comes twice.") : nil
        case .object(let members) where members.isEmpty: return Objection("required", "An enum needs choices.")
        case .float(let number) where number.nearest == 0: return Objection("required", "An enum needs choices.")
        case .list(let items): return hasTwice(items.compactMap(\.hashed)) ? Objection("duplicate", "A choice comes twice.") : nil
        // Not a list, which was said already; the validator then looks at its characters.
        case .string(let text):
            return hasTwice(text.unicodeScalars.map { String($0) }) ? Objection("duplicate", "A choice comes twice.") : nil
        default: return nil
        }
    }

    private func hasTwice(_ texts: [String]) -> Bool {
        Set(texts.map { Array($0.utf8) }).count < texts.count
    }

    private func groupHasChildren(_ field: Datum) -> Objection? {
        // No list but null is what the validator breaks down at, whatever the type.
        if case .null = field["children"] { return Objection("required", "The children must be a list of fields.") }
        guard isType(field, .group) else { return nil }
        switch field["children"] {
        case nil, .string(""): return Objection("required", "A group needs at least one child.")
        case .list(let items) where items.isEmpty: return Objection("required", "A group needs at least one child.")
        case .bytes(let bytes) where bytes.isEmpty: return Objection("required", "A group needs at least one child.")
        case .object(let members) where members.isEmpty: return Objection("required", "A group needs at least one child.")
        default: return nil
        }
    }

    private func groupIsNotRequired(_ field: Datum) -> Objection? {
        isType(field, .group) && field["required"] == .boolean(true) ? Objection("invalid", "A group cannot be required.") : nil
    }

    private func groupsAreNotNested(_ field: Datum) -> Objection? {
        guard isType(field, .group), field["children"]?.items?.contains(where: { isType($0, .group) }) == true else { return nil }
        return Objection("nested", "A group cannot be in a group.")
    }

    private func manyIsPossible(_ field: Datum) -> Objection? {
        let possible: [Field.Kind] = [.int, .float, .string, .worker_version, .element_type]
        guard field["many"] == .boolean(true), !possible.contains(where: { isType(field, $0) }) else { return nil }
        return Objection("invalid", "Only \(possible.map(\.rawValue).joined(separator: ", ")) can be many.")
    }

    /// A null `editable` counts as false here.
    private func fixedHasDefault(_ field: Datum) -> Objection? {
        guard let editable = field["editable"], editable != .boolean(true) else { return nil }
        if isType(field, .group) { return Objection("invalid", "A group must be editable.") }
        return field["default"] == nil ? Objection("required", "A field that cannot be edited needs a default, which may be null.") : nil
    }
}

extension Field {
    /// What a field that broke no rule declares.
    init(checked field: Datum) {
        let type = field["type"]?.text.flatMap(Kind.init(rawValue:)) ?? .string
        self.init(
            key: field["key"]?.text ?? "", displayName: field["display_name"]?.text ?? "", helpText: field["help_text"]?.text, type: type,
            many: field["many"] == .boolean(true), required: field["required"] == .boolean(true),
            editable: field["editable"] != .boolean(false), defaultValue: .null, choices: field["choices"]?.items?.compactMap(\.text),
            children: type == .group ? field["children"]?.items?.map(Field.init(checked:)) ?? [] : [])
        // What is not of the type is a truth value for a number, which files may have; it stays one.
        if let value = field["default"], !value.isNull { defaultValue = typed(value) ?? value }
    }
}
