import FoundationEssentials

/// Decodes one value of one row.
struct CellDecoder: Decoder, SingleValueDecodingContainer {
    let columns: RowColumns
    let row: Int
    let column: Int
    let codingPath: [any CodingKey]
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func decodeNil() -> Bool {
        columns.rows.isNull(row, column)
    }

    func decode<T: Decodable>(_ type: T.Type) throws -> T {
        if let scalar = type as? any TextScalar.Type { return try fitted(scalar.init(postgres: text())) }
        guard isJSON, !decodeNil() else { return try T(from: self) }
        return try columns.rows.withBytes(row, column) { try JSONDecoder().decode(type, from: Data($0)) }
    }

    func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
        throw mismatch("Only a json or jsonb column holds an object.")
    }

    func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
        guard let items = try ArrayText.items(of: text()) else { throw mismatch("This is not a one-dimensional array.") }
        return ArrayDecoder(items: items, codingPath: codingPath)
    }

    func singleValueContainer() -> any SingleValueDecodingContainer { self }

    private var isJSON: Bool {
        columns.columns.indices.contains(column) && [114, 3802].contains(columns.columns[column].typeOID)
    }

    private func text() throws -> String {
        guard let text = columns.rows.text(row, column) else {
            throw DecodingError.valueNotFound(String.self, .init(codingPath: codingPath, debugDescription: "It is NULL."))
        }
        return text
    }

    private func fitted<T>(_ value: Any?) throws -> T {
        guard let value = value as? T else { throw mismatch("It is no \(T.self).") }
        return value
    }

    private func mismatch(_ reason: String) -> DecodingError {
        .typeMismatch(String.self, .init(codingPath: codingPath, debugDescription: reason))
    }
}

/// What is read from PostgreSQL's text without a decoder.
protocol TextScalar {
    init?(postgres text: String)
}

extension TextScalar where Self: LosslessStringConvertible {
    init?(postgres text: String) { self.init(text) }
}

extension String: TextScalar {}
extension Double: TextScalar {}
extension Float: TextScalar {}
extension Int: TextScalar {}
extension Int8: TextScalar {}
extension Int16: TextScalar {}
extension Int32: TextScalar {}
extension Int64: TextScalar {}
extension UInt: TextScalar {}
extension UInt8: TextScalar {}
extension UInt16: TextScalar {}
extension UInt32: TextScalar {}
extension UInt64: TextScalar {}
extension Bool: TextScalar {
    /// `t` and `f` as a boolean, the words as JSON.
    init?(postgres text: String) {
        switch text {
        case "t", "true": self = true
        case "f", "false": self = false
        default: return nil
        }
    }
}
