import FoundationEssentials
import Processes
import Tenancy

/// An attempt whose record a server keeps.
struct RemoteAttempt: Record {
    let server: RemoteServer
    let task: ID<WorkTask>
    let number: Int

    func renew(_ lease: Duration) async throws -> Attempt.Order {
        do {
            let answer = try await tell("renew", Renewal(attempt: number, lease: lease.components.seconds))
            return try Held(answer).state == "running" ? .proceed : .stop
        } catch let refusal as RemoteServer.Refusal where refusal.isLostLease {
            return .leaseLost
        }
    }

    func log(_ text: String, piece: Int) async throws {
        try await tellIfHeld("log", Piece(attempt: number, piece: piece, text: text.replacing("\0", with: "")))
    }

    func end(exitCode: Int?) async throws {
        let state = exitCode.map { $0 == 0 ? "completed" : "failed" } ?? "error"
        try await tellIfHeld("end", Ending(attempt: number, state: state, exit_code: exitCode))
    }

    func release() async throws {
        try await tellIfHeld("release", Numbered(attempt: number))
    }

    /// Of an attempt that is not held any more nobody wants to know; and an answer that was lost may have said that it ended.
    private func tellIfHeld(_ verb: String, _ body: some Encodable & Sendable) async throws {
        do {
            _ = try await tell(verb, body)
        } catch let refusal as RemoteServer.Refusal where refusal.isLostLease {
            return
        }
    }

    private func tell(_ verb: String, _ body: some Encodable & Sendable) async throws -> CurlRequest.Answer {
        try await server.post("task/\(task)/\(verb)/", body)
    }
}

extension RemoteAttempt {
    private struct Renewal: Encodable {
        var attempt: Int
        var lease: Int64
    }
    private struct Piece: Encodable {
        var attempt: Int
        var piece: Int
        var text: String
    }
    private struct Ending: Encodable {
        var attempt: Int
        var state: String
        var exit_code: Int?
    }
    private struct Numbered: Encodable { var attempt: Int }

    private struct Held: Decodable {
        var state: String
        init(_ answer: CurlRequest.Answer) throws { self = try JSONDecoder().decode(Self.self, from: Data(answer.body)) }
    }
}
