import Postgres
import Shapes
import Tenancy
import Testing

@testable import Server

/// What a person has selected.
@Suite struct SelectionTests {
    @Test func aSelectionIsOnesOwn() async throws {
        try await Tester.with(.enterprise) { tester in
            let scenario = try await Scenario(tester, pages: 3)
            let (person, colleague) = try await tester.colleague()
            let elsewhere = try await tester.post("/api/v1/corpus/", ["name": "Second"]).created()
            let other = try await tester.element(elsewhere, "page", "1")
            let path = "/api/v1/elements/selection/"
            func select(_ ids: [String], as caller: Tester.Caller = .administrator) async throws -> Answer {
                try await tester.post(path, ["ids": .array(ids.map { .string($0) })], as: caller)
            }
            #expect(try await select(scenario.pages + [other]).status == 204)
            #expect(try await select([scenario.pages[0]]).status == 204)
            let listed = try await tester.get(path + "?with_corpus=true").expect()
            #expect(listed["count"] == 4 && listed["results"]?[0]?["zone"] != .null)
            #expect(Set(try await tester.get(path + "?corpus=\(scenario.corpus)").ids) == Set(scenario.pages))
            #expect(try await tester.get(path + "?corpus=\(elsewhere)&type=page").ids == [other])
            // What one may not see cannot be selected, and one that cannot be found keeps all from being selected.
            try await tester.member(person, of: "corpus", scenario.corpus, level: 10)
            let refused = try await select([scenario.pages[0], other], as: colleague)
            #expect(refused.status == 400 && refused.places == ["ids.1"], "\(refused)")
            #expect(try await tester.get(path, as: colleague).ids == [])
            #expect(try await select([scenario.pages[0]], as: colleague).status == 204)
            #expect(try await tester.get(path, as: colleague).ids == [scenario.pages[0]])
            // Lost rights and hidden elements are seen at once.
            try await tester.asOwner("DELETE FROM membership WHERE user_id = $1", [person.parameter])
            #expect(try await tester.get(path, as: colleague).ids == [])

            // A name that is not known, or nothing for a known one, must not take out all.
            for body in [["ids": [.string(other)]], ["id": .null], ["corpus": .null]] as [JSONValue] {
                #expect(try await tester.delete(path, body).status == 400, "\(body)")
            }
            #expect(try await tester.get(path).ids.count == 4)
            #expect(try await tester.delete(path, ["id": .string(other)]).status == 204)
            #expect(Set(try await tester.get(path).ids) == Set(scenario.pages))
            #expect(try await tester.delete(path, ["corpus": .string(elsewhere)]).status == 204)
            #expect(try await tester.get(path).ids.count == 3)
            #expect(try await tester.delete(path, [:]).status == 204)
            #expect(try await tester.get(path).ids == [])
            #expect(try await tester.value("SELECT count(*) FROM selected_element") == "1")
        }
    }

    @Test func aSelectionHasAnEnd() async throws {
        try await Tester.with { tester in
            let scenario = try await Scenario(tester, pages: 1)
            try await tester.asOwner(
                """
                INSERT INTO selected_element (tenant_id, user_id, corpus_id, element_id)
                SELECT u.tenant_id, u.id, c.id, gen_random_uuid() FROM user_account u CROSS JOIN corpus c CROSS JOIN generate_series(1, 10000)
                """)
            let ids: JSONValue = [.string(scenario.pages[0])]
            let refused = try await tester.post("/api/v1/elements/selection/", ["ids": ids])
            #expect(refused.status == 400 && refused.codes == ["selection_full"], "\(refused)")
            #expect(try await tester.value("SELECT count(*) FROM selected_element") == "10000")
        }
    }
}
