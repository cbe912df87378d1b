import Testing

@testable import Postgres

@Suite struct PoolStateMachineTests {
    private let unreachable = PostgresFailure(.unreachable)

    private func machine(shared: Int = 2, leased: Int = 1, queue: Int = 100, depth: Int = 32) -> PoolStateMachine {
        PoolStateMachine(.init(shared: shared, leased: leased, queue: queue, depth: depth))
    }

    /// With all shared connections open.
    private func running(shared: Int = 2, leased: Int = 1, queue: Int = 100, depth: Int = 32) -> PoolStateMachine {
        var machine = machine(shared: shared, leased: leased, queue: queue, depth: depth)
        #expect(machine.start() == (0..<shared).map { .connect(slot: $0) })
        for slot in 0..<shared { #expect(machine.connected(slot: slot) == []) }
        return machine
    }

    @Test func segmentsGoWhereTheFewestAreInFlight() {
        var machine = running()
        #expect(machine.submit(1) == .send(slot: 0))
        #expect(machine.submit(2) == .send(slot: 1))
        #expect(machine.submit(3) == .send(slot: 0))
        #expect(machine.segmentEnded(slot: 1) == [])
        #expect(machine.submit(4) == .send(slot: 1))
    }

    @Test func segmentsWaitForAConnectionInTurn() {
        var machine = machine(shared: 1)
        #expect(machine.submit(1) == .wait())
        #expect(machine.submit(2) == .wait())
        #expect(machine.start() == [.connect(slot: 0)])
        #expect(machine.connected(slot: 0) == [.send(request: 1, slot: 0), .send(request: 2, slot: 0)])
    }

    @Test func beyondTheDepthTheyWaitForWhicheverIsFirst() {
        var machine = running(depth: 1)
        #expect(machine.submit(1) == .send(slot: 0))
        #expect(machine.submit(2) == .send(slot: 1))
        #expect(machine.submit(3) == .wait())
        #expect(machine.segmentEnded(slot: 1) == [.send(request: 3, slot: 1)])
    }

    @Test func theQueueIsBounded() {
        var machine = running(shared: 1, queue: 2, depth: 1)
        #expect(machine.submit(1) == .send(slot: 0))
        #expect(machine.submit(2) == .wait())
        #expect(machine.submit(3) == .refuse(PostgresFailure(.overloaded)))
        #expect(machine.leave(2) == true)
        #expect(machine.leave(2) == false)
        #expect(machine.submit(4) == .wait())
    }

    @Test func connectionsThatFailAreTriedAgainMoreAndMoreRarely() {
        var machine = machine(shared: 1)
        #expect(machine.start() == [.connect(slot: 0)])
        #expect(machine.connectFailed(slot: 0, unreachable, jitter: 1) == [.reconnect(slot: 0, after: .milliseconds(50))])
        #expect(machine.reasonToWait == unreachable)
        #expect(machine.reconnectDue(slot: 0) == [.connect(slot: 0)])
        #expect(machine.reconnectDue(slot: 0) == [])
        #expect(machine.connectFailed(slot: 0, unreachable, jitter: 0) == [.reconnect(slot: 0, after: .milliseconds(50))])
        #expect(machine.reconnectDue(slot: 0) == [.connect(slot: 0)])
        #expect(machine.connected(slot: 0) == [])
        #expect(machine.reasonToWait == PostgresFailure(.timeout))
        #expect(machine.lost(slot: 0, jitter: 1) == [.reconnect(slot: 0, after: .milliseconds(50))])
    }

    @Test func whatIsWaitingSurvivesALostConnection() {
        var machine = running(shared: 1, depth: 1)
        #expect(machine.submit(1) == .send(slot: 0))
        #expect(machine.submit(2) == .wait())
        #expect(machine.lost(slot: 0, jitter: 1) == [.reconnect(slot: 0, after: .milliseconds(50))])
        #expect(machine.reconnectDue(slot: 0) == [.connect(slot: 0)])
        #expect(machine.connected(slot: 0) == [.send(request: 2, slot: 0)])
    }

    @Test func loansAreOpenedOnDemandAndLentAgain() {
        var machine = running()
        #expect(machine.borrow(1) == [.connect(slot: 2)])
        #expect(machine.connected(slot: 2) == [.lend(request: 1, slot: 2)])
        #expect(machine.isLent(slot: 2))
        #expect(machine.borrow(2) == [])
        #expect(machine.giveBack(slot: 2, isUsable: true) == [.lend(request: 2, slot: 2)])
        #expect(machine.giveBack(slot: 2, isUsable: true) == [])
        #expect(machine.borrow(3) == [.lend(request: 3, slot: 2)])
    }

    @Test func aLoanThatCannotBeLentAgainIsReplaced() {
        var machine = running()
        _ = machine.borrow(1)
        _ = machine.connected(slot: 2)
        #expect(machine.borrow(2) == [])
        #expect(machine.giveBack(slot: 2, isUsable: false) == [.connect(slot: 3)])
        #expect(machine.connected(slot: 3) == [.lend(request: 2, slot: 3)])
    }

    @Test func aBorrowerLearnsThatConnectingFailed() {
        var machine = running()
        _ = machine.borrow(1)
        _ = machine.borrow(2)
        #expect(machine.connectFailed(slot: 2, unreachable, jitter: 1) == [.fail(request: 1, unreachable), .connect(slot: 3)])
    }

    @Test func anIdleLoanThatIsLostIsForgotten() {
        var machine = running()
        _ = machine.borrow(1)
        _ = machine.connected(slot: 2)
        _ = machine.giveBack(slot: 2, isUsable: true)
        #expect(machine.lost(slot: 2, jitter: 1) == [])
        #expect(machine.borrow(2) == [.connect(slot: 3)])
    }

    @Test func drainingServesWhatWasAccepted() {
        var machine = running(shared: 1, depth: 1)
        #expect(machine.submit(1) == .send(slot: 0))
        #expect(machine.submit(2) == .wait())
        _ = machine.borrow(3)
        _ = machine.connected(slot: 1)
        #expect(machine.drain() == [])
        #expect(machine.submit(4) == .refuse(PostgresFailure(.cancelled)))
        #expect(machine.borrow(5) == [.fail(request: 5, PostgresFailure(.cancelled))])
        #expect(machine.segmentEnded(slot: 0) == [.send(request: 2, slot: 0)])
        #expect(machine.segmentEnded(slot: 0) == [])
        #expect(machine.giveBack(slot: 1, isUsable: true) == [.close(slot: 0), .close(slot: 1), .finished])
        #expect(machine.drain() == [])
    }

    @Test func abortingFailsWhatWaits() {
        var machine = machine(shared: 1)
        #expect(machine.submit(1) == .wait())
        #expect(machine.start() == [.connect(slot: 0)])
        #expect(machine.abort() == [.fail(request: 1, PostgresFailure(.cancelled)), .finished])
        #expect(machine.connected(slot: 0) == [.close(slot: 0)])
    }
}

@Suite struct BackoffTests {
    @Test func itDoublesUpToALimitAndHalvesAtMost() {
        let backoff = Backoff(first: .milliseconds(100), most: .seconds(1))
        #expect((0..<5).map { backoff.delay(failures: $0, jitter: 1) } == [100, 200, 400, 800, 1000].map { .milliseconds($0) })
        #expect(backoff.delay(failures: 500, jitter: 0) == .milliseconds(500))
    }
}
