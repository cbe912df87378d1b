public import HTTPTypes
import Hummingbird
import HummingbirdCore
import NIOCore
public import Shapes
public import Tenancy

/// One operation of the API, declared once: where it is, who may call it, what it takes and answers, and what it does.
/// The router, the OpenAPI document, the access check and the tests all read this value.
public struct Operation: Sendable {
    /// How a list comes.
    public enum Listing: Sendable {
        /// Whole, with no paging: clients must be told so.
        case plain
        case pages, cursor
    }

    /// What clients call it by. Unique.
    public let id: String
    public let method: HTTPRequest.Method
    public let path: Template
    /// One line for people.
    public let summary: String
    public let status: HTTPResponse.Status
    public let listing: Listing?
    /// Whether it answers with server-sent events of its output, for as long as the client likes.
    public internal(set) var isStream = false
    public let input: Shape
    /// Nil where the answer has no body.
    public let output: Shape?
    /// The largest body that is read, in bytes.
    public let bodyLimit: Int
    /// Who may call it. What the access check of each request obeys.
    public package(set) var decision: Decision
    private let perform: @Sendable (Exchange, Decision) async throws -> Response

    func respond(_ exchange: Exchange) async throws -> Response {
        try await perform(exchange, decision)
    }

    /// The general form.
    /// - Parameters:
    ///   - writes: whether it changes anything; by the method unless said otherwise.
    ///   - perform: gets its input checked and decoded, and a scope that has not run anything yet.
    public init<Input: Decodable & Sendable, Output: Decodable & Sendable>(
        _ id: String, _ method: HTTPRequest.Method, _ path: Template, _ summary: String, rule: Rule<Input>, writes: Bool? = nil,
        status: HTTPResponse.Status? = nil, listing: Listing? = nil,
        perform: @escaping @Sendable (Input, Scope) async throws -> Reply<Output>
    ) {
        self.init(id, method, path, summary, rule: rule, writes: writes, status: status, listing: listing) {
            (input: Input, scope: Scope, _: Exchange) in try await perform(input, scope)
        }
    }

    init<Input: Decodable & Sendable, Output: Decodable & Sendable>(
        _ id: String, _ method: HTTPRequest.Method, _ path: Template, _ summary: String, rule: Rule<Input>, writes: Bool?,
        status: HTTPResponse.Status?, listing: Listing?,
        exchange perform: @escaping @Sendable (Input, Scope, Exchange) async throws -> Reply<Output>
    ) {
        let input = Self.record(Input.self)
        let undecoded = Self.isUndecoded(Input.self)
        let reader = RequestReader<Input>(undecoded ? input.withUncheckedBody : input, undecodedBody: undecoded)
        self.id = id
        self.method = method
        self.path = path
        self.summary = summary
        self.status = status ?? (Output.self == Nothing.self ? .noContent : .ok)
        self.listing = listing
        decision = rule.decision(writes: writes ?? (method != .get))
        self.input = input
        output = Output.self == Nothing.self ? nil : Self.record(Output.self)
        bodyLimit = input["body"] == nil ? 64 << 10 : undecoded ? 64 << 20 : 1 << 20
        self.perform = { [status = self.status] exchange, decision in
            let input = try reader.read(exchange)
            let access = rule.access(for: input, by: decision)
            let reply = try await exchange.tenancy.scope(for: exchange.caller, access, origin: exchange.origin) { scope in
                try await perform(input, scope, exchange)
            }
            return Response(reply, declared: status)
        }
    }

    /// A recording that fails is caught by a test over all operations; here it must not stop the others.
    private static func record<Value: Decodable>(_ type: Value.Type) -> Shape {
        (try? Shape(recording: type)) ?? .any
    }

    /// Whether the input hands its body on as it came.
    private static func isUndecoded<Input>(_ type: Input.Type) -> Bool {
        type is any TakesUndecodedBody.Type
    }
}

/// An input of which each part narrows down what is done: a name that is misspelt must not make it more. Parameters and fields that are
/// not known are refused, and so is null.
public protocol TakesNothingElse {}

/// An input with a `body` of type ``JSONBody``.
public protocol TakesUndecodedBody {
    associatedtype Content: Decodable
    var body: JSONBody<Content> { get }
}

extension Shape {
    fileprivate var withUncheckedBody: Shape {
        .object(properties.map { $0.name == "body" ? .init("body", .any, required: false) : $0 })
    }
}

extension Response {
    init<Output>(_ reply: Reply<Output>, declared: HTTPResponse.Status) {
        var headers = reply.headers
        let status = reply.status == .ok ? declared : reply.status
        guard status != .noContent else {
            self.init(status: status, headers: headers)
            return
        }
        if let events = reply.events {
            headers[.contentType] = "text/event-stream"
            self.init(status: status, headers: headers, body: ResponseBody(events: events))
            return
        }
        if headers[.contentType] == nil { headers[.contentType] = "application/json" }
        self.init(status: status, headers: headers, body: .init(byteBuffer: reply.body))
    }
}
