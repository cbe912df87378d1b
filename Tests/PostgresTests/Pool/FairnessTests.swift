import Testing

@testable import Postgres

/// Fault 35: nobody's flood keeps others from the database.
@Suite struct FairnessTests {
    private let unreachable = PostgresFailure(.unreachable)
    private let parish = Party(2)
    private let abbey = Party(3)
    private let court = Party(4)

    private func running(shared: Int = 2, leased: Int = 1, spare: Int = 1, queue: Int = 100, depth: Int = 32) -> PoolStateMachine {
        var machine = PoolStateMachine(.init(shared: shared, leased: leased, spare: spare, queue: queue, depth: depth))
        #expect(machine.start() == (0..<shared).map { .connect(slot: $0) })
        for slot in 0..<shared { #expect(machine.connected(slot: slot) == []) }
        return machine
    }

    // MARK: Segments

    @Test func byItselfAPartyHasAllOrdinaryConnectionsAndNoneIsOpenedBesides() {
        var machine = running(depth: 2)
        for (request, slot) in [(1, 0), (2, 1), (3, 0), (4, 1)] { #expect(machine.submit(request, for: parish) == .send(slot: slot)) }
        #expect(machine.submit(5, for: parish) == .wait())
        #expect(machine.segmentEnded(slot: 1) == [.send(request: 5, slot: 1)])
    }

    @Test func whoeverFindsAllHeldByOthersGetsASpareConnection() {
        var machine = running()
        #expect(machine.submit(1, for: parish) == .send(slot: 0))
        #expect(machine.submit(2, for: parish) == .send(slot: 1))
        #expect(machine.submit(3, for: abbey) == .wait(connecting: 2))
        #expect(machine.submit(4, for: abbey) == .wait())
        // Meanwhile others go on.
        #expect(machine.submit(5, for: parish) == .send(slot: 0))
        #expect(machine.connected(slot: 2) == [.send(request: 3, slot: 2), .send(request: 4, slot: 2)])
    }

    @Test func theSpareConnectionIsNotForWhoeverHoldsAllOthers() {
        var machine = running(depth: 1)
        #expect(machine.submit(1, for: parish) == .send(slot: 0))
        #expect(machine.submit(2, for: parish) == .send(slot: 1))
        #expect(machine.submit(3, for: parish) == .wait())
        #expect(machine.submit(4, for: abbey) == .wait(connecting: 2))
        #expect(machine.connected(slot: 2) == [.send(request: 4, slot: 2)])
        // Nor when nobody else is there.
        #expect(machine.segmentEnded(slot: 2) == [])
        #expect(machine.submit(5, for: abbey) == .send(slot: 2))
        #expect(machine.segmentEnded(slot: 0) == [.send(request: 3, slot: 0)])
    }

    @Test func nobodyIsSentBehindSomebodyElseWhereThereIsRoomApart() {
        var machine = running(shared: 3)
        #expect(machine.submit(1, for: parish) == .send(slot: 0))
        #expect(machine.submit(2, for: abbey) == .send(slot: 1))
        #expect(machine.submit(3, for: abbey) == .send(slot: 2))
        // Its own has more in flight than those of the other.
        for request in 4...8 { #expect(machine.submit(request, for: parish) == .send(slot: 0)) }
    }

    @Test func whatWaitsBehindItsOwnIsNotSentBehindOthers() {
        var machine = running(depth: 2)
        #expect(machine.submit(1, for: parish) == .send(slot: 0))
        #expect(machine.submit(2, for: abbey) == .send(slot: 1))
        #expect(machine.submit(3, for: abbey) == .send(slot: 1))
        #expect(machine.submit(4, for: abbey) == .wait())
        #expect(machine.segmentEnded(slot: 1) == [.send(request: 4, slot: 1)])
    }

    @Test func aShareShrinksWhenOthersCome() {
        var machine = running(shared: 4)
        for (request, slot) in [(1, 0), (2, 1), (3, 2), (4, 3)] { #expect(machine.submit(request, for: parish) == .send(slot: slot)) }
        #expect(machine.submit(5, for: abbey) == .wait(connecting: 4))
        #expect(machine.connected(slot: 4) == [.send(request: 5, slot: 4)])
        // Three of five for each of two: the fourth is left to run empty.
        for (request, slot) in [(6, 0), (7, 1), (8, 2), (9, 0)] { #expect(machine.submit(request, for: parish) == .send(slot: slot)) }
        #expect(machine.segmentEnded(slot: 3) == [])
        #expect(machine.submit(10, for: parish) == .send(slot: 1))
        #expect(machine.submit(11, for: abbey) == .send(slot: 3))
    }

    @Test func whereAllAreHeldTheOneThatGetsOnIsTaken() {
        var machine = running()
        #expect(machine.submit(1, for: parish) == .send(slot: 0))
        #expect(machine.submit(2, for: parish) == .send(slot: 1))
        #expect(machine.submit(3, for: abbey) == .wait(connecting: 2))
        #expect(machine.connected(slot: 2) == [.send(request: 3, slot: 2)])
        #expect(machine.submit(4, for: abbey) == .send(slot: 2))
        #expect(machine.segmentEnded(slot: 2) == [])
        // Nothing has moved on the first two.
        #expect(machine.submit(5, for: court) == .send(slot: 2))
    }

    @Test func partiesAreServedInTurn() {
        var machine = running(shared: 1, spare: 0, depth: 1)
        #expect(machine.submit(1, for: parish) == .send(slot: 0))
        for request in 2...4 { #expect(machine.submit(request, for: parish) == .wait()) }
        for request in 5...6 { #expect(machine.submit(request, for: abbey) == .wait()) }
        #expect(machine.submit(7, for: court) == .wait())
        for request in [2, 5, 7, 3, 6, 4] { #expect(machine.segmentEnded(slot: 0) == [.send(request: request, slot: 0)]) }
    }

    @Test func eachHasAnEvenPartOfTheQueue() {
        var machine = running(shared: 1, spare: 0, queue: 4, depth: 1)
        #expect(machine.submit(1, for: parish) == .send(slot: 0))
        for request in 2...4 { #expect(machine.submit(request, for: parish) == .wait()) }
        #expect(machine.submit(5, for: parish) == .refuse(PostgresFailure(.overloaded)))
        #expect(machine.submit(6, for: abbey) == .wait())
        #expect(machine.submit(7, for: abbey) == .wait())
        #expect(machine.submit(8, for: abbey) == .refuse(PostgresFailure(.overloaded)))
        #expect(machine.leave(2) == true)
        // What it has is more than its part still.
        #expect(machine.submit(9, for: parish) == .refuse(PostgresFailure(.overloaded)))
        #expect(machine.leave(6) && machine.leave(7))
        #expect(machine.submit(10, for: parish) == .wait())
    }

    @Test func withoutASpareConnectionPartiesShareWhatThereIs() {
        var machine = running()
        #expect(machine.submit(1, for: parish) == .send(slot: 0))
        #expect(machine.submit(2, for: parish) == .send(slot: 1))
        #expect(machine.submit(3, for: abbey) == .wait(connecting: 2))
        let actions = machine.connectFailed(slot: 2, unreachable, jitter: 1)
        #expect(actions == [.reconnect(slot: 2, after: .milliseconds(50)), .send(request: 3, slot: 0)])
        // While it is tried again too.
        #expect(machine.reconnectDue(slot: 2) == [.connect(slot: 2)])
        #expect(machine.submit(4, for: abbey) == .send(slot: 0))
        #expect(machine.connected(slot: 2) == [])
        #expect(machine.submit(5, for: abbey) == .send(slot: 2))
    }

    @Test func whatALostConnectionTakesAlongCountsNoMore() {
        var machine = running(shared: 1, queue: 2)
        #expect(machine.submit(1, for: parish) == .send(slot: 0))
        #expect(machine.submit(2, for: parish) == .send(slot: 0))
        #expect(machine.lost(slot: 0, jitter: 1) == [.reconnect(slot: 0, after: .milliseconds(50))])
        #expect(machine.submit(3, for: parish) == .wait())
        #expect(machine.submit(4, for: parish) == .wait())
        #expect(machine.submit(5, for: parish) == .refuse(PostgresFailure(.overloaded)))
    }

    // MARK: Loans

    @Test func nobodyBorrowsAllConnections() {
        var machine = running()
        #expect(machine.borrow(1, for: parish) == [.connect(slot: 3)])
        #expect(machine.connected(slot: 3) == [.lend(request: 1, slot: 3)])
        #expect(machine.borrow(2, for: parish) == [])
        #expect(machine.borrow(3, for: abbey) == [.connect(slot: 4)])
        #expect(machine.connected(slot: 4) == [.lend(request: 3, slot: 4)])
        #expect(machine.giveBack(slot: 4, isUsable: true) == [])
        #expect(!machine.isLent(slot: 4))
        #expect(machine.borrow(5, for: abbey) == [.lend(request: 5, slot: 4)])
    }

    @Test func borrowersAreServedInTurn() {
        var machine = running(leased: 1, spare: 0)
        #expect(machine.borrow(1, for: parish) == [.connect(slot: 2)])
        #expect(machine.connected(slot: 2) == [.lend(request: 1, slot: 2)])
        for request in 2...3 { #expect(machine.borrow(request, for: parish) == []) }
        #expect(machine.borrow(4, for: abbey) == [])
        for request in [2, 4, 3] { #expect(machine.giveBack(slot: 2, isUsable: true) == [.lend(request: request, slot: 2)]) }
    }
}
