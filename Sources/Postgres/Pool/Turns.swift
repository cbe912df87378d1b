import DequeModule

/// Requests that wait, in a line for each party. The parties take turns, and whoever was served goes behind the others.
struct Turns {
    private var lines: [Party: Deque<Int>] = [:]
    /// Those who have somebody waiting, whose turn it is first.
    private(set) var parties: Deque<Party> = []
    private(set) var count = 0

    var isEmpty: Bool { count == 0 }

    func count(of party: Party) -> Int { lines[party]?.count ?? 0 }

    mutating func append(_ request: Int, for party: Party) {
        if lines[party] == nil { parties.append(party) }
        lines[party, default: []].append(request)
        count += 1
    }

    /// Takes the party's first, and its turn.
    mutating func take(from party: Party) -> Int? {
        guard let request = lines[party]?.popFirst() else { return nil }
        count -= 1
        parties.removeAll { $0 == party }
        if lines[party]?.isEmpty == true { lines[party] = nil } else { parties.append(party) }
        return request
    }

    /// A request stops waiting.
    /// - Returns: whose it was; nil if it did not wait.
    mutating func remove(_ request: Int) -> Party? {
        guard let party = parties.first(where: { lines[$0]?.contains(request) == true }) else { return nil }
        lines[party]?.removeAll { $0 == request }
        count -= 1
        guard lines[party]?.isEmpty == true else { return party }
        lines[party] = nil
        parties.removeAll { $0 == party }
        return party
    }

    mutating func removeAll() -> [Int] {
        defer { self = Turns() }
        return parties.flatMap { lines[$0] ?? [] }
    }
}
