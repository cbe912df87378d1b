import Shapes
import Testing

@testable import Site

/// How the order of worker runs is drawn.
@Suite struct RunGraphTests {
    private static func run(_ id: String, after parents: String...) -> JSONValue {
        [
            "id": .string(id), "parents": .array(parents.map(JSONValue.string)),
            "worker_version": ["version": 1, "worker": ["name": .string("Worker \(id)")]],
        ]
    }

    @Test func nothingIsDrawnWhereNothingWaits() throws {
        #expect(RunGraph([Self.run("a"), Self.run("b")], try Shell()).json == .null)
    }

    @Test func eachRunStandsBehindTheLastOfItsParents() throws {
        // c waits for a and, through b, once more; d waits for nothing.
        let runs = [Self.run("c", after: "a", "b"), Self.run("b", after: "a"), Self.run("a"), Self.run("d")]
        let graph = RunGraph(runs, try Shell()).json
        let across = (graph["nodes"]?.items ?? []).map { $0["x"]?.double ?? -1 }
        #expect(across.count == 4 && across[2] == across[3] && across[2] < across[1] && across[1] < across[0])
        let down = (graph["nodes"]?.items ?? []).map { $0["y"]?.double ?? -1 }
        #expect(down[2] != down[3])
        #expect(graph["edges"]?.items.count == 3)
        #expect(graph["told"]?.string?.contains("Worker c @ 1 after Worker a @ 1, Worker b @ 1") == true)
    }

    @Test func aLongNameIsCutInItsBoxAndWholeInWords() throws {
        let name = String(repeating: "long ", count: 12)
        let graph = RunGraph([Self.run(name), Self.run("b", after: name)], try Shell()).json
        let label = try #require(graph["nodes"]?.items.first?["label"]?.string)
        #expect(label.count == 24 && label.hasSuffix("…"))
        #expect(graph["told"]?.string?.contains(name) == true)
    }

    @Test func aCircleThatCannotBeEndsTheDrawingAllTheSame() throws {
        let graph = RunGraph([Self.run("a", after: "b"), Self.run("b", after: "a")], try Shell()).json
        #expect(graph["nodes"]?.items.count == 2)
    }
}
