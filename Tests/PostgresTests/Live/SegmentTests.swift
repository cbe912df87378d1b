import NIOCore
import Postgres
import Testing

@Suite struct SegmentTests {
    @Test func resultsComeInTheOrderOfTheCalls() async throws {
        try await Server.withPool { pool in
            let rows = try await pool.segment([
                Call("SELECT $1::int + 1", [.text("41")]), Call("SELECT $1::text IS NULL", [.null]), Call("SELECT 'b'"),
            ])
            #expect(rows.map { $0.text(0, 0) } == ["42", "t", "b"])
        }
    }

    @Test func nothingIsSentForNoCalls() async throws {
        try await Server.withPool { pool async throws in #expect(try await pool.segment([]).isEmpty) }
    }

    @Test func allCallsAreOneTransaction() async throws {
        try await Server.withPool { pool in
            let rows = try await pool.segment([
                Call("SELECT set_config('app.tenant', $1, true)", [.text("seven")]), Call("SELECT current_setting('app.tenant')"),
            ])
            #expect(rows[1].text(0, 0) == "seven")
            #expect(try await pool.value("SELECT current_setting('app.tenant', true)") != "seven")
        }
    }

    @Test func anEmptyStatementHasNoRows() async throws {
        try await Server.withPool { pool in
            let rows = try await pool.segment([Call("")])
            #expect(rows[0].count == 0)
            #expect(try await pool.isInStep())
        }
    }

    @Test func sessionsRunInUTCWithISODates() async throws {
        try await Server.withPool { pool in
            let time = try await pool.value("SELECT timestamptz '2026-01-02 03:04:05+02'")
            #expect(time == "2026-01-02 01:04:05+00")
        }
    }

    @Test func eightMegabytesArriveWhole() async throws {
        try await Server.withPool { pool in
            let body = ByteBuffer(repeating: UInt8(ascii: "x"), count: 8 << 20)
            let rows = try await pool.segment([Call("SELECT length($1::text), $1::text", [.bytes(body)])])
            #expect(rows[0].text(0, 0) == "\(8 << 20)")
            #expect(rows[0].withBytes(0, 1) { $0.count } == 8 << 20)
            #expect(try await pool.isInStep())
        }
    }

    @Test(arguments: [true, false]) func aRepeatedCallGetsFreshAnswers(cached: Bool) async throws {
        try await Server.withPool {
            $0.statementCache = cached
        } _: { pool async throws in
            for number in 0..<20 { #expect(try await pool.value("SELECT $1::int * 2", .text("\(number)")) == "\(number * 2)") }
            #expect(try await pool.value("SELECT count(*) > 0 FROM pg_prepared_statements") == (cached ? "t" : "f"))
        }
    }

    @Test func evictedStatementsAreDeallocated() async throws {
        try await Server.withPool {
            $0.shared = 1
            $0.statementCacheSize = 3
        } _: { pool in
            for round in 0..<3 {
                for number in 0..<10 {
                    #expect(try await pool.value("SELECT \(number) + $1::int", .text("\(round)")) == "\(number + round)")
                }
            }
            _ = try await pool.isInStep()
            let prepared = try await pool.value("SELECT count(*) FROM pg_prepared_statements").flatMap { Int($0) }
            // Those of the cache, and what the last segments evicted and the next one will deallocate.
            #expect(try #require(prepared) <= 6)
        }
    }

    @Test func aStatementWhoseResultChangedIsPreparedAnew() async throws {
        try await Server.withPool {
            $0.shared = 1
        } _: { pool in
            _ = try await pool.segment([Call("DROP TABLE IF EXISTS segment_change"), Call("CREATE TABLE segment_change (a int)")])
            for _ in 0..<3 { _ = try await pool.segment([Call("SELECT * FROM segment_change")]) }
            _ = try await pool.segment([Call("ALTER TABLE segment_change ADD b int")])
            #expect(try await pool.segment([Call("SELECT * FROM segment_change")])[0].columns.map(\.name) == ["a", "b"])
            _ = try await pool.segment([Call("DROP TABLE segment_change")])
        }
    }

    @Test func everyTaskGetsItsOwnAnswer() async throws {
        try await Server.withPool {
            $0.shared = 4
        } _: { pool in
            let wrong = try await withThrowingTaskGroup(of: Int.self) { group in
                for task in 0..<64 {
                    group.addTask {
                        var wrong = 0
                        for round in 0..<50 {
                            let rows = try await pool.segment([
                                Call("SELECT $1::int", [.text("\(task)")]),
                                Call("SELECT $1::int, repeat('x', $1::int)", [.text("\(round)")]),
                            ])
                            if rows[0].text(0, 0) != "\(task)" || rows[1].text(0, 0) != "\(round)" { wrong += 1 }
                        }
                        return wrong
                    }
                }
                return try await group.reduce(0, +)
            }
            #expect(wrong == 0)
        }
    }

    @Test func tasksOnTheLoopGetTheirAnswersToo() async throws {
        try await Server.withPool { pool in
            let answers = try await withTaskExecutorPreference(pool.loop) {
                [try await pool.value("SELECT 1"), try await pool.value("SELECT 2")]
            }
            #expect(answers == ["1", "2"])
        }
    }
}
