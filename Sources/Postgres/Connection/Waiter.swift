/// Who gets the answer of a segment. Resumed exactly once.
enum Waiter: Sendable {
    case task(CheckedContinuation<[Rows], any Error>)
    /// A task that can find out by itself whether a segment was kept: it has the answers before the commit, and a ``LostSegment`` if the
    /// connection goes.
    case witness(CheckedContinuation<[Rows], any Error>)
    /// For what happens without a task, on the loop.
    case action(@Sendable (Result<[Rows], PostgresFailure>) -> Void)

    var wantsAnswersBeforeCommit: Bool { if case .witness = self { true } else { false } }

    func resume(_ outcome: Result<[Rows], PostgresFailure>) {
        switch self {
        case .task(let continuation), .witness(let continuation): continuation.resume(with: outcome.mapError { $0 })
        case .action(let action): action(outcome)
        }
    }

    func fail(_ failure: PostgresFailure) {
        resume(.failure(failure))
    }

    /// The connection went after the segment had been sent.
    func lose(_ failure: PostgresFailure, _ answers: [Rows]?) {
        guard case .witness(let continuation) = self, failure.code == .connectionLost else { return fail(failure) }
        continuation.resume(throwing: LostSegment(failure: failure, answers: answers))
    }

    func cancel() {
        switch self {
        case .task(let continuation), .witness(let continuation): continuation.resume(throwing: CancellationError())
        case .action(let action): action(.failure(PostgresFailure(.cancelled)))
        }
    }
}

/// A segment whose connection went before its commit was answered: it may have been kept, or not.
struct LostSegment: Error {
    let failure: PostgresFailure
    /// Nil if some had not come.
    let answers: [Rows]?
}
