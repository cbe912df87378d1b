extension Shape {
    /// The shape of a type, found by running its own `init(from:)` against a decoder that writes down what is asked of it.
    ///
    /// Works for synthesized conformances, whose decoding never branches. Types that validate conform to ``Described``.
    /// - Throws: what the type's initializer throws at the samples it is given.
    public init<Value: Decodable>(recording type: Value.Type) throws {
        self = try record(type).shape
    }
}

/// The shape of `type`, and the sample that its own decoding made on the way.
private func record<Value: Decodable>(_ type: Value.Type) throws -> (shape: Shape, sample: Value) {
    if let described = type as? any Described.Type, let sample = described.sample as? Value {
        return (described.shape, sample)
    }
    let recording = Recording()
    let sample = try Value(from: Recorder(recording: recording))
    return (recording.shape, sample)
}

/// What has been asked of one recorder so far. A class, since containers of one decoder share it.
private final class Recording {
    private var properties: [Shape.Property] = []
    private var single: Shape?

    var shape: Shape { single ?? .object(properties) }

    func note(_ shape: Shape) { single = shape }

    func note(_ name: String, _ shape: Shape, required: Bool) {
        properties.append(.init(name, shape, required: required))
    }
}

private struct Recorder: Decoder {
    let recording: Recording
    var codingPath: [any CodingKey] { [] }
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedDecodingContainer<Key> {
        KeyedDecodingContainer(Keys<Key>(recording: recording))
    }
    func unkeyedContainer() -> any UnkeyedDecodingContainer { Items(recording: recording) }
    func singleValueContainer() -> any SingleValueDecodingContainer { Single(recording: recording) }
}

/// A primitive's shape and sample, or nil for a type that has to be recorded.
private func primitive<Value>(_ type: Value.Type) -> (Shape, Value)? {
    let known: (Shape, Any)? =
        switch type {
        case is String.Type: (.text, "")
        case is Bool.Type: (.boolean, false)
        case is Int.Type: (.integer(nil), 0)
        case is Int16.Type: (.integer(nil), Int16(0))
        case is Int32.Type: (.integer(nil), Int32(0))
        case is Int64.Type: (.integer(nil), Int64(0))
        case is Double.Type: (.number(nil), 0.0)
        case is Float.Type: (.number(nil), Float(0))
        default: nil
        }
    guard let known, let sample = known.1 as? Value else { return nil }
    return (known.0, sample)
}

private func shapeAndSample<Value: Decodable>(_ type: Value.Type) throws -> (shape: Shape, sample: Value) {
    try primitive(type) ?? record(type)
}

private struct Keys<Key: CodingKey>: KeyedDecodingContainerProtocol {
    let recording: Recording
    var codingPath: [any CodingKey] { [] }
    /// Dictionaries ask for all keys first: none, and their shape is noted by the type that holds them.
    var allKeys: [Key] { [] }

    func contains(_ key: Key) -> Bool { true }
    func decodeNil(forKey key: Key) throws -> Bool { false }

    func decode<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value {
        let (shape, sample) = try shapeAndSample(type)
        recording.note(key.stringValue, shape, required: true)
        return sample
    }

    private func optional<Value: Decodable>(_ type: Value.Type, _ key: Key) throws -> Value? {
        recording.note(key.stringValue, .nullable(try shapeAndSample(type).shape), required: false)
        return nil
    }

    // The standard library has one overload for each primitive; whichever is missing would be recorded as required.
    func decodeIfPresent(_ type: Bool.Type, forKey key: Key) throws -> Bool? { try optional(type, key) }
    func decodeIfPresent(_ type: String.Type, forKey key: Key) throws -> String? { try optional(type, key) }
    func decodeIfPresent(_ type: Double.Type, forKey key: Key) throws -> Double? { try optional(type, key) }
    func decodeIfPresent(_ type: Float.Type, forKey key: Key) throws -> Float? { try optional(type, key) }
    func decodeIfPresent(_ type: Int.Type, forKey key: Key) throws -> Int? { try optional(type, key) }
    func decodeIfPresent(_ type: Int16.Type, forKey key: Key) throws -> Int16? { try optional(type, key) }
    func decodeIfPresent(_ type: Int32.Type, forKey key: Key) throws -> Int32? { try optional(type, key) }
    func decodeIfPresent(_ type: Int64.Type, forKey key: Key) throws -> Int64? { try optional(type, key) }
    func decodeIfPresent<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value? { try optional(type, key) }

    func nestedContainer<Nested: CodingKey>(keyedBy type: Nested.Type, forKey key: Key) -> KeyedDecodingContainer<Nested> {
        KeyedDecodingContainer(Keys<Nested>(recording: Recording()))
    }
    func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedDecodingContainer { Items(recording: Recording()) }
    func superDecoder() -> any Decoder { Recorder(recording: Recording()) }
    func superDecoder(forKey key: Key) -> any Decoder { Recorder(recording: Recording()) }
}

/// An array: one element is decoded to learn its shape, then it ends.
private struct Items: UnkeyedDecodingContainer {
    let recording: Recording
    var codingPath: [any CodingKey] { [] }
    var count: Int? { 1 }
    var currentIndex = 0
    var isAtEnd: Bool { currentIndex > 0 }

    init(recording: Recording) {
        self.recording = recording
        recording.note(.array(.any))
    }

    mutating func decodeNil() throws -> Bool { false }
    mutating func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
        currentIndex += 1
        let (shape, sample) = try shapeAndSample(type)
        recording.note(.array(shape))
        return sample
    }
    mutating func nestedContainer<Nested: CodingKey>(keyedBy type: Nested.Type) -> KeyedDecodingContainer<Nested> {
        currentIndex += 1
        return KeyedDecodingContainer(Keys<Nested>(recording: Recording()))
    }
    mutating func nestedUnkeyedContainer() -> any UnkeyedDecodingContainer {
        currentIndex += 1
        return Items(recording: Recording())
    }
    mutating func superDecoder() throws -> any Decoder { Recorder(recording: Recording()) }
}

private struct Single: SingleValueDecodingContainer {
    let recording: Recording
    var codingPath: [any CodingKey] { [] }

    func decodeNil() -> Bool { false }
    func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
        let (shape, sample) = try shapeAndSample(type)
        recording.note(shape)
        return sample
    }
}
