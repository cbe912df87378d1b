import AsyncAlgorithms
import Logging
import ServiceLifecycle
import Tenancy

/// Forgets the marks of segments that no request can ask for any more.
struct Forgetter: Service {
    let tenancy: Tenancy
    let logger: Logger

    func run() async throws {
        for await _ in AsyncTimerSequence(interval: .seconds(300), clock: .continuous).cancelOnGracefulShutdown() {
            do {
                try await tenancy.forgetMarks()
            } catch {
                logger.warning("Old marks could not be forgotten; trying again in five minutes.", metadata: ["reason": "\(error)"])
            }
        }
    }
}
