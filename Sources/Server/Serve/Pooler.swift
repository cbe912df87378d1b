import Logging
import Postgres

/// What may stand between this server and PostgreSQL: a pooler that lends its connections by transaction, so that what one transaction
/// leaves on a connection is not there for the next.
struct Pooler {
    let logger: Logger

    /// Fault 79: said at the start, before statements fail now and then and notifications do not come.
    /// - Returns: one sentence for each setting that does not work with what is there.
    func faults(_ url: String, directURL: String?, statementCache: Bool) async throws -> [String] {
        var faults: [String] = []
        if statementCache, try await lendsByTransaction(url) {
            faults.append(
                """
                A pooler lends the connections to the database by transaction, and statements that are prepared there get lost. Serve with \
                --statement-cache off, and with --direct-url past the pooler to be woken by; or let it pool by session.
                """)
        }
        if let directURL, try await lendsByTransaction(directURL) {
            faults.append(
                """
                A pooler lends the connection of --direct-url by transaction, and notifications do not arrive there. Let it lead past the \
                pooler, or leave it out.
                """)
        }
        return faults
    }

    /// Two connections of ours take turns: by transaction they meet the same of the pooler's, by session they never do.
    private func lendsByTransaction(_ url: String) async throws -> Bool {
        try await Connection.withConnection(url, logger) { [logger] first in
            let met = try await backend(of: first)
            // Who is connected to PostgreSQL itself was told the truth when connecting.
            if await first.announcedBackend == met { return false }
            return try await Connection.withConnection(url, logger) { second in
                for _ in 0..<Self.rounds {
                    let (others, own) = try await (backend(of: second), backend(of: first))
                    if others == own || own != met { return true }
                }
                return false
            }
        }
    }

    private static let rounds = 8

    private func backend(of lease: Lease) async throws -> Int? {
        try await lease.run(Call("SELECT pg_backend_pid()")).text(0, 0).flatMap { Int($0) }
    }
}
