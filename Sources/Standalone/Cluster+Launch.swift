import FoundationEssentials
import Logging
import SystemPackage

extension Cluster {
    /// The PostgreSQL that runs already, if one does.
    func running(in layout: Layout) async throws -> Postmaster? {
        guard let postmaster = try await settled(in: layout) else { return nil }
        logger.info("PostgreSQL is already running", metadata: ["process": "\(postmaster.process)"])
        return postmaster
    }

    /// Starts PostgreSQL, of which none runs, on a cluster that it makes if need be, and returns the socket's directory.
    func launch(_ layout: Layout, _ secrets: Secrets) async throws -> String {
        try removeLeftovers(in: layout)
        let command = try await command(in: layout)
        if try layout.version == nil {
            logger.info("Making a PostgreSQL cluster", metadata: ["directory": "\(layout.root)"])
            try await Initialisation(layout: layout, profile: profile, command: command, password: secrets.owner).run()
        }
        let socket = SocketDirectory(for: layout)
        try socket.prepare()
        try profile.write(to: layout, socket: socket)
        try layout.removeStale(socket: socket)
        try layout.rotateLog()
        let outcome = try await command.run("pg_ctl", startArguments)
        guard outcome.succeeded else { throw ClusterFailure(.startFailed(log: try [outcome.output, layout.logTail].joined().tail)) }
        logger.info("PostgreSQL is running", metadata: ["directory": "\(layout.root)"])
        return socket.path.string
    }

    /// Removes the clusters that were never finished; an orphaned initdb that still writes to one can make that fail.
    private func removeLeftovers(in layout: Layout) throws {
        for path in try layout.leftovers {
            do {
                try FileManager.default.removeItem(atPath: path.string)
            } catch {
                logger.warning("A cluster half-made is left for the next start to remove", metadata: ["error": "\(error)"])
            }
        }
    }

    /// Recovery from a crash can take a while on a large database.
    private var startArguments: [String] {
        ["start", "-D", "postgres", "-s", "-w", "-t", "120", "-l", "log/postgres.log", "-o", "-c config_file=settings/postgresql.conf"]
    }

    /// PostgreSQL, once it has made up its mind: one that is ready, or nil when none is left.
    ///
    /// There is something to wait for when the process that started or stopped it was killed, or when its children have yet to notice that
    /// it was. None of these tells others when it is done, so this looks again and again, as pg_ctl does.
    /// - Throws: ``ClusterFailure`` after two minutes, or `CancellationError`.
    func settled(in layout: Layout) async throws -> Postmaster? {
        let deadline = ContinuousClock.now + .seconds(120)
        while let postmaster = try layout.postmaster, postmaster.isAlive {
            if postmaster.isReady { return postmaster }
            guard ContinuousClock.now < deadline else { throw ClusterFailure(.unresponsive(directory: layout.root.string)) }
            try await Task.sleep(for: .milliseconds(20))
        }
        return nil
    }
}
