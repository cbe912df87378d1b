import Postgres
import Schema

/// The SQL that this binary carries.
enum SchemaFiles {
    static let all: [Migrator.File] = (0..<schema_count()).map { index in
        let file = schema_file_at(index)
        return Migrator.File(
            path: String(cString: file.path),
            sql: String(decoding: UnsafeBufferPointer(start: file.bytes, count: file.size), as: UTF8.self))
    }
}
