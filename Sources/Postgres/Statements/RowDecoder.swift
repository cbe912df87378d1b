/// The columns of one result by name, worked out once for all its rows.
final class RowColumns {
    let rows: Rows
    let columns: [Column]
    let positions: [String: Int]

    init(_ rows: Rows) {
        self.rows = rows
        columns = rows.columns
        // Of two columns of one name the first counts, as it does for libpq.
        positions = Dictionary(columns.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { first, _ in first })
    }
}

/// Decodes one row: by column name, or as its first column if the type is a single value.
struct RowDecoder: Decoder {
    let columns: RowColumns
    let row: Int
    var codingPath: [any CodingKey] { [] }
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedDecodingContainer<Key> {
        KeyedDecodingContainer(RowKeys<Key>(decoder: self))
    }

    func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
        try cell(0).unkeyedContainer()
    }

    func singleValueContainer() -> any SingleValueDecodingContainer {
        cell(0)
    }

    func cell(_ column: Int, key: (any CodingKey)? = nil) -> CellDecoder {
        CellDecoder(columns: columns, row: row, column: column, codingPath: key.map { [$0] } ?? [])
    }
}

private struct RowKeys<Key: CodingKey>: KeyedDecodingContainerProtocol {
    let decoder: RowDecoder
    var codingPath: [any CodingKey] { [] }
    var allKeys: [Key] { decoder.columns.columns.compactMap { Key(stringValue: $0.name) } }

    func contains(_ key: Key) -> Bool {
        decoder.columns.positions[key.stringValue] != nil
    }

    func decodeNil(forKey key: Key) throws -> Bool {
        try cell(key).decodeNil()
    }

    func decode<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T {
        try cell(key).decode(type)
    }

    func nestedContainer<Inner: CodingKey>(keyedBy type: Inner.Type, forKey key: Key) throws -> KeyedDecodingContainer<Inner> {
        try cell(key).container(keyedBy: type)
    }

    func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
        try cell(key).unkeyedContainer()
    }

    func superDecoder() -> any Decoder { decoder }

    func superDecoder(forKey key: Key) throws -> any Decoder { try cell(key) }

    private func cell(_ key: Key) throws -> CellDecoder {
        guard let column = decoder.columns.positions[key.stringValue] else {
            throw DecodingError.keyNotFound(key, .init(codingPath: [], debugDescription: "There is no such column."))
        }
        return decoder.cell(column, key: key)
    }
}
