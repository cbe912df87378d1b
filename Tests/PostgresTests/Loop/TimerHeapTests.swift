import Testing

@testable import Postgres

@Suite struct TimerHeapTests {
    @Test func timersComeInTheOrderOfTheirDeadlines() {
        var heap = TimerHeap<Int>()
        let deadlines = (0..<200).shuffled()
        for deadline in deadlines { heap.insert(deadline, at: deadline) }
        #expect(heap.earliest == 0)
        var seen: [Int] = []
        while let id = heap.popDue(149) { seen.append(id) }
        #expect(seen == Array(0..<150))
        #expect(heap.earliest == 150)
    }

    @Test func waitingIsRoundedUpToMilliseconds() {
        #expect(milliseconds(.microseconds(1)) == 1)
        #expect(milliseconds(.milliseconds(1500)) == 1500)
        #expect(milliseconds(.seconds(-3)) == 0)
        #expect(milliseconds(.seconds(1 << 40)) == 1_000_000_000)
    }
}
