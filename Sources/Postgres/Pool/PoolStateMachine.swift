import DequeModule

/// Decides which connection a request gets, and when connections are opened and closed. Does no I/O and knows no clock: events go in, actions come out.
///
/// The first slots are pipelined connections, kept open; those among them that are spare are opened when a party finds all others held.
/// The other slots are for loans, opened when somebody needs one.
struct PoolStateMachine {
    struct Limits {
        /// What one party may have.
        var shared: Int
        var leased: Int
        /// So many more of each, for other parties.
        var spare = 0
        /// Segments waiting or in flight; also borrowers waiting. Parties that are there at once each have an even part of it.
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

    enum Phase {
        case running, draining, finished
    }

    enum Loan: Equatable {
        case connecting, idle
        case lent(Party)
    }

    let limits: Limits
    private(set) var phase = Phase.running
    var shared: [SharedSlot]
    private var lastFailure: PostgresFailure?
    var loans: [Int: Loan] = [:]
    var lastSlot: Int
    var segments = Turns()
    var borrowers = Turns()
    /// How many segments each party has waiting or in flight.
    var demand = Tally()
    /// Counts the segments that have ended.
    var moves = 0

    init(_ limits: Limits) {
        self.limits = limits
        shared = (0..<limits.shared + limits.spare).map { SharedSlot($0 < limits.shared ? .offline : .unopened) }
        lastSlot = shared.count - 1
    }

    /// Why requests have to wait: that no connection can be had, and otherwise that there are too few.
    var reasonToWait: PostgresFailure {
        (shared.contains(where: \.isReady) ? nil : lastFailure) ?? PostgresFailure(.timeout)
    }

    func isShared(slot: Int) -> Bool { slot < shared.count }

    /// A request stops waiting. False if it waits no longer.
    mutating func leave(_ request: Int) -> Bool {
        guard let party = segments.remove(request) else { return borrowers.remove(request) != nil }
        demand.remove(party)
        return true
    }
}

// MARK: - Connections

extension PoolStateMachine {
    mutating func start() -> [Action] {
        shared.indices.flatMap { reconnectDue(slot: $0) }
    }

    mutating func reconnectDue(slot: Int) -> [Action] {
        guard phase != .finished, shared[slot].state == .offline else { return [] }
        shared[slot].state = .connecting
        return [.connect(slot: slot)]
    }

    mutating func connected(slot: Int) -> [Action] {
        guard phase != .finished else { return [.close(slot: slot)] }
        guard isShared(slot: slot) else { return lend(slot: slot) }
        shared[slot].state = .ready
        shared[slot].failures = 0
        return dispatch()
    }

    /// A connection could not be opened. A borrower is told; segments wait for another try.
    mutating func connectFailed(slot: Int, _ failure: PostgresFailure, jitter: Double) -> [Action] {
        lastFailure = failure
        guard isShared(slot: slot) else { return loanFailed(slot: slot, failure) }
        return retry(slot: slot, jitter: jitter)
    }

    /// An open connection is gone, and with it all that was in flight on it.
    mutating func lost(slot: Int, jitter: Double) -> [Action] {
        guard isShared(slot: slot) else {
            // One on loan is given back by its borrower, who finds out by himself.
            if case .idle? = loans[slot] { loans[slot] = nil }
            return []
        }
        return retry(slot: slot, jitter: jitter)
    }

    private mutating func retry(slot: Int, jitter: Double) -> [Action] {
        shared[slot].state = .offline
        for party in shared[slot].clear() { demand.remove(party) }
        guard phase != .finished else { return [] }
        let delay = Backoff.reconnecting.delay(failures: shared[slot].failures, jitter: jitter)
        shared[slot].failures += 1
        return [.reconnect(slot: slot, after: delay)] + dispatch()
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
        let waiting = segments.removeAll() + borrowers.removeAll()
        return waiting.map { .fail(request: $0, PostgresFailure(.cancelled)) } + finish()
    }

    mutating func finishIfDrained() -> [Action] {
        guard phase == .draining, segments.isEmpty, borrowers.isEmpty, shared.allSatisfy({ $0.count == 0 }), !isLending else { return [] }
        return finish()
    }

    private mutating func finish() -> [Action] {
        guard phase != .finished else { return [] }
        phase = .finished
        let open = shared.indices.filter { shared[$0].isReady }
        let idle = loans.filter { $0.value != .connecting }.keys.sorted()
        return (open + idle).map { .close(slot: $0) } + [.finished]
    }
}
