import Shapes
import Testing

@testable import Server
@testable import Site

/// What the pages promise of undo is what the operations do.
@Suite struct UndoTests {
    private let deleteForGood = "It cannot be brought back."

    @Test func whatCannotBeUndoneIsNotPromised() async throws {
        try await Tester.with { tester in
            let scenario = try await Scenario(tester, pages: 1)
            let task = try await scenario.claimed()
            _ = try await scenario.text("by the machine", on: scenario.pages[0], by: task)
            let session = try #require(try await tester.enterByPage().session)
            let pages = ["/projects/\(scenario.corpus)/deletion?worker_run=\(task.run)", "/elements/\(scenario.pages[0])/edit"]
            for page in pages {
                let text = try await tester.page(page, session: session).text
                #expect(text.contains("brought back until the date") || text.contains("can bring it back for a while"), "\(page)")
                #expect(!text.contains(deleteForGood), "\(page)")
            }
            _ = try await tester.patch("/api/v1/settings/", ["purge_horizon": 0]).expect()
            for page in pages {
                let text = try await tester.page(page, session: session).text
                #expect(text.contains(deleteForGood), "\(page)")
                #expect(!text.contains("brought back until") && !text.contains("for a while"), "\(page)")
            }
        }
    }

    @Test func undoIsOfferedWhileThereIsTime() async throws {
        try await Tester.with { tester in
            let scenario = try await Scenario(tester, pages: 1)
            _ = try await tester.delete("/api/v1/element/\(scenario.pages[0])/").expect(202)
            let session = try #require(try await tester.enterByPage().session)
            let page = "/projects/\(scenario.corpus)/deletions"
            #expect(try await tester.page(page, session: session).text.contains(">Undo</button>"))
            try await tester.asOwner("UPDATE deletion SET undo_until = now() - interval '1 minute'")
            #expect(try await !tester.page(page, session: session).text.contains(">Undo</button>"))
        }
    }

    @Test func longListsHavePages() async throws {
        try await Tester.with { tester in
            let scenario = try await Scenario(tester, pages: 51)
            for page in scenario.pages { _ = try await tester.delete("/api/v1/element/\(page)/").expect(202) }
            let session = try #require(try await tester.enterByPage().session)
            let path = "/projects/\(scenario.corpus)/deletions"
            #expect(try await tester.page(path, session: session).text.contains("\(path)?page=2"))
            let second = try await tester.page("\(path)?page=2", session: session).text
            #expect(second.matches(of: /<article/).count == 1 && !second.contains("page=3"))
            try await tester.asOwner(
                """
                INSERT INTO job (tenant_id, id, kind, description, state, finished, creator_id)
                SELECT u.tenant_id, uuid7(), 'export_corpus', 'Number ' || n, 'done', now(), u.id FROM user_account u, generate_series(1, 51) AS n
                """)
            #expect(try await tester.page("/jobs", session: session).text.contains("/jobs?page=2"))
        }
    }
}
