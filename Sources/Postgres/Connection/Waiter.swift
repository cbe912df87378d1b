/// Who gets the answer of a segment. Resumed exactly once.
enum Waiter: Sendable {
    case task(CheckedContinuation<[Rows], any Error>)
    /// For what happens without a task, on the loop.
    case action(@Sendable (Result<[Rows], PostgresFailure>) -> Void)

    func resume(_ outcome: Result<[Rows], PostgresFailure>) {
        switch self {
        case .task(let continuation): continuation.resume(with: outcome.mapError { $0 })
        case .action(let action): action(outcome)
        }
    }

    func fail(_ failure: PostgresFailure) {
        resume(.failure(failure))
    }

    func cancel() {
        switch self {
        case .task(let continuation): continuation.resume(throwing: CancellationError())
        case .action(let action): action(.failure(PostgresFailure(.cancelled)))
        }
    }
}
