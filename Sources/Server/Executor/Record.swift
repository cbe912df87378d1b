import Processes

/// Whoever keeps the record of attempts at tasks, as the one who runs them speaks to it: the database, or a server over HTTP.
protocol Record: Sendable {
    /// Keeps the lease of an attempt for another while.
    func renew(_ lease: Duration) async throws -> Attempt.Order
    /// - Parameter piece: counts them from 1, so that one which is sent again is not kept twice.
    func log(_ text: String, piece: Int) async throws
    /// - Parameter exitCode: nil when the system failed, not the program.
    func end(exitCode: Int?) async throws
    func release() async throws
}

extension Attempt: Record {}
