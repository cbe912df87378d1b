import ArgumentParser
import FoundationEssentials
import Logging
import Postgres
import ServiceLifecycle
import Standalone
import SystemPackage
import Tenancy

struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Serve the API.")

    @OptionGroup var database: DatabaseOptions
    @Option(help: "The address to listen on.") var host: String?
    @Option(help: "The port to listen on; 0 takes any that is free.") var port: Int?
    @Option(help: "community or enterprise: chooses for an empty database, and is checked against any other.") var edition:
        Preparation.Edition?
    @Option(help: "A connection past a proxy, to be woken by; without it the server polls.") var directURL: String?
    @Option(help: "on, or off behind a proxy that lends its connections by transaction.") var statementCache: Switch?
    @Option(help: "Where metrics are to be read, such as 127.0.0.1:9090; without it nowhere. Whoever reaches the address reads them.")
    var metricsAddress: String?
    @Option(help: "process: run the tasks of started processes on this machine. A worker's command is somebody's code.") var executor:
        ExecutorKind?
    @Option(help: "instance-admins: let the executor run on other addresses than loopback, with commands that only they may set.")
    var allowCodeFrom: CodeSource?
    @Option(help: "How many MiB of renderings of images are kept on the disk.") var imageCache: Int?
    @Option(help: "Where the key is that secrets are encrypted with; secret.key among the data otherwise.") var secretKeyFile: String?
    @Option(help: "Where the key is that they were encrypted with before, until admin rekey-secrets is done.") var oldSecretKeyFile: String?
    @Flag(help: "Look at IIIF images on this machine and in private networks too, when their size is not given.")
    var allowPrivateImages = false

    func run() async throws {
        try await reporting {
            let settings = try Settings()
            let options = try ServeOptions(self, settings)
            let logger = Logger(label: "palimpsest", level: options.logLevel)
            if let url = database.databaseURL(settings) {
                try await Serving(options: options, logger: logger).run(url)
            } else {
                try await standalone(options, settings, logger)
            }
        }
    }

    /// With a cluster of its own: started or found running, migrated, and stopped at the end.
    private func standalone(_ options: ServeOptions, _ settings: Settings, _ logger: Logger) async throws {
        let cluster = database.cluster(settings, logger: logger)
        try await cluster.lockForServing().hold {
            let endpoint = try await cluster.start()
            let preparation = Preparation(
                edition: options.edition, administrator: settings.administrator, applicationPassword: endpoint.appPassword)
            let outcome = try await Connection.withConnection(endpoint.owner, logger) { lease in try await preparation.run(lease) }
            outcome.print()
            do {
                try await Serving(options: options, logger: logger).run(endpoint.app)
            } catch {
                try await cluster.stop()
                throw error
            }
            try await cluster.stop()
        }
    }
}

enum Switch: String, CaseIterable, ExpressibleByArgument { case on, off }
enum ExecutorKind: String, CaseIterable, ExpressibleByArgument { case none, process }
enum CodeSource: String, CaseIterable, ExpressibleByArgument { case instanceAdmins = "instance-admins" }

/// The settings of `serve`, flags before variables before defaults.
struct ServeOptions: Sendable {
    var host: String
    var port: Int
    var edition: Preparation.Edition?
    var directURL: String?
    var statementCache: Bool
    var executes: Bool
    /// Whether instance administrators alone say what is executed.
    var restrictsCommands: Bool
    /// How many bytes of renderings of images are kept.
    var imageCache: Int
    /// Whether this server asks others about images that only its own network reaches.
    var allowsPrivateImages: Bool
    /// Where metrics are read.
    var metrics: (host: String, port: Int)?
    var dataDirectory: String
    /// Where the key is that secrets are encrypted with.
    var secretKeyFile: FilePath
    /// Where the key is that secrets were encrypted with before, while they are being sealed anew.
    var oldSecretKeyFile: FilePath?
    var logLevel: Logger.Level

    init(_ flags: Serve, _ settings: Settings) throws {
        host = flags.host ?? settings["PALIMPSEST_HOST"] ?? "127.0.0.1"
        guard let port = flags.port ?? Int(settings["PALIMPSEST_PORT"] ?? "8000"), (0...65_535).contains(port) else {
            throw ValidationError("The port must be a number from 0 to 65535.")
        }
        self.port = port
        edition = try flags.edition ?? settings.choice("PALIMPSEST_EDITION")
        directURL = flags.directURL ?? settings["PALIMPSEST_DIRECT_URL"]
        statementCache = try flags.statementCache ?? settings.choice("PALIMPSEST_STATEMENT_CACHE") ?? .on == .on
        executes = try flags.executor ?? settings.choice("PALIMPSEST_EXECUTOR") ?? .none == .process
        metrics = try (flags.metricsAddress ?? settings["PALIMPSEST_METRICS_ADDRESS"]).map(Self.address)
        dataDirectory = flags.database.dataDir ?? settings.dataDirectory
        secretKeyFile = FilePath(flags.secretKeyFile ?? settings["PALIMPSEST_SECRET_KEY_FILE"] ?? "\(dataDirectory)/secret.key")
        oldSecretKeyFile = (flags.oldSecretKeyFile ?? settings["PALIMPSEST_OLD_SECRET_KEY_FILE"]).map { FilePath($0) }
        if let file = oldSecretKeyFile, !FileManager.default.isReadableFile(atPath: file.string) {
            throw ValidationError("The old key of secrets cannot be read from \(file).")
        }
        logLevel = try settings.choice("PALIMPSEST_LOG_LEVEL") ?? .notice
        restrictsCommands = try flags.allowCodeFrom ?? settings.choice("PALIMPSEST_ALLOW_CODE_FROM") != nil
        guard let mebibytes = flags.imageCache ?? Int(settings["PALIMPSEST_IMAGE_CACHE"] ?? "1024"), (0...(1 << 30)).contains(mebibytes)
        else {
            throw ValidationError("--image-cache must be a number of MiB from 0 to 1073741824.")
        }
        imageCache = mebibytes << 20
        allowsPrivateImages = try flags.allowPrivateImages || settings.choice("PALIMPSEST_ALLOW_PRIVATE_IMAGES", Switch.self) == .on
        if executes, !Self.isLoopback(host), !restrictsCommands {
            throw ValidationError(
                "--executor process runs workers' code: only on a loopback address, or with --allow-code-from instance-admins.")
        }
    }

    /// A directory in that of the data, whatever directory the server was started in.
    func directory(_ name: String) -> FilePath {
        FilePath(FileManager.default.currentDirectoryPath).pushing(FilePath(dataDirectory)).appending(name).lexicallyNormalized()
    }

    private static func address(_ text: String) throws -> (host: String, port: Int) {
        guard let parts = text.wholeMatch(of: /(?<host>[^:\[\]]+|\[[^\]]+\]):(?<port>\d{1,5})/), let port = Int(parts.port), port <= 65_535
        else {
            throw ValidationError("The address for metrics must be a host and a port, such as 127.0.0.1:9090 or [::1]:9090, not \(text).")
        }
        return (String(parts.host.filter { !"[]".contains($0) }), port)
    }

    private static func isLoopback(_ host: String) -> Bool {
        host == "localhost" || host == "::1" || host.wholeMatch(of: /127(\.\d{1,3}){3}/) != nil
    }
}

extension Logger {
    fileprivate init(label: String, level: Level) {
        self.init(label: label)
        logLevel = level
    }
}
