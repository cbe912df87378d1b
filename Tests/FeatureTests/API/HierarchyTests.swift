import Shapes
import Testing

@testable import Server

/// Elements may be in several places, never in themselves.
@Suite struct HierarchyTests {
    @Test func anElementInTwoPlacesIsListedOnce() async throws {
        try await Tester.with { tester in
            let scenario = try await Scenario(tester)
            let line = try #require(try await scenario.lines(1, below: scenario.pages[0], by: nil).first)
            #expect(try await tester.link(line, scenario.pages[1]).status == 201)
            for page in scenario.pages { #expect(try await tester.children(page) == [line]) }
            let below = try await tester.children(scenario.folder, recursive: true)
            #expect(below.count == 3 && Set(below) == Set(scenario.pages + [line]))
            let parents = try await tester.get("/api/v1/elements/\(line)/parents/").ids
            #expect(Set(parents) == Set(scenario.pages))
            let above = try await tester.get("/api/v1/elements/\(line)/parents/?recursive=True").ids
            #expect(Set(above) == Set(scenario.pages + [scenario.folder]) && above.count == 3)
            _ = try await scenario.text("once", on: line)
            let texts = try await tester.get("/api/v1/element/\(scenario.folder)/transcriptions/?recursive=True").expect()
            #expect(texts["count"] == 1 && texts["results"]?.list.count == 1)
        }
    }

    /// In each parent its own, in that one's order, and past what is hidden.
    @Test func neighborsAreThoseOfEachParent() async throws {
        try await Tester.with { tester in
            let scenario = try await Scenario(tester, pages: 3)
            let (first, second, third) = (scenario.pages[0], scenario.pages[1], scenario.pages[2])
            func neighbors(_ element: String) async throws -> [(path: [String?], previous: String?, next: String?)] {
                try await tester.get("/api/v1/elements/\(element)/neighbors/").expect().list.map {
                    ($0["path"]?.list.map { $0["id"]?.string } ?? [], $0["previous"]?["id"]?.string, $0["next"]?["id"]?.string)
                }
            }
            #expect(try await neighbors(scenario.folder).isEmpty)
            let middle = try #require(try await neighbors(second).first)
            #expect(middle.path == [scenario.folder] && middle.previous == first && middle.next == third)
            #expect(try await neighbors(first).first?.previous == nil)
            #expect(try await neighbors(third).first?.next == nil)
            let shelf = try await tester.element(scenario.corpus, "folder", "Shelf")
            #expect(try await tester.link(scenario.folder, shelf).status == 201)
            let other = try await tester.element(scenario.corpus, "page", "Loose", ["parent": .string(shelf)])
            #expect(try await tester.link(second, shelf).status == 201)
            let both = try await neighbors(second)
            #expect(Set(both.map(\.path)) == [[shelf], [shelf, scenario.folder]], "\(both)")
            #expect(both.first { $0.path == [shelf] }?.previous == other)
            _ = try await tester.delete("/api/v1/element/\(first)/")
            #expect(try await neighbors(second).first { $0.path.count == 2 }?.previous == nil)
        }
    }

    @Test func circlesAreRefused() async throws {
        try await Tester.with { tester in
            let scenario = try await Scenario(tester)
            let line = try #require(try await scenario.lines(1, below: scenario.pages[0], by: nil).first)
            for (child, parent) in [(scenario.folder, line), (scenario.pages[0], line), (line, line), (scenario.folder, scenario.pages[1])]
            {
                let answer = try await tester.link(child, parent)
                #expect(answer.status == 400 && answer.codes == ["cycle"], "\(answer)")
            }
            // Through a link, too.
            #expect(try await tester.link(scenario.pages[1], line).status == 201)
            #expect(try await tester.link(scenario.pages[0], scenario.pages[1]).codes == ["cycle"])
            #expect(try await tester.link(line, scenario.pages[0]).codes == ["exists"])
            #expect(try await tester.children(scenario.folder, recursive: true).count == 3)
        }
    }

    @Test func linksStayInTheirCorpus() async throws {
        try await Tester.with { tester in
            let scenario = try await Scenario(tester)
            let other = try await tester.post("/api/v1/corpus/", ["name": "Other"]).created()
            let foreign = try await tester.element(other, "page", "1")
            for (child, parent) in [(foreign, scenario.folder), (scenario.pages[0], foreign)] {
                #expect([400, 404].contains(try await tester.link(child, parent).status))
            }
        }
    }

    @Test func withoutItsLastParentAnElementIsAtTheTop() async throws {
        try await Tester.with { tester in
            let scenario = try await Scenario(tester)
            let page = scenario.pages[0]
            let line = try #require(try await scenario.lines(1, below: page, by: nil).first)
            #expect(try await tester.unlink(page, scenario.folder).status == 204)
            #expect(try await tester.topLevel(scenario.corpus) == [scenario.folder, page])
            #expect(try await tester.children(scenario.folder, recursive: true) == [scenario.pages[1]])
            #expect(try await tester.children(page) == [line])
            #expect(try await tester.unlink(page, scenario.folder).status == 404)
            // And back.
            #expect(try await tester.link(page, scenario.folder).status == 201)
            #expect(try await tester.topLevel(scenario.corpus) == [scenario.folder])
            #expect(Set(try await tester.children(scenario.folder, recursive: true)) == Set(scenario.pages + [line]))
        }
    }

    /// Made at the top, put below a folder, and taken out again.
    @Test func whatWasMadeAtTheTopCanGoBackThere() async throws {
        try await Tester.with { tester in
            let scenario = try await Scenario(tester)
            let loose = try await tester.element(scenario.corpus, "folder", "Loose")
            let inner = try await tester.element(scenario.corpus, "page", "Inner", ["parent": .string(loose)])
            #expect(try await tester.link(loose, scenario.folder).status == 201)
            #expect(try await tester.topLevel(scenario.corpus) == [scenario.folder])
            let answer = try await tester.unlink(loose, scenario.folder)
            #expect(answer.status == 204, "\(answer)")
            #expect(try await tester.topLevel(scenario.corpus) == [scenario.folder, loose])
            #expect(try await tester.children(loose) == [inner])
        }
    }

    @Test func oneOfTwoParentsCanGo() async throws {
        try await Tester.with { tester in
            let scenario = try await Scenario(tester)
            let line = try #require(try await scenario.lines(1, below: scenario.pages[0], by: nil).first)
            let word = try #require(try await scenario.lines(1, below: line, by: nil).first)
            #expect(try await tester.link(line, scenario.pages[1]).status == 201)
            #expect(try await tester.unlink(line, scenario.pages[0]).status == 204)
            #expect(try await tester.children(scenario.pages[0]) == [])
            #expect(try await tester.children(scenario.pages[1], recursive: true) == [line, word])
            #expect(try await tester.topLevel(scenario.corpus) == [scenario.folder])
            // What is made below it from now on is found from above.
            let more = try await scenario.lines(1, below: line, by: nil, from: 1)
            #expect(try await tester.children(scenario.folder, recursive: true).contains(more[0]))
        }
    }

    @Test func manyChildrenAreLinkedTogetherOrNotAtAll() async throws {
        try await Tester.with { tester in
            let scenario = try await Scenario(tester)
            let lines = try await scenario.lines(3, below: scenario.pages[0], by: nil)
            let path = "/api/v1/element/parent/\(scenario.pages[1])/"
            let wrong = try await tester.post(path, ["children": .array((lines + [scenario.folder]).map(JSONValue.string))])
            #expect(wrong.status == 400)
            #expect(try await tester.children(scenario.pages[1]) == [])
            #expect(try await tester.post(path, ["children": .array(lines.map(JSONValue.string))]).status == 201)
            #expect(try await tester.children(scenario.pages[1]) == lines)
        }
    }
}

extension Tester {
    func link(_ child: String, _ parent: String) async throws -> Answer { try await post("/api/v1/element/\(child)/parent/\(parent)/") }
    func unlink(_ child: String, _ parent: String) async throws -> Answer { try await delete("/api/v1/element/\(child)/parent/\(parent)/") }
    func children(_ parent: String, recursive: Bool = false) async throws -> [String] {
        try await get("/api/v1/elements/\(parent)/children/" + (recursive ? "?recursive=True" : "")).ids
    }
    func topLevel(_ corpus: String) async throws -> Set<String> {
        Set(try await get("/api/v1/corpus/\(corpus)/elements/?top_level=True").ids)
    }
}
