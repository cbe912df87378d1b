import DequeModule

/// A connection that several share, as the ``PoolStateMachine`` knows it.
struct SharedSlot {
    enum State {
        /// Nobody has needed it yet.
        case unopened
        case offline, connecting, ready
    }

    var state: State
    /// How often connecting has failed since it was last open.
    var failures = 0
    /// Whose segments are in flight, in the order in which they end.
    private var line: Deque<Party> = []
    private var tally = Tally()
    /// When the oldest in flight became the oldest, in moves of all connections. It tells which ones get on, without a clock.
    private(set) var moved = 0

    init(_ state: State) {
        self.state = state
    }

    var count: Int { line.count }
    var isReady: Bool { state == .ready }
    /// Opening it for the first time takes some milliseconds, and then it is there.
    var isOnItsWay: Bool { state == .connecting && failures == 0 }

    func count(of party: Party) -> Int { tally.count(of: party) }

    func isHeldAlone(by party: Party) -> Bool { !line.isEmpty && count(of: party) == line.count }

    mutating func append(_ party: Party, at move: Int) {
        if line.isEmpty { moved = move }
        line.append(party)
        tally.add(party)
    }

    /// The oldest has ended.
    mutating func popFirst(at move: Int) -> Party? {
        guard let party = line.popFirst() else { return nil }
        moved = move
        tally.remove(party)
        return party
    }

    /// The connection is gone, or was never there.
    /// - Returns: whose segments are lost with it.
    mutating func clear() -> Deque<Party> {
        defer { (line, tally) = ([], Tally()) }
        return line
    }
}
