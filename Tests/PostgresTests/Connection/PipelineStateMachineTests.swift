import Testing

@testable import Postgres

/// Events in, actions out. Waiters and answers are plain values here.
@Suite struct PipelineStateMachineTests {
    typealias Machine = PipelineStateMachine<Int, String>
    private let division = failure("22012")

    private static func failure(_ state: String, call: Int? = nil) -> PostgresFailure {
        var failure = PostgresFailure(.server, call: call)
        failure.sqlState = state
        return failure
    }

    @Test func answersAreCollectedUntilTheSync() {
        var machine = Machine()
        machine.sent(1, 10, steps: [.call(0), .call(1)])
        #expect(machine.received(.answer("a")) == .wait)
        #expect(machine.received(.end) == .wait)
        #expect(machine.received(.answer("b")) == .wait)
        #expect(machine.received(.end) == .wait)
        #expect(machine.received(.sync) == .resume(10, .success(["a", "b"])))
        #expect(machine.isIdle)
    }

    @Test func segmentsEndInTheOrderInWhichTheyWereSent() {
        var machine = Machine()
        machine.sent(1, 10, steps: [.call(0)])
        machine.sent(2, 20, steps: [.call(0)])
        #expect(machine.answer("a") == .resume(10, .success(["a"])))
        #expect(machine.answer("b") == .resume(20, .success(["b"])))
    }

    @Test func nullsWithoutResultsMeanNothing() {
        var machine = Machine()
        #expect(machine.received(.end) == .wait)
        machine.sent(1, 10, steps: [.call(0)])
        #expect(machine.received(.end) == .wait)
        #expect(machine.answer("a") == .resume(10, .success(["a"])))
        #expect(machine.received(.end) == .wait)
    }

    @Test func theFirstFailureNamesItsCallAndTheRestIsSkipped() {
        var machine = Machine()
        machine.sent(1, 10, steps: [.call(0), .call(1), .call(2)])
        machine.sent(2, 20, steps: [.call(0)])
        #expect(machine.received(.answer("a")) == .wait)
        #expect(machine.received(.end) == .wait)
        #expect(machine.received(.failure(division)) == .wait)
        #expect(machine.received(.end) == .wait)
        #expect(machine.received(.aborted) == .wait)
        #expect(machine.received(.end) == .wait)
        #expect(machine.received(.sync) == .resume(10, .failure(Self.failure("22012", call: 1))))
        #expect(machine.answer("b") == .resume(20, .success(["b"])))
    }

    @Test func aFailureAtTheSyncBelongsToNoCall() {
        var machine = Machine()
        machine.sent(1, 10, steps: [.call(0)])
        #expect(machine.received(.answer("a")) == .wait)
        #expect(machine.received(.end) == .wait)
        #expect(machine.received(.failure(Self.failure("23505"))) == .wait)
        #expect(machine.received(.end) == .wait)
        #expect(machine.received(.sync) == .resume(10, .failure(Self.failure("23505"))))
    }

    @Test func hiddenStepsAreReportedAndTheirAnswersKept() {
        var machine = Machine()
        machine.sent(1, 10, steps: [.deallocate(name: "s1"), .prepare(sql: "SELECT 1", call: 0), .call(0)])
        #expect(machine.received(.answer("DEALLOCATE")) == .hidden(.deallocate(name: "s1"), succeeded: true))
        #expect(machine.received(.end) == .wait)
        #expect(machine.received(.answer("PREPARE")) == .hidden(.prepare(sql: "SELECT 1", call: 0), succeeded: true))
        #expect(machine.received(.end) == .wait)
        #expect(machine.answer("a") == .resume(10, .success(["a"])))
    }

    @Test func aPrepareThatFailsIsItsCallsFailure() {
        var machine = Machine()
        machine.sent(1, 10, steps: [.call(0), .prepare(sql: "SELEC", call: 1), .call(1), .prepare(sql: "SELECT 2", call: 2), .call(2)])
        #expect(machine.received(.answer("a")) == .wait)
        #expect(machine.received(.end) == .wait)
        #expect(machine.received(.failure(Self.failure("42601"))) == .hidden(.prepare(sql: "SELEC", call: 1), succeeded: false))
        #expect(machine.received(.end) == .wait)
        #expect(machine.received(.aborted) == .wait)
        #expect(machine.received(.end) == .wait)
        #expect(machine.received(.aborted) == .hidden(.prepare(sql: "SELECT 2", call: 2), succeeded: false))
        #expect(machine.received(.end) == .wait)
        #expect(machine.received(.aborted) == .wait)
        #expect(machine.received(.end) == .wait)
        #expect(machine.received(.sync) == .resume(10, .failure(Self.failure("42601", call: 1))))
    }

    @Test func anAbandonedSegmentStaysInLine() {
        var machine = Machine()
        machine.sent(1, 10, steps: [.call(0)])
        machine.sent(2, 20, steps: [.call(0)])
        #expect(machine.abandon(1) == 10)
        #expect(machine.abandon(1) == nil)
        #expect(machine.abandon(3) == nil)
        #expect(machine.isInFlight(1))
        #expect(machine.answer("a") == .resume(nil, .success([])))
        #expect(machine.answer("b") == .resume(20, .success(["b"])))
    }

    @Test func aFatalAnswerClosesAndBlamesTheOldestSegment() {
        var machine = Machine()
        machine.sent(1, 10, steps: [.call(0), .call(1)])
        machine.sent(2, 20, steps: [.call(0)])
        #expect(machine.received(.answer("a")) == .wait)
        #expect(machine.received(.end) == .wait)
        let action = machine.received(.fatal(PostgresFailure(.unexpectedCopy)))
        #expect(action == .close([10: PostgresFailure(.unexpectedCopy, call: 1), 20: PostgresFailure(.connectionLost)]))
        #expect(machine.isIdle)
    }

    @Test func aSyncTooEarlyCloses() {
        var machine = Machine()
        machine.sent(1, 10, steps: [.call(0), .call(1)])
        #expect(machine.received(.answer("a")) == .wait)
        #expect(machine.received(.end) == .wait)
        guard case .close(let losses) = machine.received(.sync) else {
            Issue.record("It went on out of step.")
            return
        }
        #expect(losses.map(\.failure.code) == [.protocolViolation])
    }

    @Test func anAnswerNobodyAskedForCloses() {
        var machine = Machine()
        #expect(machine.received(.answer("a")) == .close([:]))
    }

    @Test func aLostConnectionFailsAllInFlight() {
        var machine = Machine()
        machine.sent(1, 10, steps: [.call(0)])
        machine.sent(2, 20, steps: [.call(0)])
        machine.sent(3, 30, steps: [.call(0)])
        #expect(machine.abandon(2) == 20)
        #expect(machine.received(.failure(division)) == .wait)
        let lost = machine.lost(PostgresFailure(.connectionLost))
        #expect(lost.map(\.waiter) == [10, 30])
        #expect(lost.map(\.failure) == [Self.failure("22012", call: 0), PostgresFailure(.connectionLost)])
        #expect(machine.isIdle)
    }

    @Test func whatWasAnsweredBeforeTheCommitIsNotLost() {
        var machine = Machine()
        machine.sent(1, 10, steps: [.call(0), .call(1)])
        machine.sent(2, 20, steps: [.prepare(sql: "SELECT 1", call: 0), .call(0)])
        machine.sent(3, 30, steps: [.call(0)])
        for answer in ["a", "b"] {
            #expect(machine.received(.answer(answer)) == .wait)
            #expect(machine.received(.end) == .wait)
        }
        #expect(machine.lost(PostgresFailure(.connectionLost)).map(\.answers) == [["a", "b"], nil, nil])
    }

    /// The server may say why it hangs up: past the last call, that is no call's failure.
    @Test func aFarewellInsteadOfTheSyncLeavesTheAnswers() {
        for (answers, expected) in [(1, nil), (2, ["a", "a"])] as [(Int, [String]?)] {
            var machine = Machine()
            machine.sent(1, 10, steps: [.call(0), .call(1)])
            for _ in 0..<answers {
                #expect(machine.received(.answer("a")) == .wait)
                #expect(machine.received(.end) == .wait)
            }
            #expect(machine.received(.failure(PostgresFailure(.connectionLost))) == .wait)
            #expect(machine.received(.end) == .wait)
            #expect(machine.lost(PostgresFailure(.connectionLost)).map(\.answers) == [expected])
        }
    }

    @Test func aScriptEndsWithNull() {
        var machine = Machine()
        machine.sent(1, 10, steps: [.call(0)], ending: .null)
        #expect(machine.runsScript)
        #expect(machine.received(.answer("a")) == .wait)
        #expect(machine.received(.failure(division)) == .wait)
        #expect(machine.received(.end) == .resume(10, .failure(division)))
        #expect(!machine.runsScript)
    }
}

extension PipelineStateMachine<Int, String> {
    /// One answer, its NULL, and the sync.
    fileprivate mutating func answer(_ text: String) -> Action {
        #expect(received(.answer(text)) == .wait)
        #expect(received(.end) == .wait)
        return received(.sync)
    }
}

/// An action with its waiters as a dictionary, so that it can be compared.
private enum Seen: Equatable {
    case wait
    case hidden(PipelineStateMachine<Int, String>.Step, succeeded: Bool)
    case resume(Int?, Result<[String], PostgresFailure>)
    case close([Int: PostgresFailure])

    init(_ action: PipelineStateMachine<Int, String>.Action) {
        self =
            switch action {
            case .wait: .wait
            case .hidden(let step, let succeeded): .hidden(step, succeeded: succeeded)
            case .resume(let waiter, let outcome): .resume(waiter, outcome)
            case .close(let losses): .close(Dictionary(uniqueKeysWithValues: losses.map { ($0.waiter, $0.failure) }))
            }
    }
}

private func == (action: PipelineStateMachine<Int, String>.Action, expected: Seen) -> Bool {
    Seen(action) == expected
}
