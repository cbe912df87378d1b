import Foundation
import Shapes

/// What a configuration means: its values in their fields' types, without those that equal the default. Two configurations of a worker
/// with the same sparse form are the same configuration; an empty one is the default.
struct SparseForm: Sendable, Equatable {
    let values: [String: JSONValue]

    /// Canonical: keys sorted, strings in NFC, so that equal forms have equal text.
    var text: String { JSONValue.object(values).text }

    var isDefault: Bool { values.isEmpty }

    /// - Throws: every fault of the values at once, each with its path.
    init(of given: [String: JSONValue], fields: [Field]) throws(ConfigurationFaults) {
        var reading = Reading()
        values = reading.group(given, fields, at: [])
        if !reading.faults.isEmpty { throw ConfigurationFaults(faults: reading.faults) }
    }
}

/// What is wrong with the values of a configuration.
struct ConfigurationFaults: Error {
    let faults: [Fault]
}

private struct Reading {
    var faults: [Fault] = []

    mutating func group(_ given: [String: JSONValue], _ fields: [Field], at path: [Fault.Step]) -> [String: JSONValue] {
        let known = Set(fields.map(\.key))
        for key in given.keys.sorted() where !known.contains(key) {
            fail("unknown", "This worker version has no such field.", path + [.key(key)])
        }
        var sparse: [String: JSONValue] = [:]
        for field in fields {
            sparse[field.key] = value(given[field.key], field, at: path + [.key(field.key)])
        }
        return sparse
    }

    private mutating func value(_ given: JSONValue?, _ field: Field, at path: [Fault.Step]) -> JSONValue? {
        if field.type == .group { return inner(given, field, at: path) }
        guard let given, given != .null else {
            if field.required, field.default == .null { fail("required", "This field is required.", path) }
            return nil
        }
        guard let typed = field.typed(given) else {
            fail("invalid", "Must be \(field.expectation).", path)
            return nil
        }
        guard typed != field.typed(field.default) else { return nil }
        if !field.editable { fail("not_editable", "This field cannot be changed.", path) }
        return typed
    }

    private mutating func inner(_ given: JSONValue?, _ field: Field, at path: [Fault.Step]) -> JSONValue? {
        switch given ?? .null {
        case .null: _ = group([:], field.children, at: path)
        case .object(let members):
            let sparse = group(members, field.children, at: path)
            return sparse.isEmpty ? nil : .object(sparse)
        default: fail("invalid", "Must be an object.", path)
        }
        return nil
    }

    private mutating func fail(_ code: String, _ detail: String, _ path: [Fault.Step]) {
        faults.append(Fault(path: path, code: code, detail: detail))
    }
}

extension JSONValue {
    /// With all strings and keys in Unicode's normal form C.
    var normalized: JSONValue {
        switch self {
        case .string(let text): .string(text.precomposedStringWithCanonicalMapping)
        case .array(let items): .array(items.map(\.normalized))
        case .object(let members):
            .object(Dictionary(members.map { ($0.precomposedStringWithCanonicalMapping, $1.normalized) }) { _, last in last })
        default: self
        }
    }
}

extension [Field] {
    /// The defaults by key, groups as objects. Fields without a default are left out.
    var defaults: [String: JSONValue] {
        reduce(into: [:]) { values, field in
            if field.type == .group {
                let inner = field.children.defaults
                if !inner.isEmpty { values[field.key] = .object(inner) }
            } else if field.default != .null {
                values[field.key] = field.typed(field.default) ?? field.default
            }
        }
    }
}
