import Foundation
import Shapes

/// What a configuration means: its values in their fields' types, without those that equal the default. Two configurations of a worker
/// with the same sparse form are the same configuration; an empty one is the default.
struct SparseForm: Sendable {
    /// In the spelling of whoever gave them.
    let values: Datum
    /// Where the values of secret fields are.
    let secrets: [[String]]
    /// What only rows can tell to be right.
    let references: [Reference]

    /// Equal for equal meanings, and only for these: keys sorted, strings and keys in NFC, numbers in the type of their field.
    var meaning: String { values.canonical }

    var isDefault: Bool { values == .empty }

    /// - Parameter given: an object; any other value is a fault.
    /// - Throws: every fault of the values at once, each with its path.
    init(of given: Datum, fields: [Field]) throws(ConfigurationFaults) {
        let reading = Self.read(given, fields)
        if !reading.faults.isEmpty { throw ConfigurationFaults(faults: reading.faults) }
        self = reading.form
    }

    /// The same without an end at the first faults: what is right of the values, and everything that is wrong with them.
    static func read(_ given: Datum, _ fields: [Field]) -> (form: SparseForm, faults: [Fault]) {
        var reading = Reading()
        guard case .object(let members) = given else {
            reading.fail("invalid", "Must be an object.", [])
            return (SparseForm(values: .null, secrets: [], references: []), reading.faults)
        }
        let values = Datum.object(reading.group(members, fields, at: []))
        return (SparseForm(values: values, secrets: reading.secrets, references: reading.references), reading.faults)
    }

    private init(values: Datum, secrets: [[String]], references: [Reference]) {
        self.values = values
        self.secrets = secrets
        self.references = references
    }
}

extension Fault.Step {
    fileprivate var key: String? {
        if case .key(let key) = self { key } else { nil }
    }
}

/// A value that names something: a worker version, a model, an element type, a secret.
struct Reference: Sendable {
    var path: [Fault.Step]
    var type: Field.Kind
    var value: String
}

/// What is wrong with the values of a configuration, or with a worker configuration file.
struct ConfigurationFaults: Error {
    let faults: [Fault]

    /// The same faults further in.
    func below(_ key: String) -> [Fault] {
        faults.map { Fault(path: [.key(key)] + $0.path, code: $0.code, detail: $0.detail) }
    }
}

private struct Reading {
    var faults: [Fault] = []
    var secrets: [[String]] = []
    var references: [Reference] = []

    mutating func fail(_ code: String, _ detail: String, _ path: [Fault.Step]) {
        faults.append(Fault(path: path, code: code, detail: detail))
    }

    /// - Returns: what of it is not the default.
    mutating func group(_ given: [Datum.Member], _ fields: [Field], at path: [Fault.Step]) -> [Datum.Member] {
        let found = pairs(given, fields, at: path)
        return fields.enumerated().compactMap { index, field in
            value(found[index], field, at: path + [.key(field.key)]).map { .init(key: .string(field.key), value: $0) }
        }
    }

    /// Which given value belongs to which field: by the key as it is written, or else by one that is the same in NFC.
    private mutating func pairs(_ given: [Datum.Member], _ fields: [Field], at path: [Fault.Step]) -> [Int: Datum] {
        // A dictionary of strings takes all spellings of a key for one.
        let places = Dictionary(fields.enumerated().map { ($1.key, [$0]) }) { $0 + $1 }
        var found: [Int: Datum] = [:]
        for member in given {
            let key = member.key.text ?? ""
            let alike = places[key] ?? []
            guard let index = alike.first(where: { fields[$0].key.isExactly(key) }) ?? alike.first else {
                fail("unknown", "This worker version has no such field.", path + [.key(key)])
                continue
            }
            if found.updateValue(member.value, forKey: index) != nil {
                fail("duplicate_key", "This key comes twice, in two spellings: only one of its values can be meant.", path + [.key(key)])
            }
        }
        return found
    }

    private mutating func value(_ given: Datum?, _ field: Field, at path: [Fault.Step]) -> Datum? {
        if field.type == .group { return inner(given, field, at: path) }
        guard let given, !given.isNull else {
            // What cannot be edited and has no default comes from the model.
            if field.required, field.editable, field.defaultValue.isNull { fail("required", "This field is required.", path) }
            return nil
        }
        guard let typed = field.typed(given) else {
            fail("invalid", "Must be \(field.expectation).", path)
            return nil
        }
        checkKeys(of: typed, at: path)
        guard typed.canonical != (field.typed(field.defaultValue) ?? field.defaultValue).canonical else { return nil }
        if !field.editable { fail("not_editable", "This field cannot be changed.", path) }
        checkRange(of: typed, at: path)
        note(typed, field, at: path)
        return typed
    }

    private mutating func inner(_ given: Datum?, _ field: Field, at path: [Fault.Step]) -> Datum? {
        switch given ?? .null {
        case .null: _ = group([], field.children, at: path)
        case .object(let members):
            let sparse = group(members, field.children, at: path)
            return sparse.isEmpty ? nil : .object(sparse)
        default: fail("invalid", "Must be an object.", path)
        }
        return nil
    }

    /// Keys of a dict that differ in their spelling only are one key with two values.
    private mutating func checkKeys(of value: Datum, at path: [Fault.Step]) {
        guard case .object(let members) = value else { return }
        var seen: Set<String> = []
        for key in members.compactMap(\.key.text) where !seen.insert(key).inserted {
            fail("duplicate_key", "This key comes twice, in two spellings: only one of its values can be meant.", path + [.key(key)])
        }
    }

    /// Defaults may be any integer; what people give must fit what databases and most languages call one.
    private mutating func checkRange(of value: Datum, at path: [Fault.Step]) {
        switch value {
        case .integer(let digits) where Int(digits) == nil: fail("out_of_range", "Must be between \(Int.min) and \(Int.max).", path)
        case .list(let items):
            for (index, item) in items.enumerated() { checkRange(of: item, at: path + [.index(index)]) }
        default: break
        }
    }

    private mutating func note(_ value: Datum, _ field: Field, at path: [Fault.Step]) {
        if field.type == .secret { secrets.append(path.compactMap(\.key)) }
        switch field.type {
        case .model, .worker_version, .element_type, .secret:
            for (index, item) in (value.items ?? [value]).enumerated() {
                guard let text = item.text else { continue }
                references.append(Reference(path: field.many ? path + [.index(index)] : path, type: field.type, value: text))
            }
        default: break
        }
    }
}
