import Logging

/// Carries out what the ``PoolStateMachine`` decides, on the loop, where the connections live too.
actor PoolCore {
    /// Who waits for a connection.
    private enum Request {
        case segment([Call], Waiter)
        case loan(CheckedContinuation<Int, any Error>)

        func fail(_ failure: PostgresFailure) {
            switch self {
            case .segment(_, let waiter): waiter.fail(failure)
            case .loan(let continuation): continuation.resume(throwing: failure)
            }
        }

        func cancel() {
            switch self {
            case .segment(_, let waiter): waiter.cancel()
            case .loan(let continuation): continuation.resume(throwing: CancellationError())
            }
        }
    }

    nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }
    nonisolated let loop: Loop
    let configuration: Configuration
    let logger: Logger
    var use: PoolUse { machine.use }
    var machine: PoolStateMachine
    var connections: [Int: Connection] = [:]
    private var waiting: [Int: (request: Request, timer: Int)] = [:]
    private var lastRequest = 0
    private var whenFinished: CheckedContinuation<Void, Never>?
    private var isFinished = false

    init(_ configuration: Configuration, on loop: Loop, logger: Logger) {
        self.configuration = configuration
        self.loop = loop
        self.logger = logger
        machine = PoolStateMachine(
            .init(
                shared: configuration.shared, leased: configuration.leased, spare: configuration.spare, queue: configuration.queueLimit))
    }

    // MARK: Life

    func start() {
        perform(machine.start())
    }

    /// Returns when all that was accepted has ended.
    func drain() async {
        await finish(machine.drain())
    }

    nonisolated func abortSoon() {
        loop.execute { [self] in assumeIsolated { core in core.perform(core.machine.abort()) } }
    }

    private func finish(_ actions: [PoolStateMachine.Action]) async {
        perform(actions)
        guard !isFinished else { return }
        await withCheckedContinuation { whenFinished = $0 }
    }

    // MARK: Segments

    /// - Parameter witness: whether the caller can find out by itself if a lost segment was kept.
    /// - Throws: a ``LostSegment`` to a witness, where the connection went before the commit was answered.
    func segment(_ calls: [Call], for party: Party, witness: Bool = false) async throws -> [Rows] {
        lastRequest += 1
        let request = lastRequest
        return try await withTaskCancellationHandler {
            try Task.checkCancellation()
            return try await withCheckedThrowingContinuation { submit(request, calls, for: party, witness ? .witness($0) : .task($0)) }
        } onCancel: {
            loop.execute { self.assumeIsolated { $0.cancel(request) } }
        }
    }

    private func submit(_ request: Int, _ calls: [Call], for party: Party, _ waiter: Waiter) {
        switch machine.submit(request, for: party) {
        case .refuse(let failure): waiter.fail(failure)
        case .wait(let slot):
            wait(request, .segment(calls, waiter))
            if let slot { connect(slot) }
        case .send(let slot): send(request, calls, waiter, slot: slot)
        }
    }

    private func send(_ request: Int, _ calls: [Call], _ waiter: Waiter, slot: Int) {
        guard let connection = connections[slot] else { return waiter.fail(PostgresFailure(.connectionLost)) }
        connection.assumeIsolated { $0.send(request, calls.map(Connection.Command.call), waiter) }
    }

    /// The caller does not want the answer any more.
    private func cancel(_ request: Int) {
        if machine.leave(request) {
            stopWaiting(request) { $0.cancel() }
        } else {
            for (slot, connection) in connections where machine.isShared(slot: slot) { connection.assumeIsolated { $0.abandon(request) } }
        }
    }

    // MARK: Loans

    func borrow(for party: Party) async throws -> (slot: Int, Lease) {
        lastRequest += 1
        let request = lastRequest
        let slot = try await withTaskCancellationHandler {
            try Task.checkCancellation()
            return try await withCheckedThrowingContinuation { borrow(request, for: party, $0) }
        } onCancel: {
            loop.execute { self.assumeIsolated { $0.cancel(request) } }
        }
        guard let connection = connections[slot] else {
            perform(machine.giveBack(slot: slot, isUsable: false))
            throw PostgresFailure(.connectionLost)
        }
        return (slot, Lease(connection: connection, loan: await connection.loan))
    }

    private func borrow(_ request: Int, for party: Party, _ continuation: CheckedContinuation<Int, any Error>) {
        wait(request, .loan(continuation))
        perform(machine.borrow(request, for: party))
    }

    func giveBack(slot: Int) async {
        let isUsable = await connections[slot]?.settle() ?? false
        if !isUsable { connections[slot] = nil }
        perform(machine.giveBack(slot: slot, isUsable: isUsable))
    }

    // MARK: Waiting

    private func wait(_ request: Int, _ content: Request) {
        let timer = loop.schedule(after: configuration.waitTimeout) { [self] in assumeIsolated { $0.waitedTooLong(request) } }
        waiting[request] = (content, timer)
    }

    private func waitedTooLong(_ request: Int) {
        guard machine.leave(request) else { return }
        let reason = machine.reasonToWait
        stopWaiting(request) { $0.fail(reason) }
    }

    private func stopWaiting(_ request: Int, _ resume: (Request) -> Void) {
        guard let (content, timer) = waiting.removeValue(forKey: request) else { return }
        loop.unschedule(timer)
        resume(content)
    }

    // MARK: Actions

    func perform(_ actions: [PoolStateMachine.Action]) {
        for action in actions { perform(action) }
    }

    private func perform(_ action: PoolStateMachine.Action) {
        switch action {
        case .connect(let slot): connect(slot)
        case .reconnect(let slot, let delay): reconnect(slot, after: delay)
        case .fail(let request, let failure): stopWaiting(request) { $0.fail(failure) }
        case .send(let request, let slot): sendWaiting(request, slot: slot)
        case .lend(let request, let slot): lend(request, slot: slot)
        case .close(let slot): connections.removeValue(forKey: slot)?.assumeIsolated { $0.close(PostgresFailure(.connectionLost)) }
        case .finished: finished()
        }
    }

    private func sendWaiting(_ request: Int, slot: Int) {
        stopWaiting(request) { if case .segment(let calls, let waiter) = $0 { send(request, calls, waiter, slot: slot) } }
    }

    private func lend(_ request: Int, slot: Int) {
        stopWaiting(request) { if case .loan(let continuation) = $0 { continuation.resume(returning: slot) } }
    }

    private func finished() {
        isFinished = true
        whenFinished?.resume()
        whenFinished = nil
    }
}
