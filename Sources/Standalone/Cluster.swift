public import Logging
import SystemPackage

/// The embedded cluster: a PostgreSQL with a data directory of our own, reached by a unix socket alone.
///
/// PostgreSQL outlives the process that starts it when that is killed; the next start finds and uses it. As root it runs under Debian's
/// account `postgres`. Several processes may use a cluster; ``lockForServing()`` is for the one that serves.
public struct Cluster: Sendable {
    let dataDirectory: String
    let profile: Profile
    let binaries: String?
    let logger: Logger

    /// - Parameters:
    ///   - dataDirectory: where the cluster is, or shall be. It belongs to the account that this process runs under.
    ///   - durable: false for a cluster whose data may be lost with the power: it doesn't wait for the disk.
    ///   - binaries: the directory that holds `initdb`; without it PostgreSQL is looked for in the usual places.
    public init(dataDirectory: String, logger: Logger, durable: Bool = true, binaries: String? = nil) {
        self.init(dataDirectory: dataDirectory, logger: logger, profile: .standalone(durable: durable), binaries: binaries)
    }

    package init(dataDirectory: String, logger: Logger, profile: Profile, binaries: String? = nil) {
        self.dataDirectory = dataDirectory
        self.profile = profile
        self.binaries = binaries
        self.logger = logger
    }

    /// Makes the cluster if there is none, starts it unless it runs, and returns when it takes statements.
    ///
    /// Processes that start at the same time take turns. A start that was killed half-way is no hindrance to the next.
    /// - Throws: ``ClusterFailure``, or `CancellationError`.
    /// - Complexity: two seconds for the first start, 0.2 for others, a millisecond when it already runs.
    public func start() async throws -> Endpoint {
        let layout = try layout()
        try layout.prepare()
        return try await FileLock.wait(for: layout.startLock).hold {
            let secrets = try Secrets(of: layout)
            let running = try await running(in: layout)
            let directory = if let running { running.socketDirectory } else { try await launch(layout, secrets) }
            return Endpoint(socketDirectory: directory, ownerName: profile.owner, secrets: secrets)
        }
    }

    /// Stops the cluster, breaking off what its connections are at. Nothing happens if it doesn't run.
    /// - Throws: ``ClusterFailure``, or `CancellationError`.
    public func stop() async throws {
        let layout = try layout()
        guard try await settled(in: layout) != nil else { return }
        let outcome = try await command(in: layout).run("pg_ctl", ["stop", "-D", "postgres", "-s", "-w", "-m", "fast"])
        guard outcome.succeeded else { throw ClusterFailure(.stopFailed(output: outcome.output.tail)) }
        logger.info("PostgreSQL has stopped")
    }

    /// Whether the cluster takes statements now.
    public func isRunning() async -> Bool {
        // A data directory that we can't read has, for us, no cluster in it.
        (try? layout().postmaster?.isReady) ?? false
    }

    /// Where the cluster is that another process, the server, has started.
    /// - Throws: ``ClusterFailure``, whose description says what to do.
    public func locate() async throws -> Endpoint {
        let layout = try layout()
        try layout.checkPresent()
        guard let postmaster = try await settled(in: layout) else {
            throw ClusterFailure(.notRunning(directory: layout.root.string))
        }
        return Endpoint(socketDirectory: postmaster.socketDirectory, ownerName: profile.owner, secrets: try Secrets(of: layout))
    }

    /// Claims the data directory for this server; the claim ends with the value that is returned, or with the process.
    /// - Throws: ``ClusterFailure`` that names the process which has it already.
    public func lockForServing() throws -> ServingLock {
        let layout = try layout()
        try layout.prepareRoot()
        return try ServingLock(on: layout)
    }
}

extension Cluster {
    func layout() throws -> Layout { Layout(dataDirectory: dataDirectory, account: try .forPostgres()) }

    func command(in layout: Layout) async throws -> Command {
        let binaries = try await Binaries.locate(given: binaries, for: layout)
        return Command(account: layout.account, directory: layout.root, binaries: binaries.directory)
    }
}
