extension PoolStateMachine {
    mutating func borrow(_ request: Int, for party: Party = .keeper) -> [Action] {
        guard phase == .running else { return [.fail(request: request, PostgresFailure(.cancelled))] }
        let waiting = borrowers.count(of: party)
        let parties = borrowers.parties.count + (waiting > 0 ? 0 : 1)
        guard waiting < max(1, limits.queue / parties) else { return [.fail(request: request, PostgresFailure(.overloaded))] }
        borrowers.append(request, for: party)
        return serveBorrowers()
    }

    var isLending: Bool {
        loans.values.contains { if case .lent = $0 { true } else { false } }
    }

    func isLent(slot: Int) -> Bool {
        if case .lent? = loans[slot] { true } else { false }
    }

    mutating func giveBack(slot: Int, isUsable: Bool) -> [Action] {
        if isUsable { return lend(slot: slot) }
        loans[slot] = nil
        return serveBorrowers() + finishIfDrained()
    }

    mutating func lend(slot: Int) -> [Action] {
        loans[slot] = .idle
        return serveBorrowers() + finishIfDrained()
    }

    /// A connection for a loan could not be opened: whoever would have got it is told.
    mutating func loanFailed(slot: Int, _ failure: PostgresFailure) -> [Action] {
        loans[slot] = nil
        let failed = nextBorrower().map { [Action.fail(request: $0.request, failure)] } ?? []
        return failed + serveBorrowers() + finishIfDrained()
    }

    /// Lends what is idle, in turn, and opens one more if that is not enough.
    private mutating func serveBorrowers() -> [Action] {
        var actions: [Action] = []
        while let idle = loans.first(where: { $0.value == .idle })?.key, let next = nextBorrower() {
            loans[idle] = .lent(next.party)
            actions.append(.lend(request: next.request, slot: idle))
        }
        return actions + openLoan()
    }

    /// As many connections as there are borrowers who may have one, up to the limit.
    private mutating func openLoan() -> [Action] {
        let opening = loans.values.count { $0 == .connecting }
        let wanted = borrowers.parties.reduce(0) { $0 + min(borrowers.count(of: $1), left(for: $1)) }
        guard wanted > opening, loans.count < limits.leased + limits.spare else { return [] }
        lastSlot += 1
        loans[lastSlot] = .connecting
        return [.connect(slot: lastSlot)]
    }

    private mutating func nextBorrower() -> (request: Int, party: Party)? {
        guard let party = borrowers.parties.first(where: { left(for: $0) > 0 }), let request = borrowers.take(from: party) else {
            return nil
        }
        return (request, party)
    }

    /// How many more a party may have.
    private func left(for party: Party) -> Int {
        let holders = loans.values.compactMap { if case .lent(let holder) = $0 { holder } else { nil } }
        let share = Allowance(ordinary: limits.leased, spare: limits.spare).share(among: Set(holders + borrowers.parties).count)
        return max(0, share - holders.count { $0 == party })
    }
}
