/// A statement as a value: its SQL, what it takes and what it returns.
///
/// The SQL names its parameters, `$id` or `$body.text`, after the encoded properties of `Input`, nested ones with dots.
/// They are numbered once, here; what stands in strings, quoted names, comments and dollar quotes is left alone, and so is `$1`.
///
///     let page = Statement<PageKey, Page>("page", "SELECT id, title FROM page WHERE id = $id")
///     let rows = try await pool.segment([page.call(PageKey(id: 7))])
///     let pages = try page.rows(rows[0])
///
/// A synthesized `Encodable` does not mention an optional property that is nil, so a name that `Input` does not encode is sent as NULL.
public struct Statement<Input: Encodable & Sendable, Row: Decodable & Sendable>: Sendable {
    public let name: String
    /// With numbered placeholders.
    public let sql: String
    /// `placeholders[0]` is `$1`.
    public let placeholders: [String]
    private let positions: [String: Int]

    public init(_ name: String, _ sql: String) {
        let numbered = Placeholders(sql)
        self.name = name
        self.sql = numbered.sql
        placeholders = numbered.names
        positions = Dictionary(uniqueKeysWithValues: numbered.names.enumerated().map { ($1, $0) })
    }

    /// - Parameter also: values for names that `Input` does not have, such as the tenant. They win over properties of the same name.
    /// - Throws: ``PostgresFailure`` with code `invalidParameter` if `also` holds a name that the SQL does not, if `Input` is ``NoInput``
    ///   and `also` lacks a placeholder, or if a property has no text form. What `Input`'s own `encode(to:)` throws passes through.
    public func call(_ input: Input, also: [String: Parameter] = [:]) throws -> Call {
        let collected = CollectedParameters(positions)
        if Input.self != NoInput.self { try input.encode(to: ParameterEncoder(collected)) }
        collected.finishLists()
        for (name, parameter) in also {
            guard collected.supply(parameter, for: name) else { throw PostgresFailure.invalid("\(self.name) has no placeholder $\(name).") }
        }
        if Input.self == NoInput.self, let missing = placeholders.first(where: { also[$0] == nil }) {
            throw PostgresFailure.invalid("Nobody supplies $\(missing) of \(name).")
        }
        return Call(sql, collected.parameters)
    }

    /// - Throws: ``PostgresFailure`` with code `decoding`, naming row and column, if a row does not fit.
    public func rows(_ rows: Rows) throws -> [Row] {
        let columns = RowColumns(rows)
        return try (0..<rows.count).map { row in
            do {
                return try Row(from: RowDecoder(columns: columns, row: row))
            } catch let error as DecodingError {
                throw PostgresFailure(.decoding, message: "\(name), row \(row): \(error.place)")
            }
        }
    }
}

/// For statements without parameters, or with none but those given in `also`.
public struct NoInput: Codable, Sendable {
    public init() {}
}

/// For statements that return no rows, or whose rows nobody reads.
public struct NoRow: Codable, Sendable {
    public init() {}
}

extension DecodingError {
    /// Where and why, without the value.
    fileprivate var place: String {
        switch self {
        case .keyNotFound(let key, _): "there is no column \(key.stringValue)"
        case .typeMismatch(_, let context), .valueNotFound(_, let context), .dataCorrupted(let context):
            "\(context.codingPath.map(\.stringValue).joined(separator: ".")): \(context.debugDescription)"
        @unknown default: "it does not fit"
        }
    }
}
