import Synchronization

/// How long whoever makes requests waits for the database: while background work disturbs them, and while none does.
///
/// The server's own segments do not count. What is kept is some hundred numbers, whoever asks and however often.
public final class Waits: Sendable {
    private struct State {
        /// Background work that is at it.
        var disturbers = 0
        var inFlight = 0
        var lastEnd: ContinuousClock.Instant?
        var usual = Durations(memory: 1_000)
        var disturbed = Durations(memory: 1_000)
    }

    private let state = Mutex(State())

    /// How many have to be seen before anything is said of them.
    private static let enough = 200.0
    private static let share = 0.95

    /// What is known at a moment.
    public struct Reading: Equatable, Sendable {
        /// What nineteen in twenty wait at most while no background work disturbs them; nil until enough have been seen.
        public var usual: Duration?
        /// The same of those who asked while it did, since that was last looked at.
        public var disturbed: Duration?
        /// For how long nobody has asked; nil when nobody ever did.
        public var idle: Duration?

        public init(usual: Duration? = nil, disturbed: Duration? = nil, idle: Duration? = nil) {
            self.usual = usual
            self.disturbed = disturbed
            self.idle = idle
        }
    }

    /// Once it tells of those who were disturbed it counts them anew: what is done about it shows in those who come.
    public func read() -> Reading {
        let now = ContinuousClock.now
        return state.withLock { state in
            let disturbed = state.disturbed.most(of: Self.share, enough: Self.enough)
            if disturbed != nil { state.disturbed = Durations(memory: 1_000) }
            return Reading(
                usual: state.usual.most(of: Self.share, enough: Self.enough), disturbed: disturbed,
                idle: state.inFlight > 0 ? .zero : state.lastEnd.map { now - $0 })
        }
    }

    /// Whoever asks from here on is disturbed, until ``calm()`` has been called as often.
    public func disturb() {
        state.withLock { $0.disturbers += 1 }
    }

    public func calm() {
        state.withLock { $0.disturbers -= 1 }
    }

    /// Times a segment. It counts as what it was when it began: a long one meets a disturbance more often, whatever it owes to it.
    func timing<Result>(_ segment: () async throws -> Result) async rethrows -> Result {
        let disturbed = state.withLock { state in
            state.inFlight += 1
            return state.disturbers > 0
        }
        let began = ContinuousClock.now
        defer {
            let ended = ContinuousClock.now
            state.withLock { state in
                state.inFlight -= 1
                state.lastEnd = ended
                if disturbed { state.disturbed.add(ended - began) } else { state.usual.add(ended - began) }
            }
        }
        return try await segment()
    }
}
