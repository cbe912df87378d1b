public import Postgres
public import Shapes

/// A statement with its types erased, for the tests that prepare every one of them on a migrated database.
public struct Declaration: Sendable {
    public let name: String
    public let sql: String
    public let placeholders: [String]
    /// What supplies the placeholders, besides the tenant and a page's bounds.
    public let input: Shape
    public let row: Shape
    /// Placeholders that the caller supplies beside the input.
    public let also: [String]

    /// - Throws: when one of the types cannot be recorded.
    public init<Input: Codable, Row: Decodable>(_ statement: Statement<Input, Row>, also: [String] = []) throws {
        name = statement.name
        sql = statement.sql
        placeholders = statement.placeholders
        input = try Shape(recording: Input.self)
        row = try Shape(recording: Row.self)
        self.also = also
    }
}
