public import Logging

extension Connection {
    /// What a borrower may send.
    enum Work: Sendable {
        case commands([Command])
        case script(String)
    }

    /// Opens a connection for `body` alone and closes it afterwards. For command-line work; servers use a ``Pool``.
    /// - Throws: ``PostgresFailure`` if connecting fails, and what `body` throws.
    public static func withConnection<T: Sendable>(
        _ connectionString: String, _ logger: Logger, applicationName: String = "palimpsest", connectTimeout: Duration = .seconds(10),
        _ body: @Sendable (Lease) async throws -> T
    ) async throws -> T {
        let address = try Address(connectionString, applicationName: applicationName)
        let link = try await withCheckedThrowingContinuation { continuation in
            Link.open(address, timeout: connectTimeout, logger: logger, on: .shared) { continuation.resume(with: $0) }
        }
        let connection = Connection(link, on: .shared, cacheSize: nil, isShared: false) { _ in }
        await connection.start()
        let outcome: Result<T, any Error>
        do { outcome = .success(try await body(Lease(connection: connection, loan: 0))) } catch { outcome = .failure(error) }
        await connection.close(PostgresFailure(.cancelled))
        return try outcome.get()
    }

    /// Sends a borrower's work and waits for its end, even when the task is cancelled: the server is asked to stop,
    /// and the connection has to be quiet before somebody else gets it.
    func borrowed(_ loan: Int, _ work: Work) async throws -> [Rows] {
        guard loan == self.loan else { throw PostgresFailure(.cancelled, message: "The lease has ended.") }
        let id = nextSegment()
        do {
            return try await withTaskCancellationHandler {
                try Task.checkCancellation()
                guard !mayBeCancelled else { throw CancellationError() }
                return try await withCheckedThrowingContinuation { send(id, work, .task($0)) }
            } onCancel: {
                loop.execute { self.assumeIsolated { $0.requestCancel(id) } }
            }
        } catch let failure as PostgresFailure where failure.sqlState == "57014" && Task.isCancelled {
            throw CancellationError()
        }
    }

    private func send(_ id: Int, _ work: Work, _ waiter: Waiter) {
        switch work {
        case .commands(let commands): send(id, commands, waiter)
        case .script(let sql): sendScript(id, sql, waiter)
        }
    }

    /// Ends a loan. False, and closed, if the connection cannot be lent again: something is still running on it,
    /// it may yet be cancelled, or a transaction left open could not be rolled back.
    func settle() async -> Bool {
        loan += 1
        guard !isClosed, pipeline.isIdle, !mayBeCancelled else { return give(up: true) }
        if isOutsideTransaction { return true }
        // Not through `borrowed`: the task may be cancelled, and this has to happen all the same.
        let id = nextSegment()
        _ = try? await withCheckedThrowingContinuation { send(id, [.call(Call("ROLLBACK"))], .task($0)) }
        return give(up: !isOutsideTransaction)
    }

    private func give(up isUseless: Bool) -> Bool {
        if isUseless { close(PostgresFailure(.cancelled)) }
        return !isUseless
    }
}
