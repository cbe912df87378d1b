/// How many each party has of something. A few parties at a time: looking through them costs less than hashing.
struct Tally {
    private var entries: [(party: Party, count: Int)] = []

    /// How many have any.
    var parties: Int { entries.count }

    func count(of party: Party) -> Int {
        for entry in entries where entry.party == party { return entry.count }
        return 0
    }

    /// One more.
    mutating func add(_ party: Party) {
        for index in entries.indices where entries[index].party == party {
            entries[index].count += 1
            return
        }
        entries.append((party, 1))
    }

    /// One less.
    mutating func remove(_ party: Party) {
        guard let index = entries.firstIndex(where: { $0.party == party }) else { return }
        entries[index].count -= 1
        if entries[index].count == 0 { entries.remove(at: index) }
    }
}
