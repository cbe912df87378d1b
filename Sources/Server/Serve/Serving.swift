import FoundationEssentials
import Glibc
import Hummingbird
import HummingbirdCore
import Jobs
import Logging
import NIOCore
import Postgres
import ServiceLifecycle
import Storage
import Tenancy
import UnixSignals
import Web
import Workers

/// A running server: the pool, the listener, and whatever works beside them, until it is told to stop.
struct Serving {
    let options: ServeOptions
    let logger: Logger

    /// - Parameter url: the runtime role's connection.
    /// - Throws: ``Refusal`` when the runtime role or the edition is not as it has to be, before anything listens.
    func run(_ url: String) async throws {
        try await check(url)
        try await checkPooler(url)
        var configuration = Configuration(connectionString: url, directConnectionString: options.directURL)
        configuration.statementCache = options.statementCache
        let pool = Pool(configuration, logger: logger)
        let tenancy = Tenancy(pool: pool, restrictsCommands: options.restrictsCommands)
        let address = Address()
        let files = FileStore(directory: options.directory("files"), cacheLimit: options.imageCache)
        let (bell, metrics) = (Bell(), RequestMetrics())
        // The last is the first to be stopped: programs still report over HTTP while they end.
        var services: [any Service] = [
            pool, try application(tenancy, files, address, bell, metrics), jobs(tenancy, files, bell), keeper(tenancy, address),
            Sweeper(files, tenancy, first: Compose.forgetting, logger: logger), Forgetter(tenancy: tenancy, logger: logger),
        ]
        if let (host, port) = options.metrics {
            services.append(Metrics(tenancy: tenancy, requests: metrics).application(host, port, logger))
        }
        var group = ServiceGroupConfiguration(
            services: services, gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
        group.maximumGracefulShutdownDuration = .seconds(30)
        try await ServiceGroup(configuration: group).run()
    }

    private func jobs(_ tenancy: Tenancy, _ files: FileStore, _ bell: Bell) -> JobRunner {
        JobRunner(
            tenancy: tenancy, kinds: Compose.jobKinds(files, scratch: options.directory("scratch")),
            holder: "\(ProcessInfo.processInfo.hostName), process \(getpid())", bell: bell, logger: logger)
    }

    /// Who looks after tasks: the executor, or where there is none whoever gives lost ones back.
    private func keeper(_ tenancy: Tenancy, _ address: Address) -> any Service {
        guard options.executes else { return Reaper(tenancy: tenancy, logger: logger) }
        return Executor(tenancy: tenancy, serverURL: { await address.value }, directory: options.directory("tasks"), logger: logger)
    }

    private func application(
        _ tenancy: Tenancy, _ files: FileStore, _ address: Address, _ bell: Bell, _ metrics: RequestMetrics
    ) throws -> some ApplicationProtocol {
        Application(
            router: try Compose.router(
                tenancy, files, Vault(keyFile: options.secretKeyFile, oldKeyFile: options.oldSecretKeyFile),
                OutsideServers(destinations: options.allowsPrivateImages ? .anywhere : .everyonesServers), bell: bell,
                metrics: metrics),
            server: .http1(configuration: .init(idleTimeout: .seconds(75))),
            configuration: .init(address: .hostname(options.host, port: options.port), serverName: "palimpsest"),
            onServerRunning: { [options] channel in
                let host = options.host.contains(":") ? "[\(options.host)]" : options.host
                let url = "http://\(host):\(channel.localAddress?.port ?? options.port)"
                await address.settle(url)
                // Unbuffered: whoever started this server waits for the line on a pipe.
                announce("listening on \(url)")
            },
            logger: logger)
    }

    private func check(_ url: String) async throws {
        let asked = options.edition
        let faults = try await Connection.withConnection(url, logger) { lease in
            let faults = try await Validation.role(lease) + Validation.schema(lease)
            guard faults.isEmpty, let asked else { return faults }
            let current = try await lease.run(Call("SELECT edition FROM deployment")).text(0, 0)
            if let current, current != asked.rawValue {
                throw PreparationFailure.otherEdition(asked: asked, current: Preparation.Edition(rawValue: current) ?? .community)
            }
            return faults
        }
        if faults.contains(Validation.behind) { throw SchemaBehind(faults: [Validation.behind]) }
        if !faults.isEmpty { throw Refusal(description: faults.joined(separator: " ")) }
    }

    private func checkPooler(_ url: String) async throws {
        let faults = try await Pooler(logger: logger).faults(url, directURL: options.directURL, statementCache: options.statementCache)
        if !faults.isEmpty { throw Refusal(description: faults.joined(separator: " ")) }
    }
}

/// Where the server can be reached, known once it listens.
actor Address {
    private var url: String?
    private var waiting: [CheckedContinuation<String, Never>] = []

    var value: String {
        get async {
            if let url { return url }
            return await withCheckedContinuation { waiting.append($0) }
        }
    }

    func settle(_ url: String) {
        self.url = url
        for continuation in waiting { continuation.resume(returning: url) }
        waiting = []
    }
}
