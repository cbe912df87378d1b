import HTTPTypes
import HummingbirdCore
public import NIOCore
public import Tenancy

extension Operation {
    /// Server-sent events (HTML Living Standard, 9.2), for as long as the client listens.
    ///
    /// Whoever may not is refused before anything is sent. What `tell` runs through its scope enters anew each time, so that a credential or
    /// a right that is taken away meanwhile ends the stream at the next look.
    /// - Parameters:
    ///   - type: of the events; the document describes it.
    ///   - tell: sends events until it returns, throws, or is cancelled because the client has gone.
    public init<Input: Decodable & Sendable, Event: Decodable & Sendable>(
        _ id: String, _ path: Template, _ summary: String, rule: Rule<Input>, events type: Event.Type,
        tell: @escaping @Sendable (Input, Scope, inout EventSink) async throws -> Void
    ) {
        self.init(id, .get, path, summary, rule: rule, writes: false, status: nil, listing: nil) {
            (input: Input, scope: Scope, exchange: Exchange) -> Reply<Event> in
            _ = try await scope.run([])
            // Proxies would collect it.
            var reply = Reply<Event>(headers: [.cacheControl: "no-store", .accelBuffering: "no"])
            let last = exchange.request.headers[.lastEventID]
            reply.events = { sink in
                sink.lastEventID = last
                try await tell(input, scope, &sink)
            }
            return reply
        }
        isStream = true
    }
}

/// Where events go. Writing waits for a client that is slow.
public struct EventSink {
    private var writer: any ResponseBodyWriter
    /// What the client had seen when its last connection broke.
    public internal(set) var lastEventID: String?

    init(_ writer: any ResponseBodyWriter) {
        self.writer = writer
    }

    /// - Parameter data: JSON, which has no line breaks.
    public mutating func send(_ event: StaticString, _ data: ByteBuffer) async throws {
        var buffer = ByteBuffer()
        buffer.writeString("event: \(event)\ndata: ")
        buffer.writeImmutableBuffer(data)
        buffer.writeString("\n\n")
        try await writer.write(buffer)
    }

    /// Says that everything up to here has been sent: a client that comes back names it.
    public mutating func mark(_ id: String) async throws {
        try await writer.write(ByteBuffer(string: "id: \(id)\n\n"))
    }

    /// Nothing, so that a connection that is broken is noticed.
    public mutating func ping() async throws {
        try await writer.write(ByteBuffer(string: ":\n\n"))
    }
}

extension ResponseBody {
    init(events: @escaping @Sendable (inout EventSink) async throws -> Void) {
        self.init { writer in
            var sink = EventSink(writer)
            try await events(&sink)
            try await writer.finish(nil)
        }
    }
}

extension HTTPField.Name {
    fileprivate static var lastEventID: HTTPField.Name { HTTPField.Name("Last-Event-ID").unsafelyUnwrapped }
    fileprivate static var accelBuffering: HTTPField.Name { HTTPField.Name("X-Accel-Buffering").unsafelyUnwrapped }
}
