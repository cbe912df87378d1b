import ArgumentParser
import FoundationEssentials
import Glibc
import Logging
import NIOPosix
import ServiceLifecycle
import SystemPackage
import UnixSignals

struct AgentCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "agent", abstract: "Run tasks of a server on this machine. A worker's command is somebody's code.")

    @Option(help: "Where the server is, such as https://palimpsest.example.org.") var url: String?
    @Option(help: "A token of an instance administrator, best of scope agent. A file or a variable keeps it out of sight.") var token:
        String?
    @Option(help: "A file whose first line is the token.") var tokenFile: String?
    @Option(help: "A file with the authorities whose certificates are believed, instead of the system's.") var caFile: String?
    @Option(help: "How commands are run: process.") var executor: AgentExecutor = .process
    @Option(help: "How many programs run at once.") var slots: Int?
    @Option(help: "For how many seconds a task stays ours when the server cannot be reached, from 5 to 3600.") var lease: Int?
    @Option(help: "Where each task gets a directory while it runs.") var dataDir: String?

    func run() async throws {
        try await reporting {
            let settings = try Settings()
            let options = try AgentOptions(self, settings)
            Self.coverArguments(options.token)
            var logger = Logger(label: "palimpsest")
            logger.logLevel = try settings.choice("PALIMPSEST_LOG_LEVEL") ?? .notice
            // Each program reports on its lease and its output at once.
            let threads = NIOThreadPool(numberOfThreads: options.slots * 2)
            threads.start()
            let agent = Agent(
                server: RemoteServer(url: options.url, token: options.token, authorities: options.authorities, threads: threads),
                directory: options.directory,
                slots: options.slots, lease: .seconds(options.lease), logger: logger)
            var group = ServiceGroupConfiguration(services: [agent], gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
            group.maximumGracefulShutdownDuration = .seconds(25)
            announce("taking tasks of \(options.url)")
            do {
                try await ServiceGroup(configuration: group).run()
            } catch {
                try await threads.shutdownGracefully()
                throw error
            }
            try await threads.shutdownGracefully()
        }
    }

    /// The kernel shows a program's arguments to everybody on the machine; from here on without the token.
    private static func coverArguments(_ token: String) {
        for argument in UnsafeBufferPointer(start: CommandLine.unsafeArgv, count: Int(CommandLine.argc)) {
            guard let argument, let place = strstr(argument, token) else { continue }
            memset(place, 0x2A, token.utf8.count)
        }
    }
}

enum AgentExecutor: String, CaseIterable, ExpressibleByArgument { case process }

extension RemoteServer.Refusal: CommandFailure {}

/// The settings of `agent`, flags before variables before defaults.
struct AgentOptions: Sendable {
    let url: String
    let token: String
    /// A file, if not the system's are to be believed.
    let authorities: String?
    let slots: Int
    let lease: Int
    let directory: FilePath

    init(_ flags: AgentCommand, _ settings: Settings) throws {
        guard let given = flags.url ?? settings["PALIMPSEST_AGENT_URL"] else {
            throw ValidationError("Say where the server is, with --url or PALIMPSEST_AGENT_URL.")
        }
        url = try Self.address(given)
        token = try Self.token(flags, settings)
        authorities = try Self.readable(flags.caFile ?? settings["PALIMPSEST_AGENT_CA_FILE"])
        slots = try Self.number("--slots", flags.slots, settings["PALIMPSEST_AGENT_SLOTS"], 2, 1...256)
        lease = try Self.number("--lease", flags.lease, settings["PALIMPSEST_AGENT_LEASE"], 60, 5...3600)
        let data = flags.dataDir ?? settings.dataDirectory
        directory = FilePath(FileManager.default.currentDirectoryPath).pushing(FilePath("\(data)/agent")).lexicallyNormalized()
    }

    private static func address(_ given: String) throws -> String {
        guard let match = given.wholeMatch(of: /(https?:\/\/[^\s\/?#@]+)\/*/) else {
            throw ValidationError("--url must be http:// or https:// with a host, and a port if it is not the usual one.")
        }
        return String(match.1)
    }

    private static func readable(_ file: String?) throws -> String? {
        if let file, access(file, R_OK) != 0 { throw ValidationError("\(file) cannot be read.") }
        return file
    }

    private static func token(_ flags: AgentCommand, _ settings: Settings) throws -> String {
        if let token = flags.token { return token }
        if let file = flags.tokenFile ?? settings["PALIMPSEST_AGENT_TOKEN_FILE"] {
            guard let text = try? String(contentsOfFile: file, encoding: .utf8) else { throw ValidationError("\(file) cannot be read.") }
            let line = text.prefix { !$0.isNewline }
            if line.isEmpty { throw ValidationError("\(file) is empty: its first line has to be the token.") }
            return String(line)
        }
        guard let token = settings["PALIMPSEST_AGENT_TOKEN"] else {
            throw ValidationError("Give a token, with --token-file, PALIMPSEST_AGENT_TOKEN or --token; `palimpsest user token` makes one.")
        }
        return token
    }

    private static func number(_ flag: String, _ given: Int?, _ variable: String?, _ usual: Int, _ range: ClosedRange<Int>) throws -> Int {
        guard let number = given ?? variable.map({ Int($0) }) ?? usual, range.contains(number) else {
            throw ValidationError("\(flag) must be a number from \(range.lowerBound) to \(range.upperBound).")
        }
        return number
    }
}
