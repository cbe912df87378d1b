public import HTTPTypes
import Hummingbird
import HummingbirdCore
import NIOCore
public import Shapes
import Tenancy
public import Web

/// A route that moves bytes, declared once: where it is, who may pass, and what moves. Beside the operations, because bodies are not JSON,
/// are not collected, and are not in the OpenAPI document: clients get these addresses in answers.
///
/// ``upload(_:_:_:gate:expecting:keep:)`` takes a file, ``download(_:_:_:gate:capabilityIn:crossOrigin:deliver:)`` gives one.
public struct Transfer: Sendable {
    /// What the log calls it by. Unique.
    public let id: String
    public let method: HTTPRequest.Method
    public let path: Template
    /// One line for people.
    public let summary: String
    /// What capabilities for it are signed with.
    public let kind: String
    public let input: Shape
    /// Whether pages of other sites may read what it answers.
    let crossOrigin: Bool
    /// Who may pass without a capability, which is what the check of each request obeys; nil for nobody.
    public package(set) var decision: Decision?
    private let perform: @Sendable (Passage, Decision?) async throws -> Response

    func respond(_ passage: Passage) async throws -> Response { try await perform(passage, decision) }

    init<Input: Decodable & Sendable>(
        _ id: String, _ method: HTTPRequest.Method, _ path: Template, _ summary: String, gate: Gate<Input>, capabilityIn place: String?,
        crossOrigin: Bool, perform: @escaping @Sendable (Input, Scope, Passage) async throws -> Response
    ) {
        // A recording that fails is caught by a test over all transfers.
        let shape = (try? Shape(recording: Input.self)) ?? .any
        let entrance = Entrance(gate: gate, verb: method, place: place, reader: RequestReader<Input>(shape, undecodedBody: false))
        self.id = id
        self.method = method
        self.path = path
        self.summary = summary
        self.crossOrigin = crossOrigin
        kind = gate.kind
        input = shape
        decision = gate.rule?.decision(writes: method != .get)
        self.perform = { passage, decision in
            let (input, caller, access) = try await entrance.admit(passage, decision)
            return try await passage.tenancy.scope(for: caller, access, origin: passage.request.origin) { scope in
                // The decision itself, which no declaration can forget to ask for.
                _ = try await scope.run([])
                return try await perform(input, scope, passage)
            }
        }
    }
}

/// One request on its way through a transfer.
struct Passage: Sendable {
    let request: Request
    let tenancy: Tenancy
    let store: FileStore
    /// Values of the template's names.
    let path: [String: String]
    /// Whether the body comes out of another one, which knows where it ends: then nobody can say its length beforehand.
    var isPart = false
}

/// Reads who comes, and by what right.
private struct Entrance<Input: Decodable & Sendable>: Sendable {
    let gate: Gate<Input>
    let verb: HTTPRequest.Method
    /// The name in the path whose value a capability is appended to; the query's `capability` otherwise.
    let place: String?
    let reader: RequestReader<Input>

    /// - Throws: 400 for an address that makes no sense, 401 or 403 for somebody who has no right.
    func admit(_ passage: Passage, _ decision: Decision?) async throws -> (Input, Caller, Access) {
        let (path, shown) = takeApart(passage)
        let input = try reader.read(passage.request, path: path, body: ByteBuffer())
        if let shown {
            guard let capability = Capability(shown, kind: gate.kind, verb: verb.rawValue, object: gate.object(input)) else {
                throw Problem(.forbidden, "capability_refused", "This address has expired, or was altered. Ask for a new one.")
            }
            return (input, .bearing(capability), Access(.anyone, writes: verb != .get))
        }
        guard let rule = gate.rule, let decision else {
            throw Problem(.forbidden, "capability_missing", "This address works only as it was given out, with its capability.")
        }
        return (input, try await Credentials.caller(of: passage.request, passage.tenancy), rule.access(for: input, by: decision))
    }

    private func takeApart(_ passage: Passage) -> ([String: String], String?) {
        guard let place else {
            return (passage.path, passage.request.uri.parameters.first { $0.name == "capability" }?.value)
        }
        let value = passage.path[place]?.replacing("%7E", with: "~").replacing("%7e", with: "~")
        guard let value, let mark = value.firstIndex(of: "~") else { return (passage.path, nil) }
        var path = passage.path
        let shown = String(value[value.index(after: mark)...])
        path[place] = String(value[..<mark])
        // For whoever has to say it again.
        if reader.shape["capability"] != nil { path["capability"] = shown }
        return (path, shown)
    }
}
