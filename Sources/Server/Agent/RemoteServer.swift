import FoundationEssentials
import NIOPosix
import Processes
import Tenancy

/// The server whose tasks an agent runs, over HTTP with the agent's token.
struct RemoteServer: Sendable {
    /// Such as `https://palimpsest.example.org`, without a slash at the end.
    let url: String
    private let token: String
    private let authorities: String?
    private let threads: NIOThreadPool

    /// - Parameters:
    ///   - authorities: a file with the authorities whose certificates are believed; nil is the system's.
    ///   - threads: wait for answers; as many as there are requests at once.
    init(url: String, token: String, authorities: String?, threads: NIOThreadPool) {
        self.url = url
        self.token = token
        self.authorities = authorities
        self.threads = threads
    }

    /// Why the server did not do what it was asked.
    struct Refusal: Error, CustomStringConvertible {
        let status: Int
        /// The first of its reasons.
        let code: String
        let detail: String
        var description: String { "The server answered \(status): \(detail)" }

        /// Asking again will not help: the token is none, or may not do this; or this is no server of ours.
        var isFinal: Bool { [401, 403, 404, 405].contains(status) }
        /// Somebody else may have the task by now.
        var isLostLease: Bool { status == 404 || code == "lease_lost" }
    }

    /// - Returns: nil when no task is pending.
    func claim(as agent: String, lease: Duration) async throws -> ClaimedTask? {
        let answer = try await post("claim/", Claiming(agent: agent, lease: lease.components.seconds))
        guard answer.status != 204 else { return nil }
        return try JSONDecoder().decode(ClaimedTask.self, from: Data(answer.body))
    }

    /// - Throws: ``Refusal`` unless the answer is a success, `CurlRequest.Failure` when there was none.
    func post(_ path: String, _ body: some Encodable & Sendable) async throws -> CurlRequest.Answer {
        let request = CurlRequest(
            url: "\(url)/api/v1/agent/\(path)",
            headers: ["Authorization: Token \(token)", "Content-Type: application/json", "Accept: application/json", "Expect:"],
            body: Array(try JSONEncoder().encode(body)), patience: .seconds(15), longest: 4 << 20, destinations: nil,
            authorities: authorities)
        let answer = try await request.perform(on: threads)
        guard (200..<300).contains(answer.status) else { throw Refusal(answer) }
        return answer
    }
}

private struct Claiming: Encodable {
    var agent: String
    var lease: Int64
}

extension RemoteServer.Refusal {
    private struct Body: Decodable {
        struct Item: Decodable {
            var code: String
            var detail: String
        }
        var errors: [Item]
    }

    fileprivate init(_ answer: CurlRequest.Answer) {
        status = answer.status
        // A proxy before the server has words of its own.
        let first = (try? JSONDecoder().decode(Body.self, from: Data(answer.body)))?.errors.first
        code = first?.code ?? "unknown"
        detail = first?.detail ?? "no reason was given."
    }
}
