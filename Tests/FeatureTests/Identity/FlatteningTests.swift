import Postgres
import Tenancy
import Testing

@testable import Server

/// The tables that answer who may what, against a calculation that a person would make from the memberships (fault 15).
@Suite struct FlatteningTests {
    private struct Path: Sendable {
        var id: String
        var user: Int?
        var group: Int?
        var corpus: Int
        var level: Int
    }

    @Test(arguments: [1, 2, 3] as [UInt64]) func anyHistoryOfMembershipsComesToTheSame(_ seed: UInt64) async throws {
        try await Tester.with(.enterprise) { tester in
            var dice = Dice(state: seed)
            let tenant = tester.tenant.parameter
            var users: [String] = []
            for number in 0..<6 { users.append(try await tester.person("user\(number)@example.org").text) }
            let groups = (0..<3).map { _ in ID<UserGroup>().text }
            let corpora = (0..<4).map { _ in ID<Corpus>().text }
            for group in groups {
                try await tester.asOwner(
                    "INSERT INTO user_group (tenant_id, id, name) VALUES ($1, $2, 'Group')", [tenant, .text(group)])
            }
            for corpus in corpora {
                try await tester.asOwner("INSERT INTO corpus (tenant_id, id, name) VALUES ($1, $2, 'Corpus')", [tenant, .text(corpus)])
            }
            // One administrator who is never touched, so that the last one is never in question.
            let keeper = try await tester.person("keeper@example.org").text
            for corpus in corpora {
                try await tester.asOwner(
                    "INSERT INTO membership (tenant_id, id, user_id, corpus_id, level) VALUES ($1, uuid7(), $2, $3, 100)",
                    [tenant, .text(keeper), .text(corpus)])
            }
            for group in groups {
                try await tester.asOwner(
                    "INSERT INTO group_member (tenant_id, id, group_id, user_id, level) VALUES ($1, uuid7(), $2, $3, 100)",
                    [tenant, .text(group), .text(keeper)])
            }
            for _ in 0..<60 {
                let user = users[dice.roll(6)], group = groups[dice.roll(3)], corpus = corpora[dice.roll(4)]
                let level = Parameter.text(["10", "50", "100"][dice.roll(3)])
                switch dice.roll(7) {
                case 0, 1:
                    try await tester.asOwner(
                        """
                        INSERT INTO membership (tenant_id, id, user_id, corpus_id, level) VALUES ($1, uuid7(), $2, $3, $4)
                        ON CONFLICT ON CONSTRAINT membership_unique DO UPDATE SET level = excluded.level
                        """, [tenant, .text(user), .text(corpus), level])
                case 2:
                    try await tester.asOwner(
                        """
                        INSERT INTO membership (tenant_id, id, group_id, corpus_id, level) VALUES ($1, uuid7(), $2, $3, $4)
                        ON CONFLICT ON CONSTRAINT membership_unique DO UPDATE SET level = excluded.level
                        """, [tenant, .text(group), .text(corpus), level])
                case 3, 4:
                    try await tester.asOwner(
                        """
                        INSERT INTO group_member (tenant_id, id, group_id, user_id, level) VALUES ($1, uuid7(), $2, $3, $4)
                        ON CONFLICT (tenant_id, group_id, user_id) DO UPDATE SET level = excluded.level
                        """, [tenant, .text(group), .text(user), level])
                case 5:
                    try await tester.asOwner(
                        "DELETE FROM membership WHERE corpus_id = $1 AND user_id = $2", [.text(corpus), .text(user)])
                    try await tester.asOwner("DELETE FROM group_member WHERE group_id = $1 AND user_id = $2", [.text(group), .text(user)])
                default: try await tester.asOwner("UPDATE corpus SET public = NOT public WHERE id = $1", [.text(corpus)])
                }
            }
            #expect(try await tester.strings(Self.flattened) == tester.strings(Self.naive))
        }
    }

    private static let flattened = "SELECT concat_ws(' ', corpus_id, user_id, level) FROM corpus_access ORDER BY 1"
    /// Person by person and corpus by corpus, with no thought for speed.
    private static let naive = """
        SELECT concat_ws(' ', c.id, p.id, given.level) FROM corpus c
        CROSS JOIN (SELECT u.id FROM user_account u UNION ALL SELECT everyone()) AS p
        CROSS JOIN LATERAL (SELECT max(level) AS level FROM (
          SELECT m.level FROM membership m WHERE m.corpus_id = c.id AND m.user_id = p.id
          UNION ALL SELECT least(m.level, g.level) FROM membership m, group_member g
            WHERE m.corpus_id = c.id AND g.group_id = m.group_id AND g.user_id = p.id
          UNION ALL SELECT 10 WHERE c.public AND p.id = everyone()) AS paths) AS given
        WHERE given.level IS NOT NULL ORDER BY 1
        """
}

/// The same throws for the same seed (xorshift).
struct Dice {
    var state: UInt64

    mutating func roll(_ sides: UInt64) -> Int {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return Int(state % sides)
    }
}

extension Tester {
    fileprivate func strings(_ sql: String) async throws -> [String] {
        let rows = try await asOwner(sql)
        return (0..<rows.count).compactMap { rows.text($0, 0) }
    }
}
