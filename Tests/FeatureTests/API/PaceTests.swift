import Testing

@testable import Jobs
@testable import Tenancy

/// How a job leaves the database to those who ask for something, as a dialogue: what a batch has shown, and what is done about it.
@Suite struct PaceTests {
    private static func shown(
        _ took: Int, idle: Duration? = .zero, usual: Int? = 2, disturbed: Int? = nil
    ) -> Pace.Observation {
        .init(
            took: .milliseconds(took),
            waits: .init(usual: usual.map { .milliseconds($0) }, disturbed: disturbed.map { .milliseconds($0) }, idle: idle))
    }

    @Test(arguments: [nil, Duration.seconds(1)]) func batchesAreLargeAndFollowAtOnceWhileNobodyIsThere(idle: Duration?) {
        var pace = Pace()
        for size in [4_000, 8_000, 16_000, 32_000, 50_000, 50_000] {
            #expect(pace.adapt(to: Self.shown(5, idle: idle)) == .init() && pace.size == size)
        }
        // Nobody can be foreseen, so they stay bounded.
        _ = pace.adapt(to: Self.shown(300, idle: idle))
        #expect(pace.size == 33_333)
        _ = pace.adapt(to: Self.shown(10_000, idle: idle))
        #expect(pace.size == 16_666)
    }

    @Test func whoeverComesIsMadeRoomForAtOnce() {
        var pace = Pace()
        for _ in 0..<5 { _ = pace.adapt(to: Self.shown(5, idle: nil)) }
        #expect(pace.size == 50_000)
        #expect(pace.adapt(to: Self.shown(200, idle: .milliseconds(3))) == .init(length: .milliseconds(400)))
        #expect(pace.size == 1_250)
    }

    @Test func batchesGetShorterAndThenRestsLongerWhileSomebodyIsDisturbed() {
        var pace = Pace()
        for target in [2_500, 1_250, 1_000] {
            _ = pace.adapt(to: Self.shown(2, disturbed: 3))
            #expect(pace.target == .microseconds(target) && pace.patience == 2)
        }
        for patience in [4.0, 8, 16, 32, 64, 64] {
            #expect(pace.adapt(to: Self.shown(2, disturbed: 3)).length == .milliseconds(2) * patience)
        }
        // And back, as soon as nobody notices.
        for patience in [32.0, 16, 8, 4, 2, 1] {
            #expect(pace.adapt(to: Self.shown(2, disturbed: 2)).length == .milliseconds(2) * patience)
            #expect(pace.target == .milliseconds(1))
        }
        for _ in 0..<30 { _ = pace.adapt(to: Self.shown(2, disturbed: 2)) }
        #expect(pace.target == .milliseconds(50))
    }

    @Test func whatIsBearableOrUnknownChangesNothing() {
        var pace = Pace()
        let (target, patience) = (pace.target, pace.patience)
        for disturbed in [nil, 12] {
            _ = pace.adapt(to: Self.shown(5, usual: 10, disturbed: disturbed))
            #expect(pace.target == target && pace.patience == patience && pace.size == 2_000)
        }
    }

    @Test func aRestIsLongEnoughToListenNowAndThen() {
        var pace = Pace()
        // As long as nothing is known, each time.
        #expect(pace.adapt(to: Self.shown(5, usual: nil)) == .init(length: .milliseconds(50), listens: true))
        let rests = (0..<200).map { _ in pace.adapt(to: Self.shown(5)) }
        #expect(
            rests.filter(\.listens) == [.init(length: .milliseconds(50), listens: true), .init(length: .milliseconds(50), listens: true)])
        #expect(rests.filter { !$0.listens }.allSatisfy { $0 == .init(length: .milliseconds(10)) })
        #expect(pace.adapt(to: Self.shown(60_000)).length == .seconds(2))
    }

    @Test func batchesThatNobodyMayWriteInStayShort() {
        var pace = Pace(longest: .milliseconds(50))
        #expect(pace.adapt(to: Self.shown(100, idle: nil)) == .init() && pace.size == 1_000)
    }

    @Test func waitsAreToldInClassesThatAreASixteenthWide() throws {
        for microseconds in [1, 15, 31, 32, 33, 1_000, 12_345, 5_000_000] {
            var durations = Durations(memory: 10)
            durations.add(.microseconds(microseconds))
            let told = try #require(durations.most(of: 1, enough: 1)) / .microseconds(1)
            #expect(abs(told - Double(microseconds)) <= Double(microseconds) / 16, "\(told) for \(microseconds)")
        }
        var durations = Durations(memory: 100)
        #expect(durations.most(of: 0.5, enough: 1) == nil)
        for number in 1...100 { durations.add(.microseconds(number)) }
        #expect(durations.most(of: 0.5, enough: 100) == .microseconds(51) && durations.most(of: 0.5, enough: 101) == nil)
        // What came long ago counts less and less.
        for _ in 0..<1_000 { durations.add(.microseconds(7)) }
        #expect(durations.most(of: 0.9, enough: 100) == .microseconds(7) && durations.count < 200)
    }

    @Test func whoAskedWhileAJobWasAtItIsToldApart() async throws {
        let waits = Waits()
        #expect(waits.read() == .init())
        for _ in 0..<200 { await waits.timing {} }
        #expect(waits.read().usual != nil && waits.read().disturbed == nil)
        waits.disturb()
        waits.disturb()
        waits.calm()
        await waits.timing {
            // Still at it.
            #expect(waits.read().idle == .zero)
        }
        for _ in 0..<199 { await waits.timing {} }
        waits.calm()
        await waits.timing {}
        let told = waits.read()
        #expect(told.disturbed != nil && told.idle != .zero)
        // Counted anew.
        #expect(waits.read().disturbed == nil)
    }
}
