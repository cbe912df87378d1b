import Postgres
import Testing

@Suite struct PlaceholdersTests {
    private func numbered(_ sql: String) -> (String, [String]) {
        let statement = Statement<NoInput, NoRow>("test", sql)
        return (statement.sql, statement.placeholders)
    }

    @Test(arguments: [
        ("SELECT $id", "SELECT $1", ["id"]),
        ("$a,$b,$a", "$1,$2,$1", ["a", "b"]),
        ("$body.text::text || $_x.", "$1::text || $2.", ["body.text", "_x"]),
        ("a[$from:$to]", "a[$1:$2]", ["from", "to"]),
        ("SELECT 1", "SELECT 1", []),
        ("E'\\', $a' || line'\\', $a", "E'\\', $a' || line'\\', $1", ["a"]),
        ("$größe", "$1", ["größe"]), ("SELECT é, '漢' AS ü -- 😀\n, $a", "SELECT é, '漢' AS ü -- 😀\n, $1", ["a"]),
    ])
    func namesAreNumberedOnce(sql: String, expected: String, names: [String]) {
        #expect(numbered(sql) == (expected, names))
    }

    @Test(arguments: [
        "SELECT '$a', 'it''s $a', E'\\'$a'", "SELECT \"$a\"", "SELECT 1 -- $a", "/* $a /* $b */ $c */ SELECT 1", "SELECT $$ $a $$",
        "DO $body$ BEGIN $a; $$ $b $$ END $body$", "SELECT $1", "SELECT a$b", "SELECT '$.a[*]'", "SELECT $", "SELECT 'open $a",
        "/* open $a",
    ])
    func whatIsQuotedIsLeftAlone(sql: String) {
        #expect(numbered(sql) == (sql, []))
    }

    @Test func placeholdersGoOnAfterWhatIsQuoted() {
        #expect(numbered("-- $x\n'$x' $$ $x $$ /* $x */ \"$x\" $y") == ("-- $x\n'$x' $$ $x $$ /* $x */ \"$x\" $1", ["y"]))
    }
}
