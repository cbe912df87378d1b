import Postgres
import Testing

@Suite struct RowDecodingTests {
    private func rows<Row: Decodable & Sendable>(_ sql: String, as type: Row.Type = Row.self) async throws -> [Row] {
        let statement = Statement<NoInput, Row>("test", sql)
        return try await Server.withPool { pool in try statement.rows(try await pool.segment([statement.call(NoInput())])[0]) }
    }

    @Test func columnsBecomeProperties() async throws {
        enum Kind: String, Decodable { case page, line }
        struct Row: Decodable, Equatable {
            var text: String
            var flag: Bool
            var small: Int16
            var large: Int
            var ratio: Double
            var kind: Kind
            var absent: String?
            var missing: Int?
        }
        let sql = """
            SELECT 'é' AS text, true AS flag, 3::int2 AS small, 9007199254740993 AS large, 0.1::float8 AS ratio, 'line' AS kind,
                NULL::text AS absent
            """
        let expected = Row(
            text: "é", flag: true, small: 3, large: 9_007_199_254_740_993, ratio: 0.1, kind: .line, absent: nil, missing: nil)
        #expect(try await rows(sql) == [expected])
    }

    @Test func jsonAndArraysAreDecodedInside() async throws {
        struct Inner: Decodable, Equatable {
            var a: [Int]
            var b: String?
        }
        struct Row: Decodable, Equatable {
            var inner: Inner
            var list: [Inner]
            var free: [String: Int]
            var nothing: Inner?
            var raw: String
            var names: [String?]
            var numbers: [Int]
            var flags: [Bool]
        }
        let sql = """
            SELECT '{"a":[1,2]}'::jsonb AS inner, '[{"a":[],"b":"x"}]'::json AS list, '{"k":1}'::jsonb AS free, NULL::jsonb AS nothing,
                '[1]'::json AS raw, ARRAY['a', 'b "c"', 'd\\e', NULL, 'NULL', ',', ''] AS names, ARRAY[1, 2] AS numbers, '{t,f}'::bool[] AS flags
            """
        let expected = Row(
            inner: Inner(a: [1, 2]), list: [Inner(a: [], b: "x")], free: ["k": 1], nothing: nil, raw: "[1]",
            names: ["a", "b \"c\"", "d\\e", nil, "NULL", ",", ""], numbers: [1, 2], flags: [true, false])
        #expect(try await rows(sql) == [expected])
    }

    @Test func aSingleValueIsTheFirstColumn() async throws {
        #expect(try await rows("SELECT generate_series(1, 3)") == [1, 2, 3])
    }

    @Test(arguments: [
        "SELECT 'x' AS number", "SELECT NULL::int AS number", "SELECT 1 AS other", "SELECT '{' AS number", "SELECT 300 AS number",
    ])
    func whatDoesNotFitIsNamedWithoutItsValue(sql: String) async throws {
        struct Row: Decodable { var number: Int8 }
        let found = try await failure { _ = try await rows(sql, as: Row.self) }
        #expect(found?.code == .decoding)
        #expect(found?.message?.contains("number") == true)
        #expect(found?.message?.contains("300") == false)
    }

    @Test(arguments: ["SELECT '{1' AS list", "SELECT '{{1}}' AS list", "SELECT '{1,}' AS list", "SELECT '{\"1}' AS list"])
    func anArrayThatIsNoneIsRefused(sql: String) async throws {
        struct Row: Decodable { var list: [String] }
        try await expect(.decoding) { _ = try await rows(sql, as: Row.self) }
    }
}
