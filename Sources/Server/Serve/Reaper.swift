import AsyncAlgorithms
import Logging
import Processes
import ServiceLifecycle
import Tenancy

/// Gives back the tasks of agents that have gone, where the server runs none itself.
struct Reaper: Service {
    let tenancy: Tenancy
    let logger: Logger

    func run() async throws {
        for await _ in AsyncTimerSequence(interval: .seconds(5), clock: .continuous).cancelOnGracefulShutdown() {
            do {
                for tenant in try await tenancy.tenantsWithTasks() {
                    try await tenancy.scope(for: .system(in: tenant), Access(.signedIn, writes: true)) { try await Attempt.reap($0) }
                }
            } catch {
                logger.warning("Leases could not be looked through; trying again.", metadata: ["reason": "\(error)"])
            }
        }
    }
}
