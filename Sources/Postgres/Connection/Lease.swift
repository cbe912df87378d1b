/// A connection of one's own for a while, where transactions can be opened. It ends with the closure that it was lent to.
///
/// What a session keeps beyond transactions, such as SET or advisory locks, is the borrower's to undo. COPY closes the connection.
/// When the calling task is cancelled the server is asked to stop, `CancellationError` is thrown and the connection is not used again.
public struct Lease: Sendable {
    let connection: Connection
    let loan: Int

    /// The process of the server that whoever answered said to be connected to; a pooler says something else than `pg_backend_pid()`.
    public var announcedBackend: Int? {
        get async { await connection.announcedBackend }
    }

    /// - Throws: ``PostgresFailure``.
    public func run(_ call: Call) async throws -> Rows {
        try await segment([call])[0]
    }

    /// Sends all calls in one round trip. Outside of an explicit transaction they are an implicit one.
    /// - Throws: ``PostgresFailure``, whose `call` is the index of the failing call.
    public func segment(_ calls: [Call]) async throws -> [Rows] {
        guard !calls.isEmpty else { return [] }
        try calls.check()
        do {
            return try await connection.borrowed(loan, .commands(calls.map(Connection.Command.call)))
        } catch let failure as PostgresFailure where failure.namesStaleStatement {
            // Outside of a transaction all of it was rolled back, and what was stale has been forgotten.
            guard await connection.isOutsideTransaction else { throw failure }
            return try await connection.borrowed(loan, .commands(calls.map(Connection.Command.call)))
        }
    }

    /// Runs SQL of several statements in the simple protocol, such as a migration. Its results are dropped.
    /// Without BEGIN in it, it is one transaction, or, with a single statement such as VACUUM, none.
    /// - Throws: ``PostgresFailure``, whose `position` counts in the whole of `sql`.
    public func script(_ sql: String) async throws {
        guard !sql.holdsNUL else { throw PostgresFailure.invalid("The SQL holds a NUL character.") }
        _ = try await connection.borrowed(loan, .script(sql))
    }

    /// Runs `body` between BEGIN and COMMIT, or ROLLBACK if it throws. Costs two round trips; a ``segment(_:)`` is a transaction without them.
    /// - Throws: what `body` throws, or ``PostgresFailure``.
    public func transaction<T>(isolation: isolated (any Actor)? = #isolation, _ body: () async throws -> T) async throws -> T {
        _ = try await run(Call("BEGIN"))
        do {
            let value = try await body()
            try await commit()
            return value
        } catch {
            // The connection is reset when it is given back, whatever becomes of this.
            _ = try? await run(Call("ROLLBACK"))
            throw error
        }
    }

    /// COMMIT of a transaction that failed is answered by ROLLBACK, without an error.
    private func commit() async throws {
        let answer = try await run(Call("COMMIT"))
        guard answer.command == "COMMIT" else {
            throw PostgresFailure(.server, message: "The transaction had failed before COMMIT and was rolled back.")
        }
    }

    /// What `sql` takes and returns, without running it.
    /// - Throws: ``PostgresFailure``.
    public func describe(_ sql: String) async throws -> Description {
        guard !sql.holdsNUL else { throw PostgresFailure.invalid("The SQL holds a NUL character.") }
        return Description(try await connection.borrowed(loan, .commands([.describe(sql)]))[0])
    }
}
