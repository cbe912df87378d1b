import ArgumentParser
import FoundationEssentials
import Logging
import Postgres
import Standalone

/// Where the database is: one that is given, or the embedded cluster in a data directory.
struct DatabaseOptions: ParsableArguments {
    @Option(help: "Connection of the runtime role; without it the server runs a PostgreSQL of its own.")
    var databaseURL: String?

    @Option(help: "Where the embedded PostgreSQL and all files are kept.")
    var dataDir: String?

    func databaseURL(_ settings: Settings) -> String? { databaseURL ?? settings.databaseURL }

    func cluster(_ settings: Settings, logger: Logger) -> Cluster {
        Cluster(dataDirectory: dataDir ?? settings.dataDirectory, logger: logger, binaries: settings["PALIMPSEST_POSTGRES_BIN"])
    }

    /// The runtime role's connection: as given, or that of the server which runs on the data directory.
    func runtimeURL(_ settings: Settings, logger: Logger) async throws -> String {
        if let url = databaseURL(settings) { return url }
        return try await cluster(settings, logger: logger).locate().app
    }

    /// The owner's connection: as given, or that of the server which runs on the data directory.
    func ownerURL(_ settings: Settings, logger: Logger) async throws -> String {
        if let url = settings["PALIMPSEST_OWNER_URL"] { return url }
        guard databaseURL(settings) == nil else {
            throw ValidationError("Set PALIMPSEST_OWNER_URL: this command needs the connection of the tables' owner.")
        }
        return try await cluster(settings, logger: logger).locate().owner
    }
}
