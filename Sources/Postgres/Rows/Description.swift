import CLibPQ

/// What the server says about a statement that it has parsed and not run.
public struct Description: Sendable, Hashable {
    /// The types that the server inferred for `$1`…, as numbers in `pg_type`.
    public let parameterTypes: [UInt32]
    /// Empty for a statement that returns nothing.
    public let columns: [Column]

    init(_ rows: Rows) {
        parameterTypes = (0..<PQnparams(rows.result)).map { PQparamtype(rows.result, $0) }
        columns = rows.columns
    }
}
