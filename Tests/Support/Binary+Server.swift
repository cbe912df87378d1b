import Subprocess
import Synchronization
import SystemPackage

extension Binary {
    /// A server under test, ready for requests.
    public struct Server: Sendable {
        /// Such as `http://127.0.0.1:40123`, without a slash at the end.
        public let baseURL: String
        /// To send it signals.
        public let process: Int32
        fileprivate let transcript: Transcript

        /// The lines that it has written so far, to its output and its errors.
        public var lines: [String] { transcript.lines }
    }

    /// What came of a server's run.
    public struct Served<Value: Sendable>: Sendable {
        /// What the body returned.
        public let value: Value
        /// How the server ended; 128 and more is a signal, as in a shell.
        public let exitCode: Int32
        /// All that it wrote.
        public let lines: [String]
    }

    /// A server ended, or closed its output, without saying where it listens.
    public struct NotListening: Error, CustomStringConvertible {
        /// All that it wrote.
        public let lines: [String]
        /// The same, with a heading.
        public var description: String { (["The server did not say where it listens:"] + lines).joined(separator: "\n") }
    }

    /// Starts a server, runs `body` when it says that it listens, and stops it with SIGTERM; with SIGKILL 20 seconds later.
    ///
    /// Arguments should include `--port 0`, with which the kernel picks a port that is free.
    /// - Throws: ``NotListening``, `SubprocessError` when it can't be run, or what `body` throws.
    @discardableResult
    public func withServer<Value: Sendable>(
        _ arguments: [String], environment: [String: String] = [:], body: @Sendable (Server) async throws -> Value
    ) async throws -> Served<Value> {
        let transcript = Transcript()
        let result = try await Subprocess.run(
            .path(FilePath(path)), arguments: Arguments(arguments), environment: .forTests(environment),
            input: .none, output: .sequence, error: .combinedWithOutput
        ) { execution in
            async let end: Void = transcript.follow(execution.standardOutput)
            let outcome = await outcome {
                guard let url = await transcript.url() else { throw NotListening(lines: transcript.lines) }
                return try await body(Server(baseURL: url, process: execution.processIdentifier.value, transcript: transcript))
            }
            await execution.teardown(using: [.send(signal: .terminate, allowedDurationToNextStep: .seconds(20))])
            try await end
            return try outcome.get()
        }
        return Served(value: result.closureResult, exitCode: result.terminationStatus.exitCode, lines: transcript.lines)
    }
}

private func outcome<Value>(of body: () async throws -> Value) async -> Result<Value, any Error> {
    do { return .success(try await body()) } catch { return .failure(error) }
}

/// What a server writes, line by line.
private final class Transcript: Sendable {
    private let written = Mutex<[String]>([])
    private let (urls, found) = AsyncStream<String>.makeStream()

    var lines: [String] { written.withLock(\.self) }

    /// Takes down the lines until the last.
    func follow(_ output: SubprocessOutputSequence) async throws {
        defer { found.finish() }
        for try await line in output.strings() {
            written.withLock { $0.append(line) }
            if let match = line.firstMatch(of: #/listening on (http://[^ /]+:\d+)/#) { found.yield(String(match.1)) }
        }
    }

    /// Where the server listens, as soon as it says so; nil when it ends without.
    func url() async -> String? { await urls.first { _ in true } }
}
