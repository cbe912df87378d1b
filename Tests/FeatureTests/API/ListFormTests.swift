import Shapes
import Testing

/// Lists are read in one of many ways, by what they are asked for: each gives what a plain filter over everything gives.
@Suite struct ListFormTests {
    private struct Known {
        var id: String
        var type: String
        var name: String
        var run: String?
        var isTop: Bool
    }

    @Test func everyFormOfACorpusListsWhatAPlainFilterFinds() async throws {
        try await Tester.with { tester in
            let archive = try await Archive(tester)
            for order in ["position", "name", "random"] {
                for form in archive.questions(top: [nil, "True", "False"]) {
                    let path = "/api/v1/corpus/\(archive.scenario.corpus)/elements/?order=\(order)&\(form.query)"
                    let expected = archive.all.filter(form.fits)
                    let sorted =
                        order == "name" ? expected.sorted { ($0.name, $0.id) < ($1.name, $1.id) } : expected.sorted { $0.id < $1.id }
                    try await archive.expect(path, sorted.map(\.id), inOrder: order != "random")
                }
            }
        }
    }

    @Test func everyFormOfAFolderListsWhatAPlainFilterFinds() async throws {
        try await Tester.with { tester in
            let archive = try await Archive(tester)
            let folders: [(String, [String])] = [("", archive.direct), ("recursive=True&", archive.below)]
            for (deep, inside) in folders {
                for order in ["position", "name", "random"] {
                    for form in archive.questions(top: [nil]) {
                        let path = "/api/v1/elements/\(archive.second)/children/?\(deep)order=\(order)&\(form.query)"
                        let expected = inside.compactMap { id in archive.all.first { $0.id == id } }.filter(form.fits)
                        let sorted = order == "name" ? expected.sorted { ($0.name, $0.id) < ($1.name, $1.id) } : expected
                        try await archive.expect(path, sorted.map(\.id), inOrder: order != "random")
                    }
                }
            }
        }
    }

    /// Work by hand keeps a line in its home alone, and the folder's home is not the first of its places.
    @Test func whatAPersonKeptIsListedBelowAFolderThatStandsInSeveral() async throws {
        try await Tester.with { tester in
            let scenario = try await Scenario(tester, pages: 1)
            func folder(_ name: String, _ parent: String? = nil) async throws -> String {
                try await tester.element(scenario.corpus, "folder", name, parent.map { ["parent": .string($0)] } ?? [:])
            }
            let home = try await folder("Home")
            let box = try await folder("Box", home)
            let more: JSONValue = ["parent": .string(box), "image": .string(scenario.image)]
            let page = try await tester.element(scenario.corpus, "page", "Page", more)
            for place in [scenario.folder, try await folder("Last")] { _ = try await tester.link(box, place).expect(201) }
            let task = try await scenario.claimed()
            let lines = try await scenario.lines(2, below: page, by: task)
            _ = try await scenario.text("Corrected", on: lines[0])
            try await scenario.complete(task)
            _ = try await tester.delete("/api/v1/corpus/\(scenario.corpus)/worker-results/?worker_run_id=\(task.run)").expect(202)
            for list in ["recursive=True", "recursive=True&type=text_line", "recursive=True&order=name"] {
                let found = try await tester.get("/api/v1/elements/\(box)/children/?\(list)")
                let expected = list.contains("type") ? [lines[0]] : [page, lines[0]]
                #expect(Set(found.ids) == Set(expected) && found.ids.count == expected.count, "\(list)")
                #expect(try found.expect()["count"] == .integer(expected.count), "\(list)")
            }
        }
    }

    private struct Question {
        var query: String
        var fits: (Known) -> Bool
    }

    /// Two volumes; the second has all pages of the first one but the last, each also inside of a box, and lines of two runs and of a person.
    private struct Archive {
        let scenario: Scenario
        let second: String
        let runs: [String]
        var all: [Known] = []
        /// Directly in the second volume, as arranged, and anywhere below it, in the order of the tree.
        var direct: [String] = []
        var below: [String] = []

        init(_ tester: Tester) async throws {
            scenario = try await Scenario(tester, pages: 4)
            let tasks = [try await scenario.claimed(), try await scenario.claimed()]
            runs = tasks.map(\.run)
            second = try await tester.element(scenario.corpus, "folder", "Another volume")
            let box = try await tester.element(scenario.corpus, "folder", "Box", ["parent": .string(second)])
            all = [
                Known(id: scenario.folder, type: "folder", name: "Volume", isTop: true),
                Known(id: second, type: "folder", name: "Another volume", isTop: true),
                Known(id: box, type: "folder", name: "Box", isTop: false),
            ]
            for (number, page) in scenario.pages.enumerated() {
                all.append(Known(id: page, type: "page", name: "Page \(number)", isTop: false))
            }
            for page in scenario.pages.dropLast() {
                _ = try await tester.link(page, box).expect(201)
                _ = try await tester.link(page, second).expect(201)
            }
            var lines: [String: [String]] = [:]
            for page in scenario.pages.prefix(2) {
                for (place, task) in [(0, tasks[0]), (3, tasks[1]), (5, nil)] as [(Int, Claimed?)] {
                    let made = try await scenario.lines(place == 5 ? 1 : 2, below: page, by: task, from: place)
                    for (number, line) in made.enumerated() {
                        all.append(Known(id: line, type: "text_line", name: "\(place + number)", run: task?.run, isTop: false))
                    }
                    lines[page, default: []] += made
                }
            }
            direct = [box] + scenario.pages.dropLast()
            below = [box] + scenario.pages.dropLast().flatMap { [$0] + lines[$0, default: []] }
        }

        /// Every combination of the parameters that a form looks at.
        func questions(top: [String?]) -> [Question] {
            var questions = [Question(query: "", fits: { _ in true })]
            func ask(_ parameter: String, _ values: [String], _ fits: @escaping (Known, String) -> Bool) {
                questions += questions.flatMap { known in
                    values.map { value in
                        Question(query: known.query + "&\(parameter)=\(value)", fits: { known.fits($0) && fits($0, value) })
                    }
                }
            }
            ask("type", ["page", "text_line"]) { $0.type == $1 }
            ask("worker_run", [runs[0], "False", "True"]) { $1 == "False" ? $0.run == nil : $1 == "True" ? $0.run != nil : $0.run == $1 }
            ask("name", ["1"]) { $0.name.contains($1) }
            ask("top_level", top.compactMap(\.self)) { $0.isTop == ($1 == "True") }
            return questions
        }

        /// Two pages of it, and the rest.
        func expect(_ path: String, _ expected: [String], inOrder: Bool) async throws {
            let whole = try await scenario.tester.get(path)
            #expect(inOrder ? whole.ids == expected : Set(whole.ids) == Set(expected), "\(path)")
            #expect(try whole.expect()["count"] == .integer(expected.count), "\(path)")
            guard inOrder, expected.count > 3 else { return }
            let second = try await scenario.tester.get(path + "&page_size=3&page=2")
            #expect(second.ids == Array(expected.dropFirst(3).prefix(3)), "\(path), page 2")
        }
    }
}
