import AsyncAlgorithms
import NIOCore
import Postgres
import ServiceLifecycle
import Shapes
import Tenancy
import Web

/// Jobs as they change, to whoever may list them.
struct StreamJobs: Codable, Sendable {
    var corpus: ID<Corpus>?
    var kind: String?
    /// Ends by itself after so many; 0 tells what there is.
    var seconds: Seconds?

    struct Seconds: Leaf {
        let value: Int
        static let shape = Shape.integer(0...86_400)
        static let sample = Seconds(value: 0)
    }

    /// What to look for: what has changed since a mark, or without one what has not ended.
    struct Look: Codable, Sendable {
        var corpus: ID<Corpus>?
        var kind: String?
        var after: String?
    }
    struct Mark: Decodable, Sendable { var mark: String }

    static func operation(_ bell: Bell) -> Operation {
        Operation(
            "StreamJobs", "/api/v1/jobs/stream/", "Background work as it changes: what waits and runs first, then each change",
            rule: .person.own, events: JobRow.self
        ) { (input: StreamJobs, scope: Scope, sink: inout EventSink) in
            try await input.follow(scope, bell, &sink)
        }
    }
}

extension StreamJobs {
    /// How often it looks although nobody rang: progress is not rung for, and a hint may be missed.
    private static let interval = Duration.seconds(1)
    private static let quietLooks = 15

    private func follow(_ scope: Scope, _ bell: Bell, _ sink: inout EventSink) async throws {
        let began = ContinuousClock.now
        var look = Look(corpus: corpus, kind: kind, after: sink.lastEventID.flatMap { UInt64($0) }.map(String.init))
        var told: [String: ByteBuffer] = [:]
        var quiet = 0
        let ticks = AsyncTimerSequence(interval: Self.interval, clock: .continuous).map { _ in }
        for await _ in chain([()].async, merge(ticks, bell.rings)).cancelOnGracefulShutdown() {
            do {
                let news = try await news(look, told, scope)
                for row in news.rows { try await sink.send("job", row) }
                if !news.rows.isEmpty || look.after == nil { try await sink.mark(news.mark) }
                quiet = news.rows.isEmpty ? quiet + 1 : 0
                (told, look.after) = (news.told, news.mark)
            } catch let failure as PostgresFailure where failure.isRefusal {
                // Who may not look any more hears nothing more.
                return
            } catch is PostgresFailure {
                // The database will be back; the next look begins where this one did.
                quiet += 1
            }
            if let seconds, ContinuousClock.now - began >= .seconds(seconds.value) { return }
            if quiet >= Self.quietLooks {
                try await sink.ping()
                quiet = 0
            }
        }
    }

    /// - Parameter told: what the last look found, which this one may find again.
    private func news(
        _ look: Look, _ told: [String: ByteBuffer], _ scope: Scope
    ) async throws -> (mark: String, rows: [ByteBuffer], told: [String: ByteBuffer]) {
        // The mark first: what ends between the two is found twice rather than never.
        let found = try await scope.run([scope.call(Self.mark, NoInput()), scope.call(Self.changed, look)])
        var (rows, now): ([ByteBuffer], [String: ByteBuffer]) = ([], [:])
        for row in 0..<found[1].count {
            guard let id = found[1].text(row, 0) else { continue }
            var written = ByteBuffer()
            found[1].writeObject(row, into: &written)
            if told[id] != written { rows.append(written) }
            now[id] = written
        }
        return (try Self.mark.rows(found[0]).first?.mark ?? "0", rows, now)
    }
}

extension PostgresFailure {
    /// `enter` or a statement said no; it is not that the database was away.
    fileprivate var isRefusal: Bool { sqlState?.hasPrefix("PL") == true }
}
