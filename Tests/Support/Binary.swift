import FoundationEssentials
import Glibc
import Subprocess
import SystemPackage

/// A program of this package, as it was built for the tests.
public struct Binary: Sendable {
    /// Where it is.
    public let path: String

    /// The server.
    public static let palimpsest = Binary(named: "palimpsest")

    /// The program `name`, which is built into the directory of the program that runs the tests.
    public init(named name: String) {
        let tests = realpath("/proc/self/exe", nil).map { path in
            defer { free(path) }
            return String(cString: path)
        }
        path = FilePath(tests ?? CommandLine.arguments[0]).removingLastComponent().appending(name).string
    }

    /// How a program ended, and what it said.
    public struct Outcome: Sendable {
        /// The exit code; 128 and more is a signal, as in a shell.
        public let exitCode: Int32
        /// What it wrote to its standard output.
        public let output: String
        /// What it wrote to its standard error.
        public let errors: String
    }

    /// Runs the program to its end.
    /// - Parameter environment: added to our own, from which the variables that configure the server are taken out.
    /// - Throws: `SubprocessError` when it can't be run, or writes more than 16 MB.
    public func run(_ arguments: [String], environment: [String: String] = [:], input: String = "") async throws -> Outcome {
        let result = try await Subprocess.run(
            .path(FilePath(path)), arguments: Arguments(arguments), environment: .forTests(environment),
            input: .fileDescriptor(try .holding(input), closeAfterSpawningProcess: true),
            output: .string(limit: 1 << 24), error: .string(limit: 1 << 24))
        return Outcome(
            exitCode: result.terminationStatus.exitCode, output: result.standardOutput, errors: result.standardError)
    }
}

extension FileDescriptor {
    /// A file without a name that holds `text`. A pipe to a program that ends without reading it would break, and Subprocess stop the tests.
    fileprivate static func holding(_ text: String) throws -> FileDescriptor {
        let path = FilePath("/tmp/palimpsest-input-\(UUID().uuidString)")
        let descriptor = try FileDescriptor.open(path, .readWrite, options: [.create, .exclusiveCreate], permissions: .ownerReadWrite)
        try FileManager.default.removeItem(atPath: path.string)
        try descriptor.writeAll(text.utf8)
        try descriptor.seek(offset: 0, from: .start)
        return descriptor
    }
}

extension Environment {
    /// What a developer's shell sets for their own server must not reach the one under test.
    static func forTests(_ additions: [String: String]) -> Environment {
        let ours = ProcessInfo.processInfo.environment.filter { !$0.key.hasPrefix("PALIMPSEST_") && $0.key != "DATABASE_URL" }
        let all = ours.merging(additions) { $1 }.compactMap { name, value in Key(rawValue: name).map { ($0, value) } }
        return .custom(Dictionary(all) { $1 })
    }
}

extension TerminationStatus {
    var exitCode: Int32 {
        switch self {
        case .exited(let code): code
        case .signaled(let signal): 128 + signal
        }
    }
}
