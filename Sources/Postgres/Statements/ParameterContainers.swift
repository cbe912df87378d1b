/// The properties of an `Input` or of a part of it.
struct ParameterKeys<Key: CodingKey>: KeyedEncodingContainerProtocol {
    let encoder: ParameterEncoder
    var codingPath: [any CodingKey] { encoder.codingPath }

    func encodeNil(forKey key: Key) {
        encoder.supply(.null, for: key.stringValue)
    }

    func encode<T: Encodable>(_ value: T, forKey key: Key) throws {
        try encoder.encode(value, for: key.stringValue)
    }

    func nestedContainer<Inner: CodingKey>(keyedBy type: Inner.Type, forKey key: Key) -> KeyedEncodingContainer<Inner> {
        encoder.inner(key.stringValue).container(keyedBy: type)
    }

    func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
        encoder.inner(key.stringValue).unkeyedContainer()
    }

    func superEncoder() -> any Encoder { encoder }

    func superEncoder(forKey key: Key) -> any Encoder { encoder.inner(key.stringValue) }
}

/// A property that encodes itself as one value.
struct ParameterValue: SingleValueEncodingContainer {
    let encoder: ParameterEncoder
    var codingPath: [any CodingKey] { encoder.codingPath }

    func encodeNil() {
        encoder.collected.supply(.null, for: encoder.name)
    }

    func encode<T: Encodable>(_ value: T) throws {
        if let parameter = Parameter(scalar: value) {
            encoder.collected.supply(parameter, for: encoder.name)
        } else {
            try value.encode(to: encoder)
        }
    }
}
