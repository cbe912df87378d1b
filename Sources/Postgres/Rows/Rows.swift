import CLibPQ
import Synchronization

/// What one call returned, in libpq's own memory. Values are read in place; nothing is decoded until it is asked for.
///
/// Rows and columns count from 0. An index out of range reads as NULL.
// @unchecked: libpq never changes a PGresult after it has been made and lets any thread read it; it is freed once, in deinit.
public final class Rows: @unchecked Sendable {
    let result: OpaquePointer
    /// Made when the first row is written as JSON, as most results never are.
    private let layout = Mutex<JSONLayout?>(nil)

    /// Takes over the result.
    init(owning result: OpaquePointer) {
        self.result = result
    }

    deinit {
        PQclear(result)
    }

    public var count: Int { Int(PQntuples(result)) }

    var width: Int { Int(PQnfields(result)) }

    /// Built anew at each call: keep it outside of a loop.
    public var columns: [Column] {
        (0..<width).map { Column(name: String(cString: PQfname(result, Int32($0))), typeOID: PQftype(result, Int32($0))) }
    }

    /// How many rows an INSERT, UPDATE, DELETE, MERGE or SELECT touched; 0 for other commands.
    public var affected: Int {
        Int(String(cString: PQcmdTuples(result))) ?? 0
    }

    /// Whether this answers BEGIN or START TRANSACTION.
    var opensTransaction: Bool {
        guard let command = PQcmdStatus(result) else { return false }
        return strcmp(command, "BEGIN") == 0 || strcmp(command, "START TRANSACTION") == 0
    }

    /// The command that the server says it ran: `COMMIT`, `INSERT 0 1`.
    var command: String { String(cString: PQcmdStatus(result)) }

    public func isNull(_ row: Int, _ column: Int) -> Bool {
        !contains(row, column) || PQgetisnull(result, Int32(row), Int32(column)) != 0
    }

    /// The value in text format, valid during `body` only; empty for NULL.
    public func withBytes<R>(_ row: Int, _ column: Int, _ body: (UnsafeRawBufferPointer) throws -> R) rethrows -> R {
        guard contains(row, column) else { return try body(UnsafeRawBufferPointer(start: nil, count: 0)) }
        let start = PQgetvalue(result, Int32(row), Int32(column))
        return try body(UnsafeRawBufferPointer(start: start, count: Int(PQgetlength(result, Int32(row), Int32(column)))))
    }

    /// The value as a string; nil for NULL.
    public func text(_ row: Int, _ column: Int) -> String? {
        isNull(row, column) ? nil : withBytes(row, column) { String(decoding: $0, as: UTF8.self) }
    }

    var jsonLayout: JSONLayout {
        layout.withLock { known in
            if let known { return known }
            let made = JSONLayout(columns)
            known = made
            return made
        }
    }

    /// libpq would print a warning to standard error.
    private func contains(_ row: Int, _ column: Int) -> Bool {
        row >= 0 && row < count && column >= 0 && column < width
    }
}

/// One column of ``Rows``.
public struct Column: Sendable, Hashable {
    public let name: String
    /// The type's number in `pg_type`.
    public let typeOID: UInt32
}
