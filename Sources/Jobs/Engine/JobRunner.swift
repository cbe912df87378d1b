import AsyncAlgorithms
public import Logging
import Postgres
public import ServiceLifecycle
public import Tenancy

/// Carries out jobs: claims one after the other while there are any, some at a time, in every tenant.
///
/// On a graceful shutdown it claims no more and gives back what it holds; what is committed stays. A server that is killed leaves its
/// jobs to whoever looks after their leases have run out.
public struct JobRunner: Service {
    private let tenancy: Tenancy
    private let kinds: [String: JobKind]
    private let holder: String
    private let slots: Int
    private let places: JobPlaces
    private let logger: Logger
    private let bell: Bell

    /// How long a holder is believed without being heard of.
    static let lease = "30 seconds"
    private static let heartbeat = Duration.seconds(10)

    /// - Parameters:
    ///   - kinds: jobs of others are left alone: a newer server may know them.
    ///   - holder: who has a job, for people.
    ///   - slots: how many of one tenant are carried out at once. There is one more place, so that others find one.
    ///   - bell: rung when jobs change.
    public init(tenancy: Tenancy, kinds: [JobKind], holder: String, slots: Int = 2, bell: Bell = Bell(), logger: Logger) {
        self.tenancy = tenancy
        self.kinds = Dictionary(kinds.map { ($0.name, $0) }) { first, _ in first }
        self.holder = holder
        self.slots = slots
        places = JobPlaces(perTenant: slots)
        self.bell = bell
        self.logger = logger
    }

    public func run() async throws {
        await withDiscardingTaskGroup { group in
            for _ in 0...slots { group.addTask { await fill() } }
            group.addTask { for await _ in tenancy.notifications(on: ["jobs"]).cancelOnGracefulShutdown() { bell.ring() } }
            // A hint may be missed, and leases and pauses end without one.
            for await _ in AsyncTimerSequence(interval: .seconds(2), clock: .continuous).cancelOnGracefulShutdown() { bell.ring() }
        }
    }

    /// One place for a job.
    private func fill() async {
        for await _ in bell.rings.cancelOnGracefulShutdown() {
            do {
                while try await workOnce() {}
            } catch is CancellationError {
                return
            } catch {
                logger.warning("Jobs could not be looked for; trying again.", metadata: ["reason": "\(error)"])
            }
        }
    }

    /// Claims and carries out one job that is due.
    /// - Returns: whether there was one.
    public func workOnce() async throws -> Bool {
        for (tenant, job) in try await tenancy.jobsWaiting(kinds.keys.sorted()) where !Task.isShuttingDownGracefully {
            guard places.take(tenant) else { continue }
            defer { places.giveBack(tenant) }
            if try await claim(job, in: tenant) { return true }
        }
        return false
    }

    /// - Returns: false if somebody else has it, or it is not due any more.
    private func claim(_ job: ID<Job>, in tenant: ID<Tenant>) async throws -> Bool {
        try await tenancy.scope(for: .system(in: tenant), Access(.signedIn, writes: true), apart: true) { scope in
            let claim = ClaimedJob.Claim(id: job, holder: holder, lease: Self.lease)
            guard let claimed = try await scope.first(ClaimedJob.claim, claim) else { return false }
            await carryOut(RunningJob(claimed, scope: scope, logger: logger))
            return true
        }
    }
}

// MARK: One job

extension JobRunner {
    private func carryOut(_ job: RunningJob) async {
        guard let kind = kinds[job.kind] else { return }
        let outcome: Result<Void, any Error>
        do { outcome = .success(try await perform(kind, job)) } catch { outcome = .failure(error) }
        do {
            try await settle(job, outcome)
        } catch {
            // The lease runs out, and whoever claims the job then counts this as a failure.
            job.logger.warning("The end of a job could not be written down.", metadata: ["reason": "\(error)"])
        }
    }

    /// Lets the kind work while the lease is kept; whichever ends first ends the other.
    private func perform(_ kind: JobKind, _ job: RunningJob) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await cancelWhenGracefulShutdown { try await kind.perform(job) } }
            group.addTask {
                for await _ in AsyncTimerSequence(interval: Self.heartbeat, clock: .continuous) { try await renew(job) }
                throw CancellationError()
            }
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    /// A database that does not answer is no reason to give up: the lease is long enough to try again.
    private func renew(_ job: RunningJob) async throws {
        do {
            try await job.renew()
        } catch let failure as PostgresFailure where failure.jobVerdict == nil {
            job.logger.warning("The lease of a job could not be renewed; trying again.", metadata: ["reason": "\(failure)"])
        }
    }

    private func settle(_ job: RunningJob, _ outcome: Result<Void, any Error>) async throws {
        switch outcome {
        case .success:
            try await job.end(.done)
        case .failure(let failure as PostgresFailure) where failure.jobVerdict == .cancelled:
            try await job.end(.cancelled)
        case .failure(let failure as PostgresFailure) where failure.jobVerdict == .lost:
            job.logger.notice("Somebody else has this job now.")
        case .failure(is CancellationError):
            try await job.end(.queued)
        case .failure(let error):
            job.logger.error("A job failed.", metadata: ["reason": "\(String(reflecting: error))"])
            try await job.fail(String(describing: error))
        }
    }
}

extension PostgresFailure {
    fileprivate enum JobVerdict { case lost, cancelled }

    /// What `hold_job` said, if that is what this is.
    fileprivate var jobVerdict: JobVerdict? {
        guard sqlState == "PL409", let detail else { return nil }
        return detail.contains("\"job_lease_lost\"") ? .lost : detail.contains("\"job_cancelled\"") ? .cancelled : nil
    }
}

/// A job as it is handed out.
struct ClaimedJob: Decodable, Sendable {
    struct Claim: Codable, Sendable {
        var id: ID<Job>
        var holder: String
        /// An interval.
        var lease: String
    }

    var id: ID<Job>
    var kind: String
    /// JSON.
    var args: String
    var attempt: Int

    static let claim = Statement<Claim, ClaimedJob>(
        "claim_job", "SELECT c.id, c.kind, c.args::text AS args, c.attempt FROM claim_job($id, $holder, $lease::interval) AS c")
}
