import DequeModule

extension PoolStateMachine {
    /// What becomes of a new segment. Not a list of actions, since this is the hot path.
    enum Submission: Equatable {
        case send(slot: Int)
        /// The slot is to be connected, if there is one.
        case wait(connecting: Int? = nil)
        case refuse(PostgresFailure)
    }

    /// Where a party's next segment may go.
    private enum Place {
        case slot(Int)
        /// On a spare connection, once it is open.
        case spare(Int)
        case nowhere
    }

    mutating func submit(_ request: Int, for party: Party = .keeper) -> Submission {
        guard phase == .running else { return .refuse(PostgresFailure(.cancelled)) }
        demand.add(party)
        guard demand.count(of: party) <= max(1, limits.queue / demand.parties) else {
            demand.remove(party)
            return .refuse(PostgresFailure(.overloaded))
        }
        switch !segments.isEmpty && segments.count(of: party) > 0 ? .nowhere : place(for: party) {
        case .slot(let slot):
            shared[slot].append(party, at: moves)
            return .send(slot: slot)
        case .spare(let slot):
            segments.append(request, for: party)
            shared[slot].state = .connecting
            return .wait(connecting: slot)
        case .nowhere:
            segments.append(request, for: party)
            return .wait()
        }
    }

    mutating func segmentEnded(slot: Int) -> [Action] {
        moves += 1
        guard let party = shared[slot].popFirst(at: moves) else { return [] }
        demand.remove(party)
        return dispatch()
    }

    /// Sends what waits, a segment of each party in turn, as far as there are places.
    mutating func dispatch() -> [Action] {
        if segments.isEmpty { return finishIfDrained() }
        var actions: [Action] = []
        while let action = dispatchOne() { actions.append(action) }
        return actions + finishIfDrained()
    }

    private mutating func dispatchOne() -> Action? {
        for party in segments.parties {
            switch place(for: party) {
            case .nowhere: continue
            case .spare(let slot):
                shared[slot].state = .connecting
                return .connect(slot: slot)
            case .slot(let slot):
                guard let request = segments.take(from: party) else { continue }
                shared[slot].append(party, at: moves)
                return .send(request: request, slot: slot)
            }
        }
        return nil
    }

    /// A connection where nothing of others is in flight, so that no party waits for another's slow statements. Where there is none, and
    /// none is to be had, the one that got on last. A party has its share of connections and no more: others find one that is not held.
    private func place(for party: Party) -> Place {
        let share = Allowance(ordinary: limits.shared, spare: limits.spare).share(among: demand.parties)
        let held = shared.count { $0.count(of: party) > 0 }
        var (rank, hasItsOwn) = (0, false)
        var (apart, among): (Int?, Int?) = (nil, nil)
        for (index, slot) in shared.enumerated() where slot.isReady {
            let own = slot.count(of: party)
            if own > 0 { rank += 1 }
            if slot.isHeldAlone(by: party) { hasItsOwn = true }
            guard slot.count < limits.depth, own > 0 ? rank <= share : held < share else { continue }
            if slot.count == own {
                if apart.map({ slot.count < shared[$0].count }) ?? true { apart = index }
            } else if among.map({ slot.moved > shared[$0].moved }) ?? true {
                among = index
            }
        }
        if let apart { return .slot(apart) }
        // What waits behind its own holds up nobody else; and what is on its way is worth waiting for.
        if hasItsOwn || shared.contains(where: \.isOnItsWay) { return .nowhere }
        if demand.parties > 1, held < share, let spare = shared.firstIndex(where: { $0.state == .unopened }) { return .spare(spare) }
        return among.map { .slot($0) } ?? .nowhere
    }
}
