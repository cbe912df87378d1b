import Postgres

/// Whether a database and the role that serves it are as this program needs them. Read only.
struct Validation {
    /// - Parameter lease: a connection of the runtime role.
    /// - Returns: one sentence for each thing that is wrong.
    static func faults(_ lease: Lease) async throws -> [String] {
        try await role(lease) + schema(lease) + tables(lease)
    }

    /// The runtime role is held by policies only if it is neither exempt from them nor an owner.
    static func role(_ lease: Lease) async throws -> [String] {
        let rows = try await lease.run(
            Call(
                """
                SELECT rolname, rolsuper, rolbypassrls, EXISTS (SELECT FROM pg_class c WHERE c.relkind = 'r'
                  AND c.relnamespace = 'public'::regnamespace AND pg_has_role(r.oid, c.relowner, 'USAGE'))
                FROM pg_roles r WHERE rolname = current_user
                """))
        let name = rows.text(0, 0) ?? "?"
        return [
            rows.text(0, 1) == "t" ? "The role \(name) is a superuser: row-level security does not hold it." : nil,
            rows.text(0, 2) == "t" ? "The role \(name) has BYPASSRLS: row-level security does not hold it." : nil,
            rows.text(0, 3) == "t" ? "The role \(name) owns tables; serve as palimpsest_app instead." : nil,
        ].compactMap { $0 }
    }

    static let behind = "The schema is missing or behind: run `palimpsest migrate`."

    /// A schema that is newer is served all the same: migrations only add, until the release after next.
    static func schema(_ lease: Lease) async throws -> [String] {
        let state = try await Migrator(SchemaFiles.all).state(lease)
        return state.missing.isEmpty && state.changed.isEmpty ? [] : [behind]
    }

    static func tables(_ lease: Lease) async throws -> [String] {
        let rows = try await lease.run(
            Call(
                """
                SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tenant_id'
                WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace AND NOT (c.relrowsecurity AND c.relforcerowsecurity)
                """))
        return (0..<rows.count).map { "Row-level security is not forced on \(rows.text($0, 0) ?? "?")." }
    }
}
