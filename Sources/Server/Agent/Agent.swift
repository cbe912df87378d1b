import FoundationEssentials
import Glibc
import Jobs
import Logging
import Processes
import ServiceLifecycle
import SystemPackage
import Tenancy

/// Carries out tasks of a server on another machine, as ``Executor`` does on the server's own.
///
/// On a graceful shutdown it claims no more, lets the running programs end for some seconds, and gives their tasks back to the queue.
struct Agent: Service {
    let server: RemoteServer
    /// Where each attempt gets a directory of its own while it runs.
    let directory: FilePath
    /// How many programs run at once.
    let slots: Int
    let lease: Duration
    let logger: Logger

    /// Who has a task, for people.
    private let name = "\(ProcessInfo.processInfo.hostName), process \(getpid())"

    init(server: RemoteServer, directory: FilePath, slots: Int, lease: Duration, logger: Logger) {
        self.server = server
        self.directory = directory
        self.slots = slots
        self.lease = lease
        self.logger = logger
    }

    /// - Throws: ``RemoteServer/Refusal`` when the token is not accepted, which waiting does not mend.
    func run() async throws {
        let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/local/bin:/usr/bin:/bin"
        // Nobody rings: a server does not call its agents.
        let surroundings = Undertaking.Surroundings(name: "agent", server: server.url, path: path, bell: Bell())
        try await withThrowingDiscardingTaskGroup { group in
            for _ in 0..<slots { group.addTask { try await fill(surroundings) } }
        }
    }

    /// One place for a program: takes one task after the other, and asks again in a while when there is none.
    private func fill(_ surroundings: Undertaking.Surroundings) async throws {
        var pauses = Pauses()
        while !Task.isShuttingDownGracefully, !Task.isCancelled {
            do {
                if try await workOnce(surroundings) { continue }
                pauses.nothingToDo()
            } catch let refusal as RemoteServer.Refusal where refusal.isFinal {
                throw refusal
            } catch {
                if pauses.failures == 0 {
                    logger.warning("The server cannot be asked for tasks; trying again.", metadata: ["reason": "\(error)"])
                }
                pauses.failed()
            }
            let pause = pauses.next
            // Ends early when we are to stop.
            _ = try? await cancelWhenGracefulShutdown { try await Task.sleep(for: pause) }
        }
    }

    /// - Returns: whether there was a task.
    private func workOnce(_ surroundings: Undertaking.Surroundings) async throws -> Bool {
        let now = ContinuousClock.now
        guard let task = try await server.claim(as: name, lease: lease) else { return false }
        var logger = logger
        logger[metadataKey: "task"] = "\(task.id)"
        logger[metadataKey: "attempt"] = "\(task.attempt)"
        let record = RemoteAttempt(server: server, task: task.id, number: task.attempt)
        await Undertaking(
            task: task, workspace: Workspace(of: task, below: directory),
            report: Report(to: record, on: task, lease: lease, claimed: now, logger: logger),
            surroundings: surroundings, logger: logger
        ).run()
        return true
    }
}

/// How long to wait before asking for a task again. With jitter, so that agents that lost their server together do not return together.
private struct Pauses {
    private(set) var failures = 0

    mutating func nothingToDo() { failures = 0 }
    mutating func failed() { failures += 1 }

    var next: Duration {
        let whole = failures == 0 ? Duration.seconds(1) : min(.milliseconds(250) * (1 << min(failures, 6)), .seconds(10))
        return whole * Double.random(in: 0.5...1)
    }
}
