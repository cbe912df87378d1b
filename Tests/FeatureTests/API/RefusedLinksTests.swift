import Postgres
import Shapes
import Tenancy
import Testing

@testable import Server

/// Links and lists of elements that are refused, and where the fault is said to be.
@Suite struct RefusedLinksTests {
    @Test func everyUnknownChildIsNamedByItsIndex() async throws {
        try await Tester.with { tester in
            let scenario = try await Scenario(tester)
            let line = try await scenario.lines(1, below: scenario.pages[0], by: nil)[0]
            let path = "/api/v1/element/parent/\(scenario.pages[1])/"
            let wrong = [ID<Element>().text, line, ID<Element>().text]
            let refused = try await tester.post(path, ["children": .array(wrong.map(JSONValue.string))])
            #expect(refused.status == 400 && refused.places == ["children.0", "children.2"], "\(refused)")
            let twice = try await tester.post(path, ["children": [.string(line), .string(line)]])
            #expect(twice.codes == ["exists"] && twice.places == ["children.1"], "\(twice)")
            let empty = try await tester.post(path, ["children": []])
            #expect(empty.status == 400 && empty.places == ["children"], "\(empty)")
            #expect(try await tester.children(scenario.pages[1]) == [])
        }
    }

    @Test func aHundredLevelsAreTheMost() async throws {
        try await Tester.with { tester in
            let scenario = try await Scenario(tester, pages: 0)
            var last = scenario.folder
            for number in 2...100 { last = try await tester.element(scenario.corpus, "folder", "\(number)", ["parent": .string(last)]) }
            let body: JSONValue = ["corpus": .string(scenario.corpus), "type": "folder", "name": "101", "parent": .string(last)]
            let deeper = try await tester.post("/api/v1/elements/create/", body)
            #expect(deeper.status == 400 && deeper.codes == ["too_deep"] && deeper.places == ["parent"], "\(deeper)")
            let loose = try await tester.element(scenario.corpus, "folder", "Loose")
            let linked = try await tester.link(loose, last)
            #expect(linked.codes == ["too_deep"] && linked.places == ["child"], "\(linked)")
            // All of it below another one is one level too many.
            let moved = try await tester.post("/api/v1/element/\(scenario.folder)/move/", ["to": .string(loose)])
            #expect(moved.codes == ["too_deep"] && moved.places == ["to"], "\(moved)")
        }
    }

    /// The same answer for what is not there and for what may not be seen, and nobody there has to wait, nor is waited for.
    @Test func aParentThatMayNotBeSeenIsNotThere() async throws {
        try await Tester.with(.enterprise) { tester in
            let hidden = try await tester.post("/api/v1/corpus/", ["name": "Hidden"]).created()
            let parent = try await tester.element(hidden, "folder", "1")
            let stranger = Tester.Caller.token(try await tester.token(of: try await tester.person("stranger@example.org")))
            let own = try await tester.post("/api/v1/corpus/", ["name": "Own"], as: stranger).created()
            let page: JSONValue = ["corpus": .string(own), "type": "page", "name": "1"]
            let child = try await tester.post("/api/v1/elements/create/", page, as: stranger).created()
            @Sendable func link(_ parent: String) async throws -> Answer {
                try await tester.post("/api/v1/element/\(child)/parent/\(parent)/", as: stranger)
            }
            let unknown = try await link(ID<Element>().text)
            #expect(unknown.status == 404, "\(unknown)")
            try await tester.database.connected(to: tester.database.owner) { holder in
                _ = try await holder.run(Call("BEGIN"))
                _ = try await holder.run(
                    Call("SELECT pg_advisory_xact_lock(visibility_lock($1)), pg_advisory_xact_lock(structure_lock($1))", [.text(hidden)]))
                let refused = try await link(parent)
                #expect(refused.status == 404 && refused.json["errors"] == unknown.json["errors"], "\(refused)")
                _ = try await holder.run(Call("ROLLBACK"))
            }
        }
    }

    @Test func whatComesTwiceIsNamedByItsIndex() async throws {
        try await Tester.with { tester in
            let scenario = try await Scenario(tester, pages: 1)
            let page = scenario.pages[0]
            var classes: [JSONValue] = []
            for name in ["a", "b", "c"] {
                let made = try await tester.post("/api/v1/corpus/\(scenario.corpus)/classes/", ["name": .string(name)]).created()
                classes.append(["ml_class": .string(made), "confidence": 1])
            }
            func classify(_ items: [JSONValue]) async throws -> Answer {
                try await tester.post("/api/v1/classification/bulk/", ["parent": .string(page), "classifications": .array(items)])
            }
            #expect(try await classify([classes[0]]).status == 201)
            let again = try await classify([classes[1], classes[0], classes[2], classes[1]])
            #expect(again.status == 400 && again.codes == ["unique", "unique", "unique"], "\(again)")
            #expect(again.places == ["non_field_errors", "classifications.1.ml_class", "classifications.3.ml_class"])
            #expect(again.json["non_field_errors"] == ["The fields element, worker_run, ml_class must make a unique set."])

            let person = try await tester.post("/api/v1/entity/types/", ["name": "person", "corpus": .string(scenario.corpus)]).created()
            let text = try await scenario.text("abcdef", on: page)
            func mark(_ offsets: [Int]) async throws -> Answer {
                let items = offsets.map { ["type_id": .string(person), "offset": .integer($0), "length": 1] as JSONValue }
                return try await tester.post("/api/v1/transcription/\(text)/entities/bulk/", ["transcription_entities": .array(items)])
            }
            #expect(try await mark([0]).status == 201)
            let twice = try await mark([1, 1, 0, 2])
            let places = ["non_field_errors", "transcription_entities.1.type_id", "transcription_entities.2.type_id"]
            #expect(twice.status == 400 && twice.places == places, "\(twice)")
            #expect(twice.json["non_field_errors"]?.list.count == 1)
        }
    }

    @Test func pagesByChanceHoldEveryElementOnce() async throws {
        try await Tester.with { tester in
            let scenario = try await Scenario(tester, pages: 12)
            for list in ["corpus/\(scenario.corpus)/elements/?type=page&", "elements/\(scenario.folder)/children/?"] {
                var ids: [String] = []
                for page in 1...4 { ids += try await tester.get("/api/v1/\(list)order=random&page_size=3&page=\(page)").ids }
                #expect(Set(ids) == Set(scenario.pages) && ids.count == 12, "\(ids)")
                #expect(ids != scenario.pages)
            }
        }
    }

    /// A deletion is not waited for by whoever makes a type, nor waits for that.
    @Test func typesAreMadeBesideADeletion() async throws {
        try await Tester.with { tester in
            let scenario = try await Scenario(tester, pages: 0)
            try await tester.database.connected(to: tester.database.owner) { holder in
                _ = try await holder.run(Call("BEGIN"))
                _ = try await holder.run(Call("SELECT pg_advisory_xact_lock(visibility_lock($1))", [.text(scenario.corpus)]))
                let body: JSONValue = ["corpus": .string(scenario.corpus), "slug": "stanza", "display_name": "Stanza"]
                #expect(try await tester.post("/api/v1/elements/type/", body).status == 201)
                _ = try await holder.run(Call("ROLLBACK"))
            }
        }
    }
}
