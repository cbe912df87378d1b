import DequeModule

/// Decides which connection a request gets, and when connections are opened and closed. Does no I/O and knows no clock: events go in, actions come out.
///
/// Slots below ``Limits/shared`` are pipelined connections, kept open. The others are for loans, opened when somebody needs one.
struct PoolStateMachine {
    struct Limits {
        var shared: Int
        var leased: Int
        /// Segments waiting or in flight; also borrowers waiting.
        var queue: Int
        /// Segments in flight on one connection. Those beyond wait for whichever connection is first.
        var depth = 32
    }

    enum Action: Equatable {
        case connect(slot: Int)
        case reconnect(slot: Int, after: Duration)
        case send(request: Int, slot: Int)
        case lend(request: Int, slot: Int)
        case fail(request: Int, PostgresFailure)
        case close(slot: Int)
        /// Everything is closed.
        case finished
    }

    /// What becomes of a new segment. Not a list of actions, since this is the hot path.
    enum Submission: Equatable {
        case send(slot: Int)
        case wait
        case refuse(PostgresFailure)
    }

    private enum Phase {
        case running, draining, finished
    }

    enum Shared {
        case offline
        case connecting
        case ready(inFlight: Int)
    }

    enum Loan {
        case connecting, idle, lent
    }

    let limits: Limits
    private var phase = Phase.running
    private(set) var shared: [Shared]
    private var failures: [Int]
    private var lastFailure: PostgresFailure?
    private(set) var loans: [Int: Loan] = [:]
    private var lastSlot: Int
    private(set) var segments: Deque<Int> = []
    private(set) var borrowers: Deque<Int> = []

    init(_ limits: Limits) {
        self.limits = limits
        shared = Array(repeating: .offline, count: limits.shared)
        failures = Array(repeating: 0, count: limits.shared)
        lastSlot = limits.shared - 1
    }

    /// Why requests have to wait: that no connection can be had, and otherwise that there are too few.
    var reasonToWait: PostgresFailure {
        let isConnected = shared.contains { if case .ready = $0 { true } else { false } }
        return (isConnected ? nil : lastFailure) ?? PostgresFailure(.timeout)
    }

    private var inFlight: Int {
        shared.reduce(0) { sum, slot in if case .ready(let count) = slot { sum + count } else { sum } }
    }
}

// MARK: - Segments

extension PoolStateMachine {
    mutating func submit(_ request: Int) -> Submission {
        guard phase == .running else { return .refuse(PostgresFailure(.cancelled)) }
        guard segments.count + inFlight < limits.queue else { return .refuse(PostgresFailure(.overloaded)) }
        if segments.isEmpty, let slot = takeLeastBusy() { return .send(slot: slot) }
        segments.append(request)
        return .wait
    }

    mutating func segmentEnded(slot: Int) -> [Action] {
        guard case .ready(let count) = shared[slot] else { return [] }
        shared[slot] = .ready(inFlight: count - 1)
        return dispatch()
    }

    /// A request stops waiting. False if it waits no longer.
    mutating func leave(_ request: Int) -> Bool {
        let before = segments.count + borrowers.count
        segments.removeAll { $0 == request }
        borrowers.removeAll { $0 == request }
        return segments.count + borrowers.count < before
    }

    private mutating func dispatch() -> [Action] {
        var actions: [Action] = []
        while !segments.isEmpty, let slot = takeLeastBusy() { actions.append(.send(request: segments.removeFirst(), slot: slot)) }
        return actions + finishIfDrained()
    }

    private mutating func takeLeastBusy() -> Int? {
        var best: (slot: Int, count: Int)?
        for (slot, state) in shared.enumerated() {
            if case .ready(let count) = state, count < best?.count ?? limits.depth { best = (slot, count) }
        }
        guard let best else { return nil }
        shared[best.slot] = .ready(inFlight: best.count + 1)
        return best.slot
    }
}

// MARK: - Connections

extension PoolStateMachine {
    mutating func start() -> [Action] {
        shared.indices.flatMap { reconnectDue(slot: $0) }
    }

    mutating func reconnectDue(slot: Int) -> [Action] {
        guard phase != .finished, case .offline = shared[slot] else { return [] }
        shared[slot] = .connecting
        return [.connect(slot: slot)]
    }

    mutating func connected(slot: Int) -> [Action] {
        guard phase != .finished else { return [.close(slot: slot)] }
        guard slot < limits.shared else { return lend(slot: slot) }
        shared[slot] = .ready(inFlight: 0)
        failures[slot] = 0
        return dispatch()
    }

    /// A connection could not be opened. A borrower is told; segments wait for another try.
    mutating func connectFailed(slot: Int, _ failure: PostgresFailure, jitter: Double) -> [Action] {
        lastFailure = failure
        guard slot < limits.shared else {
            loans[slot] = nil
            return (borrowers.popFirst().map { [.fail(request: $0, failure)] } ?? []) + openLoan() + finishIfDrained()
        }
        return retry(slot: slot, jitter: jitter)
    }

    /// An open connection is gone, and with it all that was in flight on it.
    mutating func lost(slot: Int, jitter: Double) -> [Action] {
        guard slot < limits.shared else {
            // One on loan is given back by its borrower, who finds out by himself.
            if case .idle? = loans[slot] { loans[slot] = nil }
            return []
        }
        return retry(slot: slot, jitter: jitter)
    }

    private mutating func retry(slot: Int, jitter: Double) -> [Action] {
        shared[slot] = .offline
        guard phase != .finished else { return [] }
        defer { failures[slot] += 1 }
        return [.reconnect(slot: slot, after: Backoff.reconnecting.delay(failures: failures[slot], jitter: jitter))] + finishIfDrained()
    }
}

// MARK: - Loans

extension PoolStateMachine {
    mutating func borrow(_ request: Int) -> [Action] {
        guard phase == .running else { return [.fail(request: request, PostgresFailure(.cancelled))] }
        guard borrowers.count < limits.queue else { return [.fail(request: request, PostgresFailure(.overloaded))] }
        borrowers.append(request)
        if let idle = loans.first(where: { $0.value == .idle }) { return lend(slot: idle.key) }
        return openLoan()
    }

    func isLent(slot: Int) -> Bool {
        loans[slot] == .lent
    }

    mutating func giveBack(slot: Int, isUsable: Bool) -> [Action] {
        if isUsable { return lend(slot: slot) }
        loans[slot] = nil
        return openLoan() + finishIfDrained()
    }

    /// As many connections as there are borrowers, up to the limit.
    private mutating func openLoan() -> [Action] {
        let opening = loans.values.count { $0 == .connecting }
        guard borrowers.count > opening, loans.count < limits.leased else { return [] }
        lastSlot += 1
        loans[lastSlot] = .connecting
        return [.connect(slot: lastSlot)]
    }

    private mutating func lend(slot: Int) -> [Action] {
        guard let request = borrowers.popFirst() else {
            loans[slot] = .idle
            return finishIfDrained()
        }
        loans[slot] = .lent
        return [.lend(request: request, slot: slot)]
    }
}

// MARK: - The end

extension PoolStateMachine {
    /// Takes no more requests. Those that are waiting are served still.
    mutating func drain() -> [Action] {
        if phase == .running { phase = .draining }
        return finishIfDrained()
    }

    /// Ends at once.
    mutating func abort() -> [Action] {
        let waiting = Array(segments) + Array(borrowers)
        segments = []
        borrowers = []
        return waiting.map { .fail(request: $0, PostgresFailure(.cancelled)) } + finish()
    }

    private mutating func finishIfDrained() -> [Action] {
        guard phase == .draining, segments.isEmpty, borrowers.isEmpty, inFlight == 0, !loans.values.contains(.lent) else { return [] }
        return finish()
    }

    private mutating func finish() -> [Action] {
        guard phase != .finished else { return [] }
        phase = .finished
        let open = shared.indices.filter { if case .ready = shared[$0] { true } else { false } }
        let idle = loans.filter { $0.value != .connecting }.keys.sorted()
        return (open + idle).map { .close(slot: $0) } + [.finished]
    }
}
