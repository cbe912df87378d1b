import Logging
import Processes

/// Reports on one attempt to whoever keeps the record, who may be away for a while: what fails is tried again while the lease lasts.
actor Report {
    private let record: any Record
    private let lease: Duration
    /// How often the lease should be renewed.
    nonisolated let interval: Duration
    /// The task's own secret, which a program that prints its environment would show to all readers of the log.
    private let token: String
    private let logger: Logger
    /// As this machine's clock has it, and never later than the database's.
    private var leaseEnd: ContinuousClock.Instant
    private var isLost = false
    /// How many pieces of the log there have been.
    private var pieces = 0

    /// - Parameter claimed: when the task was asked for.
    init(to record: any Record, on task: ClaimedTask, lease: Duration, claimed: ContinuousClock.Instant, logger: Logger) {
        self.record = record
        self.lease = lease
        interval = min(lease / 3, .seconds(10))
        token = task.token
        self.logger = logger
        leaseEnd = claimed + lease
    }

    /// Keeps the lease. Once it is lost, nothing is reported any more: somebody else may have the task.
    func renew() async -> Attempt.Order {
        let asked = ContinuousClock.now
        let answer = await insist("renewed") { [record, lease] in try await record.renew(lease) }
        // The program ended meanwhile: the answer was not waited for.
        if answer == nil, Task.isCancelled { return .proceed }
        let order = answer ?? .leaseLost
        if case .leaseLost = order { isLost = true } else { leaseEnd = asked + lease }
        return order
    }

    /// Adds to the log that people read.
    func log(_ text: String) async {
        var rest = Substring(text.replacing(token, with: "********")).unicodeScalars
        while !rest.isEmpty {
            let piece = String(rest.prefix(Self.longestPiece))
            rest = rest.dropFirst(Self.longestPiece)
            pieces += 1
            _ = await insist("logged") { [record, pieces] in try await record.log(piece, piece: pieces) }
        }
    }

    /// In characters. Servers take no more at once.
    private static let longestPiece = 100_000

    /// Adds a sentence of our own to that log.
    func note(_ sentence: String) async {
        await log("palimpsest: \(sentence)\n")
    }

    /// - Parameter exitCode: nil when the system failed, not the program.
    func end(exitCode: Int?) async {
        _ = await insist("ended") { [record] in try await record.end(exitCode: exitCode) }
    }

    /// Lets go of the lease at once, so that somebody else may try.
    func giveBack() async {
        _ = await insist("given back") { [record] in try await record.release() }
    }

    /// - Returns: nil when the lease ran out over it, or somebody else has it.
    private func insist<Value: Sendable>(_ done: String, _ body: @escaping @Sendable () async throws -> Value) async -> Value? {
        // Fixed now: what can never succeed must not go on for as long as the lease is renewed.
        let deadline = leaseEnd
        var pause = Duration.zero
        while !isLost, ContinuousClock.now < deadline {
            do {
                try await Task.sleep(for: pause)
                if let value = try await before(deadline, body) { return value }
            } catch is CancellationError {
                return nil
            } catch {
                logger.warning("A task could not be \(done); trying again while its lease lasts.", metadata: ["reason": "\(error)"])
                pause = min(max(pause * 2, .milliseconds(100)), .seconds(5)) * Double.random(in: 0.5...1)
            }
        }
        return nil
    }
}
