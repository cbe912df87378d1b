import AsyncAlgorithms
import FoundationEssentials
import Glibc
import Jobs
import Logging
import Processes
import ServiceLifecycle
import SystemPackage
import Tenancy

/// Carries out tasks as child processes of the server.
///
/// On a graceful shutdown it claims no more, lets the running programs end for some seconds, and gives their tasks back to the queue.
struct Executor: Service {
    private let tenancy: Tenancy
    private let serverURL: @Sendable () async -> String
    private let directory: FilePath
    private let slots: Int
    private let logger: Logger
    private let bell = Bell()

    /// Who has a task, for people.
    private let agent = "\(ProcessInfo.processInfo.hostName), process \(getpid())"
    private static let lease = Duration.seconds(30)

    /// - Parameters:
    ///   - serverURL: where programs reach the server; answers once it listens.
    ///   - directory: where each attempt gets a directory of its own while it runs.
    ///   - slots: how many programs run at once.
    init(tenancy: Tenancy, serverURL: @escaping @Sendable () async -> String, directory: FilePath, slots: Int = 2, logger: Logger) {
        self.tenancy = tenancy
        self.serverURL = serverURL
        self.directory = directory
        self.slots = slots
        self.logger = logger
    }

    func run() async throws {
        guard let server = await address else { return }
        let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/local/bin:/usr/bin:/bin"
        let surroundings = Undertaking.Surroundings(name: "server", server: server, path: path, bell: bell)
        await withDiscardingTaskGroup { group in
            for _ in 0..<slots { group.addTask { await fill(surroundings) } }
            group.addTask { await passOnHints() }
            await poll()
        }
    }

    /// Where the server can be reached; nil when it ends without ever having listened.
    private var address: String? {
        get async {
            let (stream, continuation) = AsyncStream.makeStream(of: String.self)
            // Not a child, whose end we would have to await.
            Task { [serverURL] in continuation.yield(await serverURL()) }
            return await stream.cancelOnGracefulShutdown().first { _ in true }
        }
    }
}

// MARK: Waking up

extension Executor {
    private func passOnHints() async {
        for await _ in tenancy.notifications(on: ["tasks"]).cancelOnGracefulShutdown() { bell.ring() }
    }

    /// Looks for itself, since a hint may be missed, and gives back what other agents have lost.
    private func poll() async {
        for await _ in AsyncTimerSequence(interval: .seconds(2), clock: .continuous).cancelOnGracefulShutdown() {
            await trying {
                let tenants = try await tenancy.tenantsWithTasks()
                for tenant in tenants { try await within(tenant) { try await Attempt.reap($0) } }
                if !tenants.isEmpty { bell.ring() }
            }
        }
    }
}

// MARK: Working

extension Executor {
    /// One place for a program: takes one task after the other, while there are any.
    private func fill(_ surroundings: Undertaking.Surroundings) async {
        for await _ in bell.rings.cancelOnGracefulShutdown() {
            await trying { while try await workOnce(surroundings) {} }
        }
    }

    /// - Returns: whether there was a task.
    private func workOnce(_ surroundings: Undertaking.Surroundings) async throws -> Bool {
        // In any order, so that nobody always waits for somebody else's many.
        for tenant in try await tenancy.tenantsWithTasks().shuffled() where !Task.isShuttingDownGracefully {
            if try await within(tenant, { try await work($0, surroundings) }) { return true }
        }
        return false
    }

    private func work(_ scope: Scope, _ surroundings: Undertaking.Surroundings) async throws -> Bool {
        let now = ContinuousClock.now
        guard let task = try await Claim(scope: scope).take(agent: agent, lease: Self.lease) else { return false }
        var logger = logger
        logger[metadataKey: "task"] = "\(task.id)"
        logger[metadataKey: "attempt"] = "\(task.attempt)"
        await Undertaking(
            task: task, workspace: Workspace(of: task, below: directory),
            report: Report(
                to: Attempt(scope: scope, task: task.id, number: task.attempt), on: task, lease: Self.lease, claimed: now, logger: logger),
            surroundings: surroundings, logger: logger
        ).run()
        return true
    }

    private func within<Value>(_ tenant: ID<Tenant>, _ body: (Scope) async throws -> Value) async throws -> Value {
        try await tenancy.scope(for: .system(in: tenant), Access(.signedIn, writes: true), body)
    }

    /// Nothing that goes wrong ends the service: the next round tries again.
    private func trying(_ body: () async throws -> Void) async {
        do {
            try await body()
        } catch is CancellationError {
            return
        } catch {
            logger.warning("Tasks could not be looked for; trying again.", metadata: ["reason": "\(error)"])
        }
    }
}
