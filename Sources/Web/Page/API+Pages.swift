import FoundationEssentials
public import HTTPTypes
public import HummingbirdCore
public import Logging
import NIOCore
public import Shapes
public import Tenancy

/// What an operation answered to a page.
public struct PageAnswer: Sendable {
    public var json: JSONValue
    /// Cookies, where the operation sets any.
    public var headers: HTTPFields
}

extension API {
    /// Runs an operation for a page: the same value, with the same checks, as a request of a client. There is no second way to the data.
    /// - Parameters:
    ///   - input: names of the path and of the query, and `body`.
    ///   - request: that of the page; answers take the server's address from it.
    /// - Throws: ``Problem``, as a client would get it.
    public func call(_ id: String, _ input: JSONValue, by caller: Caller, in request: Request, logger: Logger) async throws -> PageAnswer {
        guard let operation = operations.first(where: { $0.id == id }) else {
            throw Problem(.notImplemented, "no_operation", "This server has no operation \(id).")
        }
        let body = input["body"].map { ByteBuffer(string: $0.text) } ?? ByteBuffer()
        let inner = Request(
            head: HTTPRequest(
                method: operation.method, scheme: request.head.scheme, authority: request.head.authority,
                path: operation.address(for: input), headerFields: request.headers.forwarded),
            body: RequestBody(buffer: body))
        return try await refusals.translating(id, logger) {
            let response = try await operation.respond(
                Exchange(request: inner, caller: caller, tenancy: tenancy, path: operation.pathValues(of: input), body: body))
            let sent = request.headers[.forwardedProtocol] == "https" ? response.withSecureCookies : response
            return PageAnswer(json: try await response.body.json, headers: sent.headers)
        }
    }
}

extension Operation {
    /// The path with the input's values in it, and all others but the body as its query.
    func address(for input: JSONValue) -> String {
        let names = path.names
        let address = names.reduce(path.description) { $0.replacing("{\($1)}", with: input[$1]?.plain.queryEscaped ?? "") }
        let query = input.members.sorted { $0.key < $1.key }
            .filter { $0.key != "body" && !names.contains($0.key) && $0.value != .null }
            .flatMap { name, value in value.items.map { "\(name.queryEscaped)=\($0.plain.queryEscaped)" } }
        return query.isEmpty ? address : "\(address)?\(query.joined(separator: "&"))"
    }

    /// As they stand in an address.
    func pathValues(of input: JSONValue) -> [String: String] {
        Dictionary(path.names.compactMap { name in input[name].map { (name, $0.plain.queryEscaped) } }) { first, _ in first }
    }
}

extension JSONValue {
    /// A string's own text, anything else as JSON.
    fileprivate var plain: String { string ?? text }

    fileprivate var members: [String: JSONValue] {
        if case .object(let members) = self { members } else { [:] }
    }

    /// A list's items; of anything else, that alone.
    fileprivate var items: [JSONValue] {
        if case .array(let items) = self { items } else { [self] }
    }
}

extension HTTPFields {
    /// What says how the server was reached.
    fileprivate var forwarded: HTTPFields {
        var fields = HTTPFields()
        fields[.forwardedProtocol] = self[.forwardedProtocol]
        return fields
    }
}

extension ResponseBody {
    /// The body, which every operation writes as JSON; null where there is none.
    fileprivate var json: JSONValue {
        get async throws {
            let collector = Collector()
            try await write(collector)
            let whole = await collector.whole
            return whole.readableBytes == 0 ? .null : try whole.withUnsafeReadableBytes { try JSONValue(parsing: $0) }
        }
    }
}

private struct Collector: ResponseBodyWriter {
    private actor Buffer {
        var whole = ByteBuffer()
        func append(_ buffer: ByteBuffer) { whole.writeImmutableBuffer(buffer) }
    }
    private let buffer = Buffer()
    var whole: ByteBuffer { get async { await buffer.whole } }

    func write(_ part: ByteBuffer) async throws { await buffer.append(part) }
    consuming func finish(_ trailingHeaders: HTTPFields?) async throws {}
}
