/// The elements of an array that becomes an ``ArrayLiteral``.
struct ListItems: UnkeyedEncodingContainer {
    let list: ArrayLiteral
    let codingPath: [any CodingKey]
    var count: Int { list.count }

    func encodeNil() {
        list.append(.null)
    }

    func encode<T: Encodable>(_ value: T) throws {
        if let parameter = Parameter(scalar: value) {
            list.append(parameter)
        } else {
            try value.encode(to: ListEncoder(items: self))
        }
    }

    func nestedContainer<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
        KeyedEncodingContainer(RefusedKeys<Key>(codingPath: codingPath))
    }

    func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer {
        ListItems(list: list.appendList(), codingPath: codingPath)
    }

    func superEncoder() -> any Encoder { ListEncoder(items: self) }
}

/// Encodes one element.
struct ListEncoder: Encoder, SingleValueEncodingContainer {
    let items: ListItems
    var codingPath: [any CodingKey] { items.codingPath }
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> { items.nestedContainer(keyedBy: type) }
    func unkeyedContainer() -> any UnkeyedEncodingContainer { items.nestedUnkeyedContainer() }
    func singleValueContainer() -> any SingleValueEncodingContainer { self }
    func encodeNil() { items.encodeNil() }
    func encode<T: Encodable>(_ value: T) throws { try items.encode(value) }
}

/// An array of objects has no array literal: it is sent as JSON, through ``ParameterConvertible``.
private struct RefusedKeys<Key: CodingKey>: KeyedEncodingContainerProtocol {
    let codingPath: [any CodingKey]

    func encodeNil(forKey key: Key) throws { throw refusal }
    func encode<T: Encodable>(_ value: T, forKey key: Key) throws { throw refusal }

    func nestedContainer<Inner: CodingKey>(keyedBy type: Inner.Type, forKey key: Key) -> KeyedEncodingContainer<Inner> {
        KeyedEncodingContainer(RefusedKeys<Inner>(codingPath: codingPath))
    }

    func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
        ListItems(list: ArrayLiteral(), codingPath: codingPath)
    }

    func superEncoder() -> any Encoder { ListEncoder(items: ListItems(list: ArrayLiteral(), codingPath: codingPath)) }
    func superEncoder(forKey key: Key) -> any Encoder { superEncoder() }

    private var refusal: PostgresFailure { .invalid("An array of objects has no text form in PostgreSQL.") }
}
