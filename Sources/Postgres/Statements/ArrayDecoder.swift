/// Decodes the elements of a PostgreSQL array.
struct ArrayDecoder: UnkeyedDecodingContainer {
    let items: [String?]
    let codingPath: [any CodingKey]
    var currentIndex = 0
    var count: Int? { items.count }
    var isAtEnd: Bool { currentIndex >= items.count }

    init(items: [String?], codingPath: [any CodingKey]) {
        self.items = items
        self.codingPath = codingPath
    }

    mutating func decodeNil() throws -> Bool {
        guard try next().isNull else { return false }
        currentIndex += 1
        return true
    }

    mutating func decode<T: Decodable>(_ type: T.Type) throws -> T {
        let value = try next().decode(type)
        currentIndex += 1
        return value
    }

    mutating func nestedContainer<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
        try next().container(keyedBy: type)
    }

    mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer {
        try next().unkeyedContainer()
    }

    mutating func superDecoder() throws -> any Decoder { try next() }

    private func next() throws -> ArrayItem {
        guard !isAtEnd else {
            throw DecodingError.valueNotFound(String.self, .init(codingPath: codingPath, debugDescription: "The array ends here."))
        }
        return ArrayItem(text: items[currentIndex], codingPath: codingPath)
    }
}

private struct ArrayItem: Decoder, SingleValueDecodingContainer {
    let text: String?
    let codingPath: [any CodingKey]
    var userInfo: [CodingUserInfoKey: Any] { [:] }
    var isNull: Bool { text == nil }

    func decodeNil() -> Bool { isNull }

    func decode<T: Decodable>(_ type: T.Type) throws -> T {
        guard let scalar = type as? any TextScalar.Type else { return try T(from: self) }
        guard let text, let value = scalar.init(postgres: text) as? T else { throw mismatch }
        return value
    }

    func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> { throw mismatch }
    func unkeyedContainer() throws -> any UnkeyedDecodingContainer { throw mismatch }
    func singleValueContainer() -> any SingleValueDecodingContainer { self }

    private var mismatch: DecodingError {
        .typeMismatch(String.self, .init(codingPath: codingPath, debugDescription: "An element of the array does not fit."))
    }
}
