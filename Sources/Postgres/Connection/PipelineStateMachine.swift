import DequeModule

/// Keeps the answers of one connection in step with the segments sent on it. Does no I/O: events go in, actions come out.
///
/// libpq hands out the results of a segment one by one, with a NULL after each statement, and a sync at the segment's end.
/// A segment whose caller has gone stays in line until its answer has passed.
struct PipelineStateMachine<Waiter, Answer> {
    /// One statement on the wire, in the order in which results come.
    enum Step: Equatable {
        /// The caller's own, by index.
        case call(Int)
        /// Sent ahead of a call. Its answer is nobody's.
        case prepare(sql: String, call: Int)
        case deallocate(name: String)
    }

    enum Ending {
        /// A pipelined segment.
        case sync
        /// A script in the simple protocol: any number of results, then NULL.
        case null
    }

    enum Event {
        case answer(Answer)
        case failure(PostgresFailure)
        /// Skipped, because a step before it failed.
        case aborted
        /// An answer after which the connection cannot be kept.
        case fatal(PostgresFailure)
        /// libpq's NULL.
        case end
        case sync
    }

    enum Action {
        case wait
        /// A step other than a call ended.
        case hidden(Step, succeeded: Bool)
        /// The oldest segment ended. No waiter: its caller had gone.
        case resume(Waiter?, Result<[Answer], PostgresFailure>)
        /// The connection cannot be kept.
        case close([Loss])
    }

    /// A segment whose connection went before it had ended.
    struct Loss {
        let waiter: Waiter
        /// The segment's own if the server had sent one.
        let failure: PostgresFailure
        /// Nil if a call was left without its answer: then nothing was committed, unless the answers were lost on their way.
        let answers: [Answer]?
    }

    private var segments: Deque<Segment> = []

    var isIdle: Bool { segments.isEmpty }
    var runsScript: Bool { segments.first?.ending == .null }

    mutating func sent(_ id: Int, _ waiter: Waiter, steps: [Step], ending: Ending = .sync) {
        segments.append(Segment(id: id, waiter: waiter, steps: steps, ending: ending))
    }

    mutating func received(_ event: Event) -> Action {
        guard !segments.isEmpty else { return unasked(event) }
        switch event {
        case .answer(let answer): return segments[0].answered(answer)
        case .failure(let failure): return segments[0].failed(failure)
        case .aborted: return segments[0].skipped()
        case .fatal(let failure): return close(failure.at(call: segments[0].call))
        case .end: return segments[0].stepEnded() ? finish() : .wait
        case .sync: return segments[0].ending == .sync ? finish() : close(PostgresFailure(.protocolViolation))
        }
    }

    /// The caller gave up. Returns its waiter, to be resumed at once; nil if the segment has ended already.
    mutating func abandon(_ id: Int) -> Waiter? {
        guard let index = segments.firstIndex(where: { $0.id == id }) else { return nil }
        return segments[index].abandon()
    }

    func isInFlight(_ id: Int) -> Bool {
        segments.contains { $0.id == id }
    }

    /// The connection is gone. Everybody still waiting, with what to tell them.
    mutating func lost(_ failure: PostgresFailure) -> [Loss] {
        defer { segments.removeAll() }
        return segments.compactMap { segment in
            segment.waiter.map { Loss(waiter: $0, failure: segment.failure ?? failure, answers: segment.answersBeforeCommit) }
        }
    }

    private mutating func finish() -> Action {
        let segment = segments.removeFirst()
        guard let outcome = segment.outcome else {
            segments.prepend(segment)
            return close(PostgresFailure(.protocolViolation, message: "The server sent another number of results than was asked for."))
        }
        return .resume(segment.waiter, outcome)
    }

    /// The oldest segment is to blame; the others merely lose their connection.
    private mutating func close(_ failure: PostgresFailure) -> Action {
        segments[0].blame(failure)
        return .close(lost(PostgresFailure(.connectionLost)))
    }

    /// libpq returns NULL for ever when it has nothing. Anything else means that we are out of step.
    private func unasked(_ event: Event) -> Action {
        if case .end = event { .wait } else { .close([]) }
    }
}
