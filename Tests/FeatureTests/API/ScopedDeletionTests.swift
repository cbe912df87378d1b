import Jobs
import Postgres
import Shapes
import Testing

@testable import Deletion
@testable import Server

/// Rule 7.1: deletions that are limited to an element and what is below it, or to what was selected.
@Suite struct ScopedDeletionTests {
    @Test func onlyWhatIsThereGoesAndComesBack() async throws {
        try await Tester.with { tester in
            let scenario = try await Scenario(tester, pages: 1)
            let work = try await MixedWork(scenario)
            let beside = try await Neighbour(scenario, like: work.run)
            let before = try await work.answers()
            let query = "worker_run_id=\(work.run)&element_id=\(scenario.pages[0])"
            let preview = try await tester.previewed(
                scenario.corpus, ["worker_run_id": .string(work.run), "element_id": .string(scenario.pages[0])])
            // As if the run had made nothing else.
            #expect(
                preview.json["results"] == [
                    "elements": 2, "transcriptions": 2, "classifications": 1, "metadata": 1, "transcription_entities": 1, "embeddings": 0,
                ])
            #expect(
                preview.json["manual"] == [
                    "elements": 1, "transcriptions": 2, "classifications": 0, "metadata": 0, "transcription_entities": 1, "embeddings": 0,
                ])
            #expect(
                preview.json["other_runs"]?[0]?["results"] == [
                    "elements": 1, "transcriptions": 1, "classifications": 0, "metadata": 0, "transcription_entities": 1, "embeddings": 0,
                ])
            let made = try await tester.deleted(scenario.corpus, query + "&token=\(preview.token)")
            for (path, answer) in try await work.answers() {
                #expect(work.machine.filter { answer.contains($0) } == [], "\(path): \(answer)")
            }
            #expect(try await beside.seen() == beside.all)
            #expect(try await tester.miscounted() == [])
            // Again is the same deletion; with everything it is another one, which has nothing to take but what was kept.
            #expect(try await tester.deleted(scenario.corpus, query) == made)
            let listed = try await tester.get("/api/v1/corpus/\(scenario.corpus)/deletions/").expect()["results"]?[0]
            #expect(listed?["element"] == .string(scenario.pages[0]) && listed?["selection"] == false)
            _ = try await tester.restored(scenario.corpus, made.deletion).expect()
            #expect(try await work.answers().differing(from: before) == [])
            // All of the run goes as if it had never been apart.
            let whole = try await tester.previewed(scenario.corpus, ["worker_run_id": .string(work.run)])
            #expect(whole.json["results"]?["elements"] == .integer(2 + beside.lines.count))
            _ = try await tester.deleted(scenario.corpus, "worker_run_id=\(work.run)&token=\(whole.token)")
            #expect(try await beside.seen() == [])
        }
    }

    @Test(arguments: [true, false]) func itsPurgeLeavesTheRest(keepManual: Bool) async throws {
        try await Tester.with { tester in
            let scenario = try await Scenario(tester, pages: 1)
            let work = try await MixedWork(scenario)
            let beside = try await Neighbour(scenario, like: work.run)
            _ = try await tester.patch("/api/v1/settings/", ["purge_horizon": 0]).expect()
            let made = try await tester.deleted(
                scenario.corpus, "worker_run_id=\(work.run)&element_id=\(scenario.pages[0])&keep_manual=\(keepManual)")
            let hidden = try await work.answers()
            #expect(try await tester.runner(Purge.kind).workOnce())
            #expect(try await work.answers().differing(from: hidden) == [])
            let gone = keepManual ? work.machine : work.machine.union(work.byHand)
            let job = try await tester.get("/api/v1/jobs/\(made.job)/").expect()
            #expect(job["state"] == "done" && job["done"] == .integer(gone.count), "\(job)")
            #expect(try await beside.seen() == beside.all)
            #expect(try await tester.miscounted() == [])
            #expect(try await tester.value("SELECT count(*) FROM hidden_lineage") == "0")
            // What is left of the run can still be deleted, and its version not before.
            let rest = try await tester.previewed(scenario.corpus, ["worker_run_id": .string(work.run)])
            #expect(rest.json["results"]?["transcriptions"] == .integer(beside.all.count - beside.lines.count))
        }
    }

    /// Activities, generations and what was published since: for the part that was deleted alone.
    @Test func theElementsThereWaitAgainAndTheUndoLooksAtWhatWasPublishedSince() async throws {
        try await Tester.with { tester in
            let scenario = try await Scenario(tester, pages: 3)
            let task = try await scenario.claimed()
            for page in scenario.pages { _ = try await scenario.text("first", on: page, by: task) }
            try await scenario.work(task)
            let statistics = "/api/v1/process/\(task.process)/activity-stats/"
            let first = try await tester.deleted(scenario.corpus, "worker_run_id=\(task.run)&element_id=\(scenario.pages[0])")
            #expect(try await tester.get(statistics).expect()[0]?["queued"] == 1)
            let second = try await tester.deleted(scenario.corpus, "worker_run_id=\(task.run)&element_id=\(scenario.pages[1])")
            #expect(try await tester.get(statistics).expect()[0]?["queued"] == 2)
            // The second is nothing that was published since the first.
            _ = try await tester.restored(scenario.corpus, first.deletion).expect()
            let third = try await tester.deleted(scenario.corpus, "worker_run_id=\(task.run)&element_id=\(scenario.pages[0])")
            _ = try await tester.post("/api/v1/process/\(task.process)/retry/").expect()
            let again = try #require(try await scenario.claim(task.process))
            // While it is at work nothing of its run can be deleted, wherever it is.
            let working = try await tester.delete(
                "/api/v1/corpus/\(scenario.corpus)/worker-results/?worker_run_id=\(task.run)&element_id=\(scenario.pages[2])")
            #expect(working.status == 409 && working.codes == ["run_is_working"], "\(working)")
            #expect(try await tester.value("SELECT count(*) FROM source WHERE part > 0") == "3")
            let text = try await scenario.text("second", on: scenario.pages[1], by: again)
            #expect(try await tester.get("/api/v1/element/\(scenario.pages[1])/transcriptions/").ids == [text])
            for deletion in [second, third] {
                #expect(try await tester.restored(scenario.corpus, deletion.deletion).codes == ["republished"])
            }
        }
    }

    @Test func aSelectionIsWhatWasSelectedWhenItWasShown() async throws {
        try await Tester.with { tester in
            let scenario = try await Scenario(tester, pages: 3)
            let task = try await scenario.claimed()
            for page in scenario.pages { _ = try await scenario.text("a", on: page, by: task) }
            _ = try await scenario.lines(2, below: scenario.pages[1], by: task)
            try await scenario.complete(task)
            let path = "/api/v1/corpus/\(scenario.corpus)/worker-results/?worker_run_id=\(task.run)&selection=true"
            let filter: JSONValue = ["worker_run_id": .string(task.run), "selection": true]
            #expect(try await tester.delete(path).codes == ["empty_selection"])
            func select(_ page: Int) async throws {
                _ = try await tester.post("/api/v1/elements/selection/", ["ids": [.string(scenario.pages[page])]])
            }
            try await select(0)
            let first = try await tester.previewed(scenario.corpus, filter)
            #expect(first.json["results"]?["transcriptions"] == 1)
            try await select(1)
            #expect(try await tester.delete(path + "&token=\(first.token)").codes == ["other_scope"])
            let second = try await tester.previewed(scenario.corpus, filter)
            #expect(second.json["results"]?["transcriptions"] == 2 && second.json["results"]?["elements"] == 2)
            #expect(try await tester.delete(path + "&token=\(second.token)").status == 202)
            #expect(try await tester.children(scenario.folder, recursive: true) == scenario.pages)
            #expect(try await tester.get("/api/v1/element/\(scenario.pages[2])/transcriptions/").expect()["count"] == 1)
            #expect(try await tester.get("/api/v1/corpus/\(scenario.corpus)/deletions/").expect()["results"]?[0]?["selection"] == true)
        }
    }

    /// By version, within an element: runs that have nothing there are left alone, also where they are at work.
    @Test func runsWithNothingThereAreLeftAlone() async throws {
        try await Tester.with { tester in
            let scenario = try await Scenario(tester, pages: 2)
            let (there, elsewhere) = (try await scenario.claimed(), try await scenario.claimed())
            let text = try await scenario.text("there", on: scenario.pages[0], by: there)
            _ = try await scenario.text("elsewhere", on: scenario.pages[1], by: elsewhere)
            try await scenario.complete(there)
            let query = "worker_version_id=\(scenario.version)&configuration_id=False&element_id=\(scenario.pages[0])"
            _ = try await tester.deleted(scenario.corpus, query)
            #expect(try await tester.get("/api/v1/transcription/\(text)/").status == 404)
            _ = try await scenario.text("more", on: scenario.pages[1], by: elsewhere)
            #expect(try await tester.get("/api/v1/element/\(scenario.pages[1])/transcriptions/").expect()["count"] == 2)
        }
    }

    @Test func aScopeThatMeansNothingDeletesNothing() async throws {
        try await Tester.with { tester in
            let scenario = try await Scenario(tester, pages: 1)
            let task = try await scenario.finished()
            let elsewhere = try await tester.post("/api/v1/corpus/", ["name": "Second"]).created()
            let page = try await tester.element(elsewhere, "page", "1")
            let path = "/api/v1/corpus/\(scenario.corpus)/worker-results/?worker_run_id=\(task.run)"
            for query in [
                "&element_id=", "&element_id=undefined", "&element_id=False", "&element_id=\(scenario.corpus)", "&element_id=\(page)",
                "&selection=", "&selection=true", "&selection=true&element_id=\(scenario.pages[0])",
                "&element_id=\(scenario.pages[0])&element_id=\(page)",
            ] {
                let answer = try await tester.delete(path + query)
                #expect(answer.status == 400, "\(query): \(answer)")
            }
            #expect(
                try await tester.delete("/api/v1/corpus/\(scenario.corpus)/worker-results/?element_id=\(scenario.pages[0])").status == 400)
            // What the preview takes in its body is asked for here in the query.
            let inBody = try await tester.delete(path, ["element_id": .string(scenario.pages[0])])
            #expect(inBody.status == 400 && inBody.places == ["element_id"], "\(inBody)")
            let beside = try await tester.element(scenario.corpus, "folder", "Empty")
            #expect(try await tester.delete(path + "&element_id=\(beside)").codes == ["nothing_to_delete"])
            #expect(try await tester.value("SELECT count(*) FROM source WHERE part > 0 OR NOT open") == "0")
        }
    }
}

/// What the same run made on another page.
struct Neighbour: Sendable {
    let page: String
    let lines: [String]
    let all: Set<String>
    private let tester: Tester

    init(_ scenario: Scenario, like run: String) async throws {
        tester = scenario.tester
        page = try await tester.element(
            scenario.corpus, "page", "Beside", ["parent": .string(scenario.folder), "image": .string(scenario.image)])
        let process = try #require(try await tester.get("/api/v1/process/workers/\(run)/").expect()["process"]?["id"]?.string)
        _ = try await tester.post("/api/v1/process/\(process)/retry/").expect()
        let task = try #require(try await scenario.claim(process))
        lines = try await scenario.lines(2, below: page, by: task)
        all = Set(
            lines + [try await scenario.text("beside", on: page, by: task), try await scenario.text("beside", on: lines[0], by: task)])
        try await scenario.complete(task)
    }

    /// What of it there is.
    func seen() async throws -> Set<String> {
        var seen = Set(try await tester.children(page))
        for element in [page] + lines where element == page || seen.contains(element) {
            seen.formUnion(try await tester.get("/api/v1/element/\(element)/transcriptions/").ids)
        }
        return seen
    }
}
