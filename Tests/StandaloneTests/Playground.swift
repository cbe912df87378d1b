import FoundationEssentials
import Glibc
import Logging
import Standalone
import Subprocess
import SystemPackage

/// A data directory for one test, and what a test asks of it.
struct Playground: Sendable {
    let directory: String
    let durable: Bool

    /// Runs `body` with a directory that is gone afterwards, and so is the cluster in it.
    static func run(
        at directory: String = "/tmp/palimpsest-standalone-\(UUID().uuidString)", durable: Bool = false,
        _ body: (Playground) async throws -> Void
    ) async throws {
        let playground = Playground(directory: directory, durable: durable)
        let outcome: Result<Void, any Error>
        do { outcome = .success(try await body(playground)) } catch { outcome = .failure(error) }
        try await playground.cluster.stop()
        if FileManager.default.fileExists(atPath: directory) { try FileManager.default.removeItem(atPath: directory) }
        try outcome.get()
    }

    /// Another value each time: tests want to see what a new process would.
    var cluster: Cluster { Cluster(dataDirectory: directory, logger: Logger(label: "standalone-tests"), durable: durable) }

    func mode(of path: String) throws -> Int? {
        try FileManager.default.attributesOfItem(atPath: directory + "/" + path)[.posixPermissions] as? Int
    }

    func write(_ text: String, to path: String) throws {
        try text.write(toFile: directory + "/" + path, atomically: false, encoding: .utf8)
    }

    /// PostgreSQL's process id.
    func postmaster() throws -> pid_t? {
        let file = try String(contentsOfFile: directory + "/postgres/postmaster.pid", encoding: .utf8)
        return file.split(separator: "\n").first.flatMap { pid_t($0) }
    }
}

/// What psql prints, or its error.
struct Answer: Sendable {
    let text: String
    let errors: String
}

/// Asks with psql; as another account if one is given.
func ask(_ connection: String, _ statement: String, as account: uid_t? = nil) async throws -> Answer {
    let change = account.map { ["setpriv", "--reuid=\($0)", "--clear-groups", "--"] } ?? []
    let words = change + ["psql", "-X", "-A", "-t", "-w", "-d", connection, "-c", statement]
    let result = try await Subprocess.run(
        .name(words[0]), arguments: Arguments(Array(words.dropFirst())), environment: .inherit,
        workingDirectory: "/", output: .string(limit: 65_536), error: .string(limit: 65_536))
    return Answer(text: result.standardOutput.trimmingSuffix(), errors: result.standardError)
}

extension String {
    fileprivate func trimmingSuffix() -> String { hasSuffix("\n") ? String(dropLast()) : self }
}
