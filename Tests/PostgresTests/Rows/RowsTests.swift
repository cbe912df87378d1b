import NIOCore
import Postgres
import Testing

@Suite struct RowsTests {
    private func rows(_ sql: String) async throws -> Rows {
        try await Server.withPool { try await $0.segment([Call(sql)])[0] }
    }

    private func object(_ sql: String, skipping: Set<String> = []) async throws -> String {
        var buffer = ByteBuffer()
        try await rows(sql).writeObject(0, into: &buffer, skipping: skipping)
        return String(buffer: buffer)
    }

    @Test func valuesAreReadInPlace() async throws {
        let rows = try await rows("SELECT 'a' AS x, NULL AS y UNION ALL SELECT 'bc', ''")
        #expect(rows.count == 2)
        #expect(rows.columns.map(\.name) == ["x", "y"])
        #expect(rows.columns.map(\.typeOID) == [25, 25])
        #expect(rows.affected == 2)
        #expect((rows.text(1, 0), rows.text(0, 1), rows.text(1, 1)) == ("bc", nil, ""))
        #expect(rows.withBytes(1, 0) { Array($0) } == Array("bc".utf8))
        #expect(rows.isNull(0, 1) && !rows.isNull(1, 1))
    }

    @Test func outOfRangeIsNull() async throws {
        let rows = try await rows("SELECT 1")
        for (row, column) in [(1, 0), (0, 1), (-1, 0), (0, -1)] {
            #expect(rows.isNull(row, column))
            #expect(rows.text(row, column) == nil)
            #expect(rows.withBytes(row, column) { $0.count } == 0)
        }
    }

    @Test func numbersAndTruthValuesAreJSONsOwn() async throws {
        let sql =
            "SELECT true AS t, false AS f, 1::int2 AS a, -2 AS b, 9007199254740993 AS c, 1.5::float4 AS d, 1e300::float8 AS e, 1.20 AS n"
        #expect(try await object(sql) == #"{"t":true,"f":false,"a":1,"b":-2,"c":9007199254740993,"d":1.5,"e":1e+300,"n":1.20}"#)
    }

    @Test func whatJSONCannotSayIsNull() async throws {
        let sql = "SELECT 'NaN'::float8 AS a, '-Infinity'::float4 AS b, 'NaN'::numeric AS c, 'Infinity'::numeric AS d, NULL::int AS e"
        #expect(try await object(sql) == #"{"a":null,"b":null,"c":null,"d":null,"e":null}"#)
    }

    @Test func jsonPassesAndTheRestIsText() async throws {
        let sql = #"SELECT '{"a": [1]}'::json AS "j""k", '[1]'::jsonb AS b, E'x"\n' AS t, ARRAY['a'] AS l, date '2026-01-02' AS d"#
        #expect(try await object(sql) == #"{"j\"k":{"a": [1]},"b":[1],"t":"x\"\n","l":"{a}","d":"2026-01-02"}"#)
    }

    @Test(arguments: [
        ("2026-01-02 03:04:05.678+00", "2026-01-02T03:04:05.678Z"), ("2026-01-02 03:04:05+02", "2026-01-02T01:04:05Z"),
        ("infinity", "infinity"), ("0044-03-15 00:00:00+00 BC", "0044-03-15 00:00:00+00 BC"),
    ])
    func timesAreRFC3339InUTC(text: String, expected: String) async throws {
        #expect(try await object("SELECT timestamptz '\(text)' AS t") == "{\"t\":\"\(expected)\"}")
    }

    @Test(arguments: [("Asia/Kolkata", "+05:30"), ("America/New_York", "-05:00")]) func otherOffsetsAreKept(zone: String, offset: String)
        async throws
    {
        let rows = try await Server.withLease { lease in
            try await lease.segment([Call("SET TimeZone TO '\(zone)'"), Call("SELECT timestamptz '2026-01-02 12:00:00+00' AS t")])[1]
        }
        var buffer = ByteBuffer()
        rows.writeObject(0, into: &buffer)
        #expect(String(buffer: buffer).hasSuffix("\(offset)\"}"))
    }

    @Test func columnsCanBeSkipped() async throws {
        #expect(try await object("SELECT 1 AS a, 2 AS b, 3 AS c", skipping: ["a", "c"]) == #"{"b":2}"#)
        #expect(try await object("SELECT 1 AS a", skipping: ["a"]) == "{}")
    }

    @Test(arguments: [(nil, #"[{"n":1},{"n":2},{"n":3}]"#), (2, #"[{"n":1},{"n":2}]"#), (0, "[]"), (9, #"[{"n":1},{"n":2},{"n":3}]"#)])
    func arraysHoldAllRowsOrTheFirst(limit: Int?, expected: String) async throws {
        var buffer = ByteBuffer()
        try await rows("SELECT generate_series(1, 3) AS n").writeArray(into: &buffer, limit: limit)
        #expect(String(buffer: buffer) == expected)
    }
}
