/// How busy a pool is at a moment.
public struct PoolUse: Equatable, Sendable {
    /// Shared connections that are open, of how many. A spare one counts once somebody has needed it.
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
        use.lendable = limits.leased + limits.spare
        for slot in shared where slot.state != .unopened {
            use.shared += 1
            use.connected += slot.isReady ? 1 : 0
            use.inFlight += slot.count
        }
        use.waiting = segments.count
        use.lent = loans.keys.count(where: isLent)
        use.borrowers = borrowers.count
        return use
    }
}
