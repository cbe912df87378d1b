/// Brings a database to the schema that this program carries. Migrations run once, in order, and are never edited; functions and policies
/// are made anew whenever their text has changed.
public struct Migrator: Sendable {
    /// One file of SQL.
    public struct File: Sendable {
        /// `migrations/0001_identity.sql`; the folder says how it is applied.
        public var path: String
        public var sql: String

        public init(path: String, sql: String) {
            self.path = path
            self.sql = sql
        }

        var folder: Substring { path.prefix { $0 != "/" } }
        /// Policies are a file for each table, named after it.
        var table: Substring { path.dropFirst(folder.count + 1).prefix { $0 != "." } }
    }

    /// How far a database is.
    public struct State: Sendable {
        /// Files that have not been applied, or not as they are now.
        public var missing: [String]
        /// Migrations that were changed after they had been applied: this program and the database are not of the same line.
        public var changed: [String]
        /// What the database has that this program does not know: it is newer.
        public var unknown: [String]

        public var isCurrent: Bool { missing.isEmpty && changed.isEmpty && unknown.isEmpty }
    }

    private let files: [File]

    /// - Parameter files: in the order in which they are applied.
    public init(_ files: [File]) {
        self.files = files
    }

    /// Compares, and changes nothing.
    public func state(_ lease: Lease) async throws -> State {
        let there = try await lease.run(Call("SELECT to_regclass('schema_file') IS NOT NULL"))
        guard there.text(0, 0) == "t" else { return State(missing: files.map(\.path), changed: [], unknown: []) }
        let rows = try await lease.run(Call("SELECT path, md5 FROM schema_file"))
        var applied: [String: String] = [:]
        for row in 0..<rows.count { applied[rows.text(row, 0) ?? ""] = rows.text(row, 1) }
        return try await state(applied, lease)
    }

    private func state(_ applied: [String: String], _ lease: Lease) async throws -> State {
        var state = State(missing: [], changed: [], unknown: [])
        let digests = try await lease.segment(files.map { Call("SELECT md5($1)", [.text($0.sql)]) })
        for (file, rows) in zip(files, digests) {
            let digest = rows.text(0, 0)
            if applied[file.path] == nil {
                state.missing.append(file.path)
            } else if applied[file.path] != digest {
                if file.folder == "migrations" { state.changed.append(file.path) } else { state.missing.append(file.path) }
            }
        }
        state.unknown = applied.keys.filter { path in path.hasPrefix("migrations/") && !files.contains { $0.path == path } }.sorted()
        return state
    }

    /// Applies what is missing, each file in a transaction of its own. One migrator at a time; others wait.
    /// - Returns: the paths that were applied.
    /// - Throws: ``PostgresFailure``; ``Divergence`` before anything is changed.
    public func migrate(_ lease: Lease) async throws -> [String] {
        _ = try await lease.run(Call("SELECT pg_advisory_lock(7305128864)"))
        try await lease.script(Self.ledger)
        let state = try await state(lease)
        guard state.changed.isEmpty, state.unknown.isEmpty else { throw Divergence(state: state) }
        for file in files where state.missing.contains(file.path) { try await apply(file, lease) }
        _ = try await lease.run(Call("SELECT pg_advisory_unlock(7305128864)"))
        return state.missing
    }

    /// The database went another way than this program.
    public struct Divergence: Error, CustomStringConvertible {
        public let state: State
        public var description: String {
            if !state.unknown.isEmpty { return "The database is newer than this program: it has \(state.unknown.joined(separator: ", "))." }
            return "These migrations differ from those that were applied to the database: \(state.changed.joined(separator: ", "))."
        }
    }

    private static let ledger = """
        CREATE TABLE IF NOT EXISTS schema_file (
          path text PRIMARY KEY, md5 text NOT NULL, applied timestamptz NOT NULL DEFAULT now()
        );
        GRANT SELECT ON schema_file TO palimpsest_app
        """

    private func apply(_ file: File, _ lease: Lease) async throws {
        do {
            try await lease.transaction {
                // Row security forced on the owner would turn a data migration into nothing without an error; off, it raises.
                _ = try await lease.run(Call("SET LOCAL row_security = off"))
                _ = try await lease.run(Call("SET LOCAL lock_timeout = '10s'"))
                _ = try await lease.run(Call("SET LOCAL check_function_bodies = off"))
                if file.folder == "policies" { try await lease.script(Self.clearing(String(file.table))) }
                try await lease.script(file.sql)
                _ = try await lease.run(
                    Call(
                        """
                        INSERT INTO schema_file (path, md5) VALUES ($1, md5($2))
                        ON CONFLICT (path) DO UPDATE SET md5 = excluded.md5, applied = now()
                        """, [.text(file.path), .text(file.sql)]))
            }
        } catch let failure as PostgresFailure {
            throw FileFailure(path: file.path, failure: failure)
        }
    }

    /// A file that could not be applied.
    public struct FileFailure: Error, CustomStringConvertible {
        public let path: String
        public let failure: PostgresFailure
        public var description: String {
            "\(path): \(failure.message ?? failure.description)" + (failure.position.map { " (at character \($0))" } ?? "")
        }
    }

    /// Takes away all policies and grants of a table, so that the file that follows is all there is.
    private static func clearing(_ table: String) -> String {
        """
        DO $clear$
        DECLARE old record;
        BEGIN
          FOR old IN SELECT policyname FROM pg_policies WHERE schemaname = current_schema() AND tablename = '\(table)' LOOP
            EXECUTE format('DROP POLICY %I ON %I', old.policyname, '\(table)');
          END LOOP;
          REVOKE ALL ON \(table) FROM PUBLIC, palimpsest_app;
        END $clear$
        """
    }
}
