import Shapes
import Testing

/// Rule 7.5: work by hand is kept with its ancestors, also those that a task has given it.
@Suite struct MovedByTasksTests {
    /// A person's page below what a task made, with whatever the person put on the way.
    private struct Place {
        let scenario: Scenario
        let task: Claimed
        let page: String
        let made: String

        init(_ tester: Tester) async throws {
            scenario = try await Scenario(tester, pages: 1)
            page = scenario.pages[0]
            task = try await scenario.claimed()
            let body: JSONValue = ["corpus": .string(scenario.corpus), "type": "folder", "name": "M", "parent": .string(scenario.folder)]
            made = try await tester.post("/api/v1/elements/create/", body.signed(task), as: task.caller).created()
        }

        /// Once the task's run is deleted.
        func expectToStay(_ tester: Tester) async throws {
            try await scenario.complete(task)
            _ = try await tester.deleted(scenario.corpus, "worker_run_id=\(task.run)")
            #expect(try await tester.get("/api/v1/element/\(made)/").status == 200)
            #expect(try await tester.children(made) == [page])
            #expect(try await tester.children(scenario.folder, recursive: true).contains(page))
            #expect(try await tester.get("/api/v1/elements/\(page)/parents/").ids == [made])
            #expect(try await tester.miscounted() == [])
        }
    }

    @Test func whatATaskMovedStaysWhereItIs() async throws {
        try await Tester.with { tester in
            let place = try await Place(tester)
            let moved = try await tester.post("/api/v1/element/\(place.page)/move/", ["to": .string(place.made)], as: place.task.caller)
            #expect(moved.status == 200, "\(moved)")
            try await place.expectToStay(tester)
        }
    }

    @Test func whatATaskLinkedStaysThereWhenItsFirstPlaceIsGone() async throws {
        try await Tester.with { tester in
            let place = try await Place(tester)
            let path = "/api/v1/element/\(place.page)/parent/"
            #expect(try await tester.post("\(path)\(place.made)/", as: place.task.caller).status == 201)
            #expect(try await tester.unlink(place.page, place.scenario.folder).status == 204)
            try await place.expectToStay(tester)
        }
    }

    /// Marked by its lineage alone.
    @Test func whatIsSignedWithAPersonalRunStaysToo() async throws {
        try await Tester.with { tester in
            let place = try await Place(tester)
            let run = try await tester.userRun("Corrections")
            let line: JSONValue = ["name": "mine", "type": "text_line", "polygon": .rectangle(0, 0, 9, 9)]
            let lines = try await tester.post(
                "/api/v1/element/\(place.page)/children/bulk/", ["worker_run_id": .string(run), "elements": [line]])
            let mine = try #require(lines.expect(201)[0]?["id"]?.string)
            let moved = try await tester.post("/api/v1/element/\(mine)/move/", ["to": .string(place.made)], as: place.task.caller)
            #expect(moved.status == 200, "\(moved)")
            try await place.scenario.complete(place.task)
            _ = try await tester.deleted(place.scenario.corpus, "worker_run_id=\(place.task.run)")
            #expect(try await tester.children(place.made) == [mine])
            #expect(try await tester.miscounted() == [])
        }
    }

    /// What a person has linked below what a task then moves is found there afterwards.
    @Test func linksByHandMoveAlong() async throws {
        try await Tester.with { tester in
            let place = try await Place(tester)
            let loose = try await tester.element(place.scenario.corpus, "page", "Loose", ["parent": .string(place.scenario.folder)])
            #expect(try await tester.link(loose, place.page).status == 201)
            _ = try await tester.post("/api/v1/element/\(place.page)/move/", ["to": .string(place.made)], as: place.task.caller).expect()
            try await place.expectToStay(tester)
            #expect(try await tester.children(place.page) == [loose])
        }
    }
}
