import Logging
import ServiceLifecycle
import Tenancy

struct Executor: Service {
    init(tenancy: Tenancy, serverURL: @escaping @Sendable () async -> String, directory: String, slots: Int = 2, logger: Logger) {}
    func run() async throws {}
}
