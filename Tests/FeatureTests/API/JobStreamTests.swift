import FoundationEssentials
import HTTPTypes
import Hummingbird
import HummingbirdCore
import Jobs
import NIOCore
import Postgres
import Shapes
import Tenancy
import Testing

@testable import Server

/// Jobs as they change, to those who may see them, for as long as they may.
@Suite struct JobStreamTests {
    @Test func whatWaitsIsToldFirstAndThenEachChange() async throws {
        try await Tester.with { tester in
            let corpus = try await tester.post("/api/v1/corpus/", ["name": "Parish"]).created()
            let first = try await tester.job("nobodys_kind", in: corpus)
            try await tester.following("/api/v1/jobs/stream/") { stream in
                #expect(try await stream.next()?["id"] == .string(first))
                let second = try await tester.job("nobodys_kind", in: corpus)
                let waiting = try await stream.next()
                #expect(waiting?["id"] == .string(second) && waiting?["state"] == "queued")
                // The same object as RetrieveJob gives.
                #expect(try await tester.get("/api/v1/jobs/\(second)/").expect() == waiting)
                _ = try await tester.delete("/api/v1/jobs/\(second)/")
                let cancelled = try await stream.next()
                #expect(cancelled?["id"] == .string(second) && cancelled?["state"] == "cancelled")
            }
        }
    }

    @Test func whoComesBackIsToldWhatTheyMissed() async throws {
        try await Tester.with { tester in
            let corpus = try await tester.post("/api/v1/corpus/", ["name": "Parish"]).created()
            let (first, second) = (try await tester.job("nobodys_kind", in: corpus), try await tester.job("other_kind", in: corpus))
            let once = try await tester.get("/api/v1/jobs/stream/?seconds=0").text
            let all = try Event.all(in: once)
            #expect(all.events.compactMap { $0["id"]?.string } == [first, second])
            let mark = try #require(all.mark)
            _ = try await tester.delete("/api/v1/jobs/\(first)/")
            let missed = try await tester.stream("?seconds=0", after: mark)
            // Whatever else the cluster does may hold the mark back, so that some is told again.
            #expect(missed.events.last?["id"] == .string(first) && missed.events.last?["state"] == "cancelled")
            #expect(missed.mark != nil)
            // What has ended is nobody's first news; a mark that is none is taken for none, and so is that of another cluster.
            for mark in [nil, "", "nonsense", "-1", "99999999999999999999999", "18446744073709551615"] {
                #expect(try await tester.stream("?seconds=0", after: mark).events.map { $0["id"] } == [.string(second)], "\(mark ?? "")")
            }
            #expect(try await tester.stream("?seconds=0&kind=nobodys_kind", after: nil).events == [])
            #expect(try await tester.get("/api/v1/jobs/stream/?seconds=-1").status == 400)
        }
    }

    /// A transaction that began before the mark and ended after it has not been seen: it is not to be missed.
    @Test func aChangeThatCommitsLateIsNotMissed() async throws {
        try await Tester.with { tester in
            let corpus = try await tester.post("/api/v1/corpus/", ["name": "Parish"]).created()
            let job = try await tester.job("nobodys_kind", in: corpus)
            let mark = try await tester.database.connected(to: tester.database.owner) { lease in
                _ = try await lease.run(Call("BEGIN"))
                _ = try await lease.run(Call("UPDATE job SET done = 7"))
                // Others go on, and their marks pass this transaction by.
                _ = try await tester.job("other_kind", in: corpus)
                let mark = try await tester.stream("?seconds=0", after: nil).mark
                _ = try await lease.run(Call("COMMIT"))
                return mark
            }
            let told = try await tester.stream("?seconds=0&kind=nobodys_kind", after: mark)
            #expect(told.events.map { $0["done"] } == [7] && told.events.first?["id"] == .string(job))
        }
    }

    @Test func onlyThoseWhoMayAreToldAndOnlyWhileTheyMay() async throws {
        try await Tester.with(.enterprise) { tester in
            let corpus = try await tester.post("/api/v1/corpus/", ["name": "Parish"]).created()
            let (person, colleague) = try await tester.colleague()
            #expect(try await tester.get("/api/v1/jobs/stream/", as: .nobody).status == 401)
            _ = try await tester.job("nobodys_kind", in: corpus)
            #expect(try await tester.stream("?seconds=0", after: nil, as: colleague).events == [])
            try await tester.member(person, of: "corpus", corpus, level: 100)
            try await tester.following("/api/v1/jobs/stream/", as: colleague) { stream in
                #expect(try await stream.next() != nil)
                try await tester.asOwner("DELETE FROM membership WHERE user_id = $1", [person.parameter])
                _ = try await tester.job("second_kind", in: corpus)
                try await tester.asOwner("DELETE FROM api_token WHERE user_id = $1", [person.parameter])
                // Nothing of the second, and then the end.
                #expect(try await stream.next() == nil)
            }
        }
    }
}

/// The events of a stream.
private struct Event {
    /// - Returns: what the events say, and the last mark.
    static func all(in text: String) throws -> (events: [JSONValue], mark: String?) {
        let lines = text.split(separator: "\n")
        let events = try lines.filter { $0.hasPrefix("data: ") }.map {
            try JSONDecoder().decode(JSONValue.self, from: Data($0.dropFirst("data: ".count).utf8))
        }
        return (events, lines.last { $0.hasPrefix("id: ") }.map { String($0.dropFirst("id: ".count)) })
    }

    /// Events one by one, as they come.
    struct Sequence: Sendable {
        let chunks: AsyncStream<String>
        private var iterator: AsyncStream<String>.Iterator { chunks.makeAsyncIterator() }

        func next() async throws -> JSONValue? {
            var iterator = iterator
            while let chunk = await iterator.next() {
                if let event = try Event.all(in: chunk).events.first { return event }
            }
            return nil
        }
    }
}

extension Tester {
    fileprivate func stream(
        _ query: String, after mark: String?, as caller: Caller = .administrator
    ) async throws -> (events: [JSONValue], mark: String?) {
        let response = try await response("/api/v1/jobs/stream/\(query)", headers: mark.map { [.lastEventID: $0] } ?? [:], as: caller)
        let (chunks, writer) = Chunks.make()
        try await response.body.write(writer)
        return try Event.all(in: await chunks.reduce(into: "") { $0 += $1 })
    }

    /// Listens while `body` runs, and lets go then.
    fileprivate func following(
        _ path: String, as caller: Caller = .administrator, _ body: @Sendable @escaping (Event.Sequence) async throws -> Void
    ) async throws {
        let response = try await response(path, as: caller)
        #expect(response.status == .ok && response.headers[.contentType] == "text/event-stream")
        let (chunks, writer) = Chunks.make()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await response.body.write(writer) }
            try await body(Event.Sequence(chunks: chunks))
            group.cancelAll()
        }
    }
}

/// A body as it is written.
private struct Chunks: ResponseBodyWriter {
    let continuation: AsyncStream<String>.Continuation

    static func make() -> (AsyncStream<String>, Chunks) {
        let (stream, continuation) = AsyncStream.makeStream(of: String.self)
        return (stream, Chunks(continuation: continuation))
    }

    func write(_ buffer: ByteBuffer) async throws { continuation.yield(String(buffer: buffer)) }
    consuming func finish(_ trailingHeaders: HTTPFields?) async throws { continuation.finish() }
}

extension HTTPField.Name {
    fileprivate static var lastEventID: HTTPField.Name { HTTPField.Name("Last-Event-ID").unsafelyUnwrapped }
}
