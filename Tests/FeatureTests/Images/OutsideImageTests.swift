import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import ServiceLifecycle
import Shapes
import Synchronization
import Tenancy
import Testing
import Web

@testable import Images
@testable import Server

/// Images on other servers, which are asked for their size.
@Suite struct OutsideImageTests {
    @Test func theAddressIsEnough() async throws {
        try await Elsewhere.with { elsewhere, tester in
            for (number, (image, version)) in [("2", 2), ("2-limited", 2), ("1", 2), ("3", 3)].enumerated() {
                let url = "\(elsewhere.url)/iiif/\(image)"
                let made = try await tester.register("\(url)/info.json").expect(201)
                #expect(made["width"] == 3000 && made["height"] == 2000 && made["status"] == "checked")
                // What workers and pages open is what was given.
                #expect(made["url"] == .string(url) && made["path"] == .string(image))
                #expect(made["server"]?["version"] == .integer(version))
                let again = try await tester.register(url)
                #expect(again.status == 409 && again.json["existing_id"] == made["id"])
                #expect(elsewhere.requests == number + 1)
                let corpus = try await tester.post("/api/v1/corpus/", ["name": "Any"]).created()
                let page = try await tester.element(corpus, "page", "1", ["image": .string(try #require(made["id"]?.string))])
                let zone = try await tester.get("/api/v1/element/\(page)/").expect()["zone"]
                #expect(zone?["image"]?["url"] == .string(url))
                #expect(zone?["url"] == .string("\(url)/0,0,3000,2000/\(version == 3 ? "max" : "full")/0/default.jpg"))
            }
        }
    }

    /// The lowest limit of a server's images is the server's; one limit is for both sides.
    @Test func limitsNeverGrow() async throws {
        try await Elsewhere.with { elsewhere, tester in
            for (image, widest, highest) in [("2", nil, nil), ("3", 1200, 1200), ("2-limited", 1000, 500), ("3-again", 1000, 500)]
                as [(String, Int?, Int?)]
            {
                let server = try await tester.register("\(elsewhere.url)/iiif/\(image)").expect(201)["server"]
                #expect(server?["max_width"] == (widest.map(JSONValue.integer) ?? .null))
                #expect(server?["max_height"] == (highest.map(JSONValue.integer) ?? .null))
            }
        }
    }

    @Test func sizesThatAreGivenAreComparedOrBelieved() async throws {
        try await Elsewhere.with { elsewhere, tester in
            let wrong = try await tester.register("\(elsewhere.url)/iiif/2", ["height": 1999])
            #expect(wrong.status == 400 && wrong.codes == ["wrong_size"] && wrong.places == ["height"] && wrong.text.contains("2000"))
            _ = try await tester.register("\(elsewhere.url)/iiif/2", ["width": 3000]).expect(201)
            #expect(elsewhere.requests == 2)
            let believed = try await tester.register("\(elsewhere.url)/iiif/none", ["width": 5, "height": 6]).expect(201)
            #expect(believed["status"] == "unchecked" && believed["width"] == 5)
            #expect(elsewhere.requests == 2)
        }
    }

    @Test func whatIsNotAnsweredWellIsTheAddressFault() async throws {
        try await Elsewhere.with { elsewhere, tester in
            for (code, images) in [
                "server_refused": ["none", "failing"], "server_unreachable": ["endless", "announced", "circle", "file"],
                "no_image_information": ["empty", "text", "page", "list", "other", "deep", "sizeless", "negative"],
            ] {
                for image in images {
                    let answer = try await tester.register("\(elsewhere.url)/iiif/\(image)")
                    #expect(answer.status == 400 && answer.codes == [code] && answer.places == ["url"], "\(image): \(answer)")
                    // Nothing of what came is told.
                    #expect(!answer.text.contains("secret"), "\(answer)")
                }
            }
            #expect(try await tester.value("SELECT count(*) FROM image") == "0")
        }
    }

    @Test func aServerThatDoesNotAnswerIsNotWaitedFor() async throws {
        try await Elsewhere.with(patience: .milliseconds(200)) { elsewhere, tester in
            let answer = try await tester.register("\(elsewhere.url)/iiif/slow")
            #expect(answer.status == 400 && answer.codes == ["server_unreachable"] && answer.text.contains("too long"), "\(answer)")
        }
    }

    /// On the one connection that there is, others go on.
    @Test func nobodyWaitsForTheDatabase() async throws {
        try await Elsewhere.with(connections: 1) { elsewhere, tester in
            try await withThrowingTaskGroup(of: Answer.self) { group in
                group.addTask { try await tester.register("\(elsewhere.url)/iiif/slow") }
                #expect(await elsewhere.waits.first { _ in true } != nil)
                let listed = try await tester.get("/api/v1/corpus/")
                let registered = try await tester.register("\(elsewhere.url)/iiif/2")
                #expect(listed.status == 200 && registered.status == 201)
                group.cancelAll()
                let ended = try #require(await group.nextResult())
                // What whoever has gone would have been answered.
                #expect(try ended.get().status == 503)
            }
        }
    }

    @Test func redirectsAreFollowed() async throws {
        try await Elsewhere.with { elsewhere, tester in
            let made = try await tester.register("\(elsewhere.url)/iiif/moved").expect(201)
            // The address stays what it was.
            #expect(made["width"] == 3000 && made["url"] == .string("\(elsewhere.url)/iiif/moved"))
        }
    }

    /// One that may be asked sends us on to one that may not. Names and addresses are looked at alike, when they are connected to.
    @Test func noRedirectLeadsInside() async throws {
        try await Elsewhere.with(destinations: Destinations { $0 == NetworkAddress([127, 0, 0, 2]) }) { elsewhere, tester in
            for (number, host) in ["127.0.0.1", "localhost", "0.0.0.0", "2130706433", "0x7f.1", "[::ffff:127.0.0.1]"].enumerated() {
                let answer = try await tester.register("http://127.0.0.2:\(elsewhere.port)/iiif/to-\(host)")
                #expect(answer.status == 400 && answer.codes == ["address_not_allowed"] && answer.places == ["url"], "\(host): \(answer)")
                #expect(elsewhere.requests == number + 1)
            }
        }
    }

    @Test func nothingInsideIsAsked() async throws {
        try await Elsewhere.with(destinations: .everyonesServers) { elsewhere, tester in
            for host in ["127.0.0.1", "localhost", "[::1]", "0.0.0.0", "127.1", "[::ffff:127.0.0.1]"] {
                let answer = try await tester.register("http://\(host):\(elsewhere.port)/iiif/2")
                #expect(answer.status == 400 && answer.codes == ["address_not_allowed"], "\(host): \(answer)")
            }
            #expect(elsewhere.requests == 0)
        }
    }

    /// No server is asked for somebody who could not register the image.
    @Test func whoMayNotMakeImagesMakesNobodyAsk() async throws {
        try await Elsewhere.with(.enterprise) { elsewhere, tester in
            let person = try await tester.person("nobody@example.org")
            let token = try await tester.token(of: person)
            for (caller, status) in [(Tester.Caller.token(token), 403), (.nobody, 401)] {
                let body: JSONValue = ["url": .string("\(elsewhere.url)/iiif/2")]
                #expect(try await tester.post("/api/v1/image/iiif/url/", body, as: caller).status == status)
            }
            #expect(elsewhere.requests == 0)
        }
    }

    @Test(arguments: [
        "http://images.example.org", "http://images.example.org/", "http://me:secret@images.example.org/iiif/2/page",
        "http://images.example.org/iiif/2/page?size=1", "http://images.example.org/iiif/2/page#1", "http://images.example.org/a page",
        "file:///etc/passwd", "http:///page", "HTTP://images.example.org/page", "http://images.example.org/page/",
    ])
    func addressesHaveAServerAndAPath(url: String) {
        let problem = #expect(throws: Problem.self) { try OutsideImage(ImageURL(value: url)) }
        #expect(problem?.items.map(\.attr) == [["url"]] && problem?.items.first?.detail.contains("secret") == false)
    }

    /// Others get their turn while one tenant's servers are slow.
    @Test func aTenantLeavesRoomForOthers() async throws {
        let turns = OutsideTurns(places: 3, perTenant: 2)
        let (slow, other) = (ID<Tenant>(), ID<Tenant>())
        let (held, hold) = AsyncStream.makeStream(of: Void.self)
        let (begun, begin) = AsyncStream.makeStream(of: Void.self)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<4 {
                group.addTask {
                    try await turns.taken(by: slow) {
                        begin.yield()
                        for await _ in held {}
                    }
                }
            }
            var starts = begun.makeAsyncIterator()
            for _ in 0..<2 { await starts.next() }
            group.addTask { try await turns.taken(by: other) { _ = begin.yield() } }
            await starts.next()
            hold.finish()
            for _ in 0..<2 { await starts.next() }
            try await group.waitForAll()
        }
    }
}

/// An IIIF server on this machine with images of all kinds.
private struct Elsewhere: Sendable {
    let port: Int
    private let log: Log
    /// One for each request that it will not answer.
    var waits: AsyncStream<Void> { log.waits.stream }
    var url: String { "http://127.0.0.1:\(port)" }
    /// How many it has been asked.
    var requests: Int { log.count.load(ordering: .sequentiallyConsistent) }

    private final class Log: Sendable {
        let count = Atomic(0)
        let waits = AsyncStream<Void>.makeStream()

        /// Until the test ends.
        func wait() async throws {
            waits.continuation.yield()
            for await _ in AsyncStream<Void>.makeStream().stream {}
            throw CancellationError()
        }
    }

    /// - Parameter destinations: where the tester asks; anywhere, unless said otherwise.
    static func with(
        _ edition: Preparation.Edition = .community, connections: Int = 3, destinations: Destinations = .anywhere,
        patience: Duration = .seconds(10), _ body: @Sendable @escaping (Elsewhere, Tester) async throws -> Void
    ) async throws {
        let log = Log()
        let (ports, port) = AsyncStream.makeStream(of: Int.self)
        let server = Application(
            router: router(log), configuration: .init(address: .hostname("0.0.0.0", port: 0)),
            onServerRunning: { port.yield($0.localAddress?.port ?? 0) },
            logger: Logger(label: "elsewhere") { _ in SwiftLogNoOpLogHandler() })
        let group = ServiceGroup(configuration: .init(services: [server], logger: server.logger))
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            defer { tasks.cancelAll() }
            let elsewhere = Elsewhere(port: try #require(await ports.first { _ in true }), log: log)
            try await Tester.with(edition, connections: connections) { tester in
                let outside = OutsideServers(destinations: destinations, patience: patience)
                try await body(elsewhere, try tester.serving(Compose.operations(tester.files, tester.vault, outside)))
            }
        }
    }

    private static func router(_ log: Log) -> Router<BasicRequestContext> {
        let router = Router()
        router.get("/iiif/{image}/info.json") { request, context in
            log.count.add(1, ordering: .sequentiallyConsistent)
            let image = try context.parameters.require("image")
            if image == "slow" { try await log.wait() }
            return try answer(image, port: request.head.authority?.split(separator: ":").last)
        }
        return router
    }

    private static func answer(_ image: String, port: Substring?) throws -> Response {
        if image.hasPrefix("to-") { return .redirect(to: "http://\(image.dropFirst(3)):\(port ?? "")/iiif/2/info.json") }
        return switch image {
        case "1":
            json(#"{"@context": "http://library.stanford.edu/iiif/image-api/1.1/context.json", "width": 3000, "height": 2000}"#)
        case "2":
            json(
                #"{"@context": "http://iiif.io/api/image/2/context.json", "protocol": "http://iiif.io/api/image", "width": 3000, "height": 2000, "profile": ["http://iiif.io/api/image/2/level2.json"]}"#
            )
        case "2-limited":
            json(
                #"{"@context": "http://iiif.io/api/image/2/context.json", "protocol": "http://iiif.io/api/image", "width": 3000, "height": 2000, "profile": ["http://iiif.io/api/image/2/level2.json", {"maxWidth": 1000, "maxHeight": 500}]}"#
            )
        case "3", "3-again":
            json(
                #"{"@context": ["http://example.org/more", "http://iiif.io/api/image/3/context.json"], "id": "https://elsewhere.example.org/3", "type": "ImageService3", "protocol": "http://iiif.io/api/image", "width": 3000, "height": 2000, "profile": "level2", "maxWidth": 1200}"#
            )
        case "moved": .redirect(to: "/iiif/2/info.json")
        case "circle": .redirect(to: "/iiif/circle/info.json")
        case "file": .redirect(to: "file:///etc/passwd")
        case "failing": Response(status: .internalServerError, body: .init(byteBuffer: ByteBuffer(string: "secret")))
        case "empty": json("")
        case "text": json("secret")
        case "page": json("<html>secret</html>")
        case "list": json(#"["secret"]"#)
        case "other": json(#"{"width": 3000, "height": 2000, "secret": 1}"#)
        case "deep": json(String(repeating: "[", count: 100_000))
        case "sizeless": json(#"{"protocol": "http://iiif.io/api/image", "width": "secret"}"#)
        case "negative": json(#"{"protocol": "http://iiif.io/api/image", "width": -3, "height": 1e300}"#)
        case "endless": Response(status: .ok, body: .init(asyncSequence: Endless()))
        case "announced":
            Response(
                status: .ok, headers: [.contentLength: "4000000000"],
                body: .init(contentLength: 4_000_000_000) { writer in
                    for await piece in Endless() { try await writer.write(piece) }
                })
        default: Response(status: .notFound, body: .init(byteBuffer: ByteBuffer(string: "secret")))
        }
    }

    private static func json(_ text: String) -> Response {
        Response(status: .ok, body: .init(byteBuffer: ByteBuffer(string: text)))
    }
}

private struct Endless: AsyncSequence, AsyncIteratorProtocol, Sendable {
    func makeAsyncIterator() -> Endless { self }
    func next() async -> ByteBuffer? { Task.isCancelled ? nil : ByteBuffer(repeating: UInt8(ascii: "["), count: 64 << 10) }
}

extension Tester {
    fileprivate func register(_ url: String, _ more: JSONValue = [:]) async throws -> Answer {
        try await post("/api/v1/image/iiif/url/", (["url": .string(url)] as JSONValue).adding(more))
    }
}
