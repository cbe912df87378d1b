extension PipelineStateMachine {
    /// What has come back of one segment.
    struct Segment {
        let id: Int
        private(set) var waiter: Waiter?
        let steps: [Step]
        let ending: Ending
        private var answers: [Answer] = []
        private(set) var failure: PostgresFailure?
        private var next = 0
        private var sawResult = false

        init(id: Int, waiter: Waiter, steps: [Step], ending: Ending) {
            self.id = id
            self.waiter = waiter
            self.steps = steps
            self.ending = ending
        }

        /// Nil past the last step, where the implicit transaction commits.
        private var step: Step? { next < steps.count ? steps[next] : nil }

        /// The call that the current step belongs to.
        var call: Int? {
            switch step {
            case .call(let index), .prepare(_, let index): index
            case .deallocate, nil: nil
            }
        }

        /// Nil if calls are left without an answer.
        var outcome: Result<[Answer], PostgresFailure>? {
            if let failure { return .failure(failure) }
            return next == steps.count || ending == .null ? .success(answers) : nil
        }

        /// All answers, where only that to the commit is missing, or failed; nil before.
        var answersBeforeCommit: [Answer]? { step == nil && failure?.call == nil ? answers : nil }

        mutating func answered(_ answer: Answer) -> Action {
            sawResult = true
            guard case .call? = step else { return hidden(succeeded: true) }
            if waiter != nil, ending == .sync { answers.append(answer) }
            return .wait
        }

        /// The first failure counts; those after it follow from it.
        mutating func failed(_ failure: PostgresFailure) -> Action {
            sawResult = true
            blame(failure.at(call: ending == .sync ? call : nil))
            return hidden(succeeded: false)
        }

        mutating func skipped() -> Action {
            sawResult = true
            return hidden(succeeded: false)
        }

        /// True if this ended the segment, too.
        mutating func stepEnded() -> Bool {
            guard sawResult else { return false }
            sawResult = false
            next += 1
            return ending == .null
        }

        mutating func abandon() -> Waiter? {
            defer { waiter = nil }
            answers = []
            return waiter
        }

        mutating func blame(_ failure: PostgresFailure) {
            self.failure = self.failure ?? failure
        }

        private func hidden(succeeded: Bool) -> Action {
            switch step {
            case .prepare?, .deallocate?: .hidden(steps[next], succeeded: succeeded)
            case .call?, nil: .wait
            }
        }
    }
}
