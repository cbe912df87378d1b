import CSQLite
import Glibc
import Synchronization
import SystemPackage

/// An SQLite database that is being written, by one writer, into a new file. Its methods block.
final class SQLiteFile: Sendable {
    private let connection: Mutex<OpaquePointer?>

    /// What SQLite had against a statement.
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    /// - Parameter path: whatever is there is removed; somebody who still writes to it goes on with a file that has no name.
    init(_ path: FilePath) throws {
        guard unlink(path.string) == 0 || errno == ENOENT else { throw Errno(rawValue: errno) }
        var opened: OpaquePointer?
        let status = sqlite3_open_v2(path.string, &opened, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, nil)
        guard status == SQLITE_OK else {
            defer { sqlite3_close(opened) }
            throw Failure(description: "SQLite cannot open the file: \(String(cString: sqlite3_errstr(status))).")
        }
        connection = Mutex(opened)
    }

    deinit {
        connection.withLock { _ = sqlite3_close($0) }
    }

    /// Runs statements that have no parameters and no rows.
    func run(_ script: String) throws {
        try connection.withLock { database in
            guard sqlite3_exec(database, script, nil, nil, nil) == SQLITE_OK else { throw Self.failure(database) }
        }
    }

    /// Runs one statement with one text as its parameter.
    /// - Returns: the first column of its first row, if there is one.
    @discardableResult
    func run(_ sql: String, with text: String) throws -> String? {
        try connection.withLock { database in
            var statement: OpaquePointer?
            guard sqlite3_prepare_v2(database, sql, -1, &statement, nil) == SQLITE_OK else { throw Self.failure(database) }
            defer { sqlite3_finalize(statement) }
            return try text.withCString { bytes in
                // No copy: the text outlives the step.
                guard sqlite3_bind_text64(statement, 1, bytes, UInt64(text.utf8.count), nil, UInt8(SQLITE_UTF8)) == SQLITE_OK else {
                    throw Self.failure(database)
                }
                switch sqlite3_step(statement) {
                case SQLITE_DONE: return nil
                case SQLITE_ROW: return sqlite3_column_text(statement, 0).map { String(cString: $0) }
                default: throw Self.failure(database)
                }
            }
        }
    }

    /// Writes all that is left. Nothing can be added afterwards.
    func close() throws {
        try connection.withLock { database in
            guard sqlite3_close(database) == SQLITE_OK else { throw Self.failure(database) }
            database = nil
        }
    }

    private static func failure(_ database: OpaquePointer?) -> Failure {
        Failure(description: "SQLite: \(String(cString: sqlite3_errmsg(database))).")
    }
}
