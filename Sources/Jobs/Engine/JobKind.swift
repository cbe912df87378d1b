/// A kind of background work, as a feature declares it: a name, and what carries out one job of it.
///
/// A job may be carried out more than once, in part: a server is stopped or killed, a lease is lost, a failure is tried again. So the
/// work is cut into transactions, each through ``RunningJob/run(_:)``, and what one has committed tells the next attempt where to go on.
public struct JobKind: Sendable {
    public let name: String
    let perform: @Sendable (RunningJob) async throws -> Void

    /// - Parameters:
    ///   - name: what `enqueue_job` is called with: lower case and underscores.
    ///   - perform: gets the job's arguments decoded. Returns when all is done; throws to be tried again later, and for good after
    ///     too many failures in a row. Its task is cancelled when the server stops, when somebody cancels the job and when the lease is lost.
    public init<Arguments: Decodable & Sendable>(
        _ name: String, perform: @escaping @Sendable (Arguments, RunningJob) async throws -> Void
    ) {
        self.name = name
        self.perform = { job in try await perform(try job.arguments(Arguments.self), job) }
    }
}
