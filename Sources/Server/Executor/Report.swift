import Logging
import Processes
import Tenancy

/// Reports on one attempt to the database, which may be away for a while: what fails is tried again while the lease lasts.
actor Report {
    private let scope: Scope
    private let attempt: Attempt
    private let lease: Duration
    /// The task's own secret, which a program that prints its environment would show to all readers of the log.
    private let token: String
    private let logger: Logger
    /// As this machine's clock has it, and never later than the database's.
    private var leaseEnd: ContinuousClock.Instant
    private var isLost = false

    /// - Parameter claimed: when the task was asked for.
    init(scope: Scope, task: ClaimedTask, lease: Duration, claimed: ContinuousClock.Instant, logger: Logger) {
        self.scope = scope
        self.lease = lease
        token = task.token
        self.logger = logger
        attempt = Attempt(scope: scope, task: task.id, number: task.attempt)
        leaseEnd = claimed + lease
    }

    /// Keeps the lease. Once it is lost, nothing is reported any more: somebody else may have the task.
    func renew() async -> Attempt.Order {
        let asked = ContinuousClock.now
        let answer = await insist("renewed") { [attempt, lease] in try await attempt.renew(lease) }
        // The program ended meanwhile: the answer was not waited for.
        if answer == nil, Task.isCancelled { return .proceed }
        let order = answer ?? .leaseLost
        if case .leaseLost = order { isLost = true } else { leaseEnd = asked + lease }
        return order
    }

    /// Adds to the log that people read.
    func log(_ text: String) async {
        let masked = text.replacing(token, with: "********")
        _ = await insist("logged") { [attempt] in try await attempt.log(masked) }
    }

    /// Adds a sentence of our own to that log.
    func note(_ sentence: String) async {
        await log("palimpsest: \(sentence)\n")
    }

    /// - Parameter exitCode: nil when the system failed, not the program.
    func end(exitCode: Int?) async {
        _ = await insist("ended") { [attempt] in try await attempt.end(exitCode: exitCode) }
    }

    /// Lets go of the lease at once, so that somebody else may try.
    func giveBack() async {
        _ = await insist("given back") { [attempt] in try await attempt.release() }
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
                pause = min(max(pause * 2, .milliseconds(100)), .seconds(5))
            }
        }
        return nil
    }
}
