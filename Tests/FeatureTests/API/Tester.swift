import FoundationEssentials
import HTTPTypes
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import NIOEmbedded
import Postgres
import ServiceLifecycle
import Shapes
import Storage
import SystemPackage
import Tenancy
import Testing
import Workers

@testable import Server
@testable import Web

/// The server without its socket: requests go through the real router to a real database of the test's own.
struct Tester: Sendable {
    let database: TestDatabase
    let tenancy: Tenancy
    let tenant: ID<Tenant>
    /// An API token of the first administrator, made by signing in.
    private(set) var administrator: String
    /// The files of this test, gone with it.
    let files: FileStore
    let vault: Vault
    /// What ends the connections of its database.
    private(set) var strikes: Strikes?
    private let pool: Pool
    private var responder: RouterResponder<BasicRequestContext>

    /// Who asks.
    enum Caller: Sendable {
        case administrator, nobody
        case token(String)
        case task(String)
        /// A browser: the session's cookie, and the value it repeats in a header, if it does.
        case session(String, csrf: String?)
        /// Whatever stands in the header.
        case authorization(String)
    }

    /// Lends a tester of its own to `body`. No more than a few at once: they share a cluster's connections.
    /// - Parameters:
    ///   - connections: on how many connections its requests run at the same time.
    ///   - transfers: more than those of the server.
    ///   - cacheLimit: how many bytes of renderings are kept.
    static func with<Result: Sendable>(
        _ edition: Preparation.Edition = .community, connections: Int = 3, transfers: [Transfer] = [], cacheLimit: Int = 1 << 30,
        _ body: @Sendable @escaping (Tester) async throws -> Result
    ) async throws -> Result {
        try await Turnstile.shared.passing {
            try await TestDatabase.with(edition) { database in
                var configuration = Configuration(connectionString: database.application)
                configuration.shared = connections
                let pool = Pool(configuration, logger: TestDatabase.logger)
                return try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask { try await pool.run() }
                    defer { group.cancelAll() }
                    let folder = FilePath("/tmp/palimpsest-files-\(database.name)")
                    // Whatever a test leaves there is of no use to anybody.
                    defer { try? FileManager.default.removeItem(atPath: folder.string) }
                    return try await body(Tester(database, pool, folder, cacheLimit, transfers))
                }
            }
        }
    }

    private init(
        _ database: TestDatabase, _ pool: Pool, _ folder: FilePath, _ cacheLimit: Int, _ transfers: [Transfer]
    ) async throws {
        self.database = database
        files = FileStore(directory: folder.appending("files"), cacheLimit: cacheLimit)
        vault = Vault(keyFile: folder.appending("secret.key"))
        self.pool = pool
        tenancy = Tenancy(pool: pool)
        tenant = try #require(try await tenancy.tenant(ofHost: "localhost"))
        responder = try Compose.router(tenancy, files, vault, transfers: Compose.transfers + transfers).buildResponder()
        let who: JSONValue = [
            "email": .string(TestDatabase.administrator.email), "password": .string(TestDatabase.administrator.password ?? ""),
        ]
        let answer = try await Self.send(
            responder, .post, "/api/v1/user/login/", HTTPFields(), ByteBuffer(string: who.text))
        administrator = try #require(answer.json["auth_token"]?.string)
    }

    /// The same database behind other operations and transfers, or with every segment ended by a call.
    func serving(
        _ operations: [Web.Operation] = Compose.operations, transfers: [Transfer] = Compose.transfers, ending: Call? = nil,
        metrics: RequestMetrics? = nil
    ) throws -> Tester {
        var other = self
        other.responder = try Compose.router(
            Tenancy(pool: pool, ending: ending), files, vault, transfers: transfers, operations: operations, metrics: metrics
        ).buildResponder()
        return other
    }

    /// With a database whose connections go.
    /// - Parameter repeats: whether requests that were refused for it are made again.
    func struck(repeats: Bool = true) async throws -> Tester {
        var other = try serving(ending: Strikes.ending)
        other.strikes = try await Strikes(database, repeats: repeats)
        return other
    }

    /// With somebody else's token where nobody is named.
    func acting(as token: String) -> Tester {
        var other = self
        other.administrator = token
        return other
    }

    func get(_ path: String, as caller: Caller = .administrator) async throws -> Answer {
        try await send(.get, path, nil, as: caller)
    }
    func post(_ path: String, _ body: JSONValue? = nil, as caller: Caller = .administrator) async throws -> Answer {
        try await send(.post, path, body?.text, as: caller)
    }
    func put(_ path: String, _ body: JSONValue, as caller: Caller = .administrator) async throws -> Answer {
        try await send(.put, path, body.text, as: caller)
    }
    func patch(_ path: String, _ body: JSONValue, as caller: Caller = .administrator) async throws -> Answer {
        try await send(.patch, path, body.text, as: caller)
    }
    func delete(_ path: String, _ body: JSONValue? = nil, as caller: Caller = .administrator) async throws -> Answer {
        try await send(.delete, path, body?.text, as: caller)
    }

    func send(_ method: HTTPRequest.Method, _ path: String, bytes: [UInt8], as caller: Caller = .administrator) async throws -> Answer {
        try await Self.send(responder, method, path, caller.headers(administrator), ByteBuffer(bytes: bytes))
    }

    func follow(_ url: String?, headers: HTTPFields = [:]) async throws -> Answer { try await follow(.get, url, headers: headers) }

    /// Follows an address as it stands in an answer, with these headers and no credentials.
    func follow(
        _ method: HTTPRequest.Method, _ url: String?, _ bytes: [UInt8] = [], headers: HTTPFields = [:]
    ) async throws -> Answer {
        let url = try #require(url)
        try #require(url.hasPrefix("http://localhost/"), "\(url)")
        var headers = headers
        if headers[.contentLength] == nil, method == .put { headers[.contentLength] = String(bytes.count) }
        return try await Self.send(responder, method, String(url.dropFirst("http://localhost".count)), headers, ByteBuffer(bytes: bytes))
    }

    /// Any request, with a body that need not be JSON.
    func send(_ method: HTTPRequest.Method, _ path: String, _ body: String?, as caller: Caller = .administrator) async throws -> Answer {
        func send() async throws -> Answer {
            try await Self.send(responder, method, path, caller.headers(administrator), ByteBuffer(string: body ?? ""))
        }
        return if let strikes { try await strikes.insisting(send) } else { try await send() }
    }

    /// An answer whose body has not been asked for yet.
    func response(_ path: String, headers: HTTPFields = [:], as caller: Caller = .administrator) async throws -> Response {
        var fields = caller.headers(administrator)
        fields.append(contentsOf: headers)
        return try await Self.respond(responder, .get, path, fields, ByteBuffer())
    }

    private static func send(
        _ responder: RouterResponder<BasicRequestContext>, _ method: HTTPRequest.Method, _ path: String, _ headers: HTTPFields,
        _ body: ByteBuffer
    ) async throws -> Answer {
        let response = try await respond(responder, method, path, headers, body)
        let collected = Collected()
        try await response.body.write(collected)
        return Answer(status: response.status.code, headers: response.headers, bytes: await collected.body.whole)
    }

    private static func respond(
        _ responder: RouterResponder<BasicRequestContext>, _ method: HTTPRequest.Method, _ path: String, _ headers: HTTPFields,
        _ body: ByteBuffer
    ) async throws -> Response {
        let head = HTTPRequest(method: method, scheme: "http", authority: "localhost", path: path, headerFields: headers)
        var logger = Logger(label: "tests") { StreamLogHandler.standardError(label: $0) }
        logger.logLevel = .critical
        // The server's listener gives each request its number in this way.
        logger[metadataKey: "hb.request.id"] = .stringConvertible(RequestID())
        let source = ApplicationRequestContextSource(channel: EmbeddedChannel(), logger: logger)
        return try await responder.respond(
            to: Request(head: head, body: RequestBody(buffer: body)), context: BasicRequestContext(source: source))
    }
}

extension Tester.Caller {
    fileprivate func headers(_ administrator: String) -> HTTPFields {
        var fields = HTTPFields()
        switch self {
        case .administrator: fields[.authorization] = "Token \(administrator)"
        case .nobody: break
        case .token(let token): fields[.authorization] = "Token \(token)"
        case .authorization(let text): fields[.authorization] = text
        case .task(let token): fields[.authorization] = "Ponos \(token)"
        case .session(let cookie, let csrf):
            fields[.cookie] = "palimpsest.session=\(cookie)"
            if let csrf, let name = HTTPField.Name("X-CSRFToken") { fields[name] = csrf }
        }
        return fields
    }
}

/// What a response writes.
private struct Collected: ResponseBodyWriter {
    actor Body {
        var whole = ByteBuffer()
        func append(_ buffer: ByteBuffer) { whole.writeImmutableBuffer(buffer) }
    }
    let body = Body()

    func write(_ buffer: ByteBuffer) async throws { await body.append(buffer) }
    consuming func finish(_ trailingHeaders: HTTPFields?) async throws {}
}
