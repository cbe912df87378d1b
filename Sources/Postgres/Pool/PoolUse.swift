/// How busy a pool is at a moment.
public struct PoolUse: Equatable, Sendable {
    /// Shared connections that are open, of how many.
    public var connected = 0
    public var shared = 0
    /// Segments that the server has been sent and not answered.
    public var inFlight = 0
    /// Segments that wait for room on a connection.
    public var waiting = 0
    /// Connections on loan, of how many there may be.
    public var lent = 0
    public var lendable = 0
    /// Whoever waits for one.
    public var borrowers = 0
}

extension PoolStateMachine {
    var use: PoolUse {
        var use = PoolUse()
        (use.shared, use.lendable) = (limits.shared, limits.leased)
        for case .ready(let inFlight) in shared {
            use.connected += 1
            use.inFlight += inFlight
        }
        use.waiting = segments.count
        for case .lent in loans.values { use.lent += 1 }
        use.borrowers = borrowers.count
        return use
    }
}
