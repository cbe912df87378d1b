/// On whose behalf something is asked of a ``Pool``. Where parties together want more than there is, each gets its share in turn.
public struct Party: Hashable, Sendable {
    private let number: Int

    /// - Parameter number: tells parties apart, and nothing else.
    public init(_ number: Int) {
        self.number = number
    }

    /// Whoever keeps the pool.
    public static let keeper = Party(0)
}

/// How many places there are: what one party may have of them, and more that are there for others.
struct Allowance {
    var ordinary: Int
    var spare: Int

    var all: Int { ordinary + spare }

    /// What each may have, when so many are there. By itself a party has all the ordinary ones.
    func share(among parties: Int) -> Int {
        parties > 1 ? max(1, min(ordinary, (all + parties - 1) / parties)) : ordinary
    }
}
