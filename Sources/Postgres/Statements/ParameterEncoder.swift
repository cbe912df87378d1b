/// The parameters of one call, filled in by name.
final class CollectedParameters {
    private let positions: [String: Int]
    private(set) var parameters: [Parameter]
    private var lists: [(name: String, list: ArrayLiteral)] = []

    init(_ positions: [String: Int]) {
        self.positions = positions
        parameters = Array(repeating: .null, count: positions.count)
    }

    /// False if no placeholder has this name.
    @discardableResult
    func supply(_ parameter: Parameter, for name: String) -> Bool {
        guard let position = positions[name] else { return false }
        parameters[position] = parameter
        return true
    }

    /// A list to be filled by an unkeyed container.
    func list(for name: String) -> ArrayLiteral {
        let list = ArrayLiteral()
        lists.append((name, list))
        return list
    }

    /// To be called when encoding has ended, since no container says when its list is complete.
    func finishLists() {
        for (name, list) in lists { supply(.text(list.text), for: name) }
        lists = []
    }

    /// Whether encoding a property of this name would supply anything.
    func needs(_ name: String) -> Bool {
        positions[name] != nil || positions.keys.contains { $0.hasPrefix(name + ".") }
    }
}

/// Encodes an `Input`, or one property of it, into parameters by name.
struct ParameterEncoder: Encoder {
    let collected: CollectedParameters
    /// Empty at the top.
    let name: String
    let codingPath: [any CodingKey] = []
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    init(_ collected: CollectedParameters, name: String = "") {
        self.collected = collected
        self.name = name
    }

    func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
        KeyedEncodingContainer(ParameterKeys<Key>(encoder: self))
    }

    func unkeyedContainer() -> any UnkeyedEncodingContainer {
        ListItems(list: collected.list(for: name), codingPath: codingPath)
    }

    func singleValueContainer() -> any SingleValueEncodingContainer {
        ParameterValue(encoder: self)
    }

    /// The encoder of one property.
    func inner(_ key: String) -> ParameterEncoder {
        ParameterEncoder(collected, name: name.isEmpty ? key : "\(name).\(key)")
    }

    func supply(_ parameter: Parameter, for key: String) {
        collected.supply(parameter, for: inner(key).name)
    }

    /// Leaves alone what no placeholder names: it need not have a text form.
    func encode(_ value: some Encodable, for key: String) throws {
        let inner = inner(key)
        guard collected.needs(inner.name) else { return }
        if let parameter = Parameter(scalar: value) {
            collected.supply(parameter, for: inner.name)
        } else {
            try value.encode(to: inner)
        }
    }
}

extension Parameter {
    /// Nil for a value that has to encode itself.
    init?(scalar value: some Encodable) {
        switch value {
        case let value as any ParameterConvertible: self = value.parameter
        case let value as String: self = .text(value)
        case let value as Bool: self = .text(value ? "true" : "false")
        case let value as any BinaryInteger: self = .text(String(value))
        case let value as Double: self = .text(value.description)
        case let value as Float: self = .text(value.description)
        default: return nil
        }
    }
}
