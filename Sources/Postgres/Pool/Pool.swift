public import Logging
public import ServiceLifecycle

/// The connections to one database: a few that everybody shares, and a few to be lent. Nobody's statements keep them all: see ``Party``.
///
/// Run it as a service, ahead of those that use it. Until a connection is open, and while the server is away, calls wait.
public final class Pool: Service, Sendable {
    private let configuration: Configuration
    private let logger: Logger
    private let core: PoolCore

    /// Connects to nothing yet; ``run()`` does.
    public init(_ configuration: Configuration, logger: Logger) {
        self.configuration = configuration
        self.logger = logger
        core = PoolCore(configuration, on: .shared, logger: logger)
    }

    /// For `withTaskExecutorPreference(_:)`, in a task that makes several segments one after the other.
    public var loop: Loop { .shared }

    /// How busy it is.
    public var use: PoolUse {
        get async { await core.use }
    }

    /// Keeps the connections open. Returns after a graceful shutdown, when all accepted segments and loans have ended;
    /// when the task is cancelled it ends at once and fails what is in flight.
    public func run() async throws {
        await core.start()
        await withTaskCancellationHandler {
            // Throws when the task is cancelled, which the handler has seen to.
            try? await gracefulShutdown()
            await core.drain()
        } onCancel: {
            core.abortSoon()
        }
    }

    /// Sends the calls in one round trip, as one transaction, and returns their results in order.
    ///
    /// If one fails, none is kept. Serialization failures and deadlocks are tried again, up to ``mostTries`` times, after a short pause.
    /// BEGIN and COPY do not belong here, nor a statement that runs for long: those that come behind it on the same connection wait.
    /// When the task is cancelled the caller goes on at once and the server finishes the segment: whether it is kept is unknown.
    /// - Parameter party: whose share of the connections it goes on.
    /// - Throws: ``PostgresFailure``, whose `call` is the index of the failing call, or `CancellationError`.
    public func segment(_ calls: [Call], for party: Party = .keeper) async throws -> [Rows] {
        try await trying(calls) { try await self.core.segment(calls, for: party) }
    }

    /// The same on a connection of its own, for segments that run so long that others must not wait behind them.
    /// - Throws: as ``segment(_:)``; when the task is cancelled the server is asked to stop, and nothing of the segment is kept
    ///   unless it had ended.
    public func segmentApart(_ calls: [Call], for party: Party = .keeper) async throws -> [Rows] {
        try await trying(calls) { try await self.lease(for: party) { try await $0.segment(calls) } }
    }

    /// The same for what must not be done twice: where the connection goes before the commit has been answered, finds out what became of it.
    /// - Parameter wasKept: asks the database, on another connection, whether the segment was kept, and sees to it that it cannot be kept
    ///   later if not. A mark is a way, which the segment leaves and `wasKept` tries to take.
    /// - Throws: as ``segment(_:)``, where `connectionLost` means that nothing was kept; `answerLost` if it was kept, but its results are
    ///   lost; what `wasKept` throws.
    public func segment(_ calls: [Call], for party: Party, wasKept: () async throws -> Bool) async throws -> [Rows] {
        do {
            return try await trying(calls) { try await self.core.segment(calls, for: party, witness: true) }
        } catch let lost as LostSegment {
            guard try await wasKept() else { throw lost.failure }
            guard let answers = lost.answers else { throw PostgresFailure(.answerLost) }
            return answers
        }
    }

    private func trying(_ calls: [Call], _ send: () async throws -> [Rows]) async throws -> [Rows] {
        guard !calls.isEmpty else { return [] }
        try calls.check()
        for failures in 0..<(Self.mostTries - 1) {
            do {
                return try await send()
            } catch let failure as PostgresFailure where failure.deservesRetry {
                logger.debug("Trying a segment again", metadata: ["reason": "\(failure)"])
                try await Task.sleep(for: Backoff.retrying.delay(failures: failures, jitter: .random(in: 0...1)))
            }
        }
        return try await send()
    }

    /// How often a segment is sent at most.
    public static let mostTries = 5

    /// Lends a connection for transactions and whatever else needs one of its own, until `body` returns.
    ///
    /// A transaction that `body` leaves open is rolled back. Connecting, if needed, takes some milliseconds.
    /// - Throws: ``PostgresFailure`` if no connection can be had, and what `body` throws.
    public func lease<T: Sendable>(for party: Party = .keeper, _ body: @Sendable (Lease) async throws -> T) async throws -> T {
        let (slot, lease) = try await core.borrow(for: party)
        let outcome: Result<T, any Error>
        do { outcome = .success(try await body(lease)) } catch { outcome = .failure(error) }
        await core.giveBack(slot: slot)
        return try outcome.get()
    }

    /// Listens on a connection of its own, until the stream is let go.
    ///
    /// Notifications sent while it was not connected are lost. It yields ``Notification/reconnected`` when it listens again,
    /// also the first time, and when the reader was so slow that some had to be dropped: time to look at the tables themselves.
    /// Behind a pooler, without a connection past it, nothing more comes: readers poll.
    public func notifications(on channels: [String]) -> AsyncStream<Notification> {
        let (stream, continuation) = AsyncStream.makeStream(of: Notification.self, bufferingPolicy: .bufferingOldest(1024))
        guard configuration.canListen else {
            continuation.yield(.reconnected)
            // Holds the stream open until the reader lets it go.
            continuation.onTermination = { [continuation] _ in continuation.finish() }
            return stream
        }
        let listener = Listener(configuration, channels: channels, on: .shared, logger: logger, continuation)
        continuation.onTermination = { _ in listener.stop() }
        listener.start()
        return stream
    }
}
