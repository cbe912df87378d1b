import Postgres
import Shapes
import Tenancy
import Testing

@testable import Server

/// Rule 5.10: worker runs of a person's own.
@Suite struct UserWorkerRunTests {
    @Test func theOwnerSignsAndEveryReaderReadsTheSummary() async throws {
        try await Tester.with(.enterprise) { tester in
            let scenario = try await Scenario(tester, pages: 2)
            let (owner, mine) = try await tester.colleague("owner@example.org")
            let (reader, theirs) = try await tester.colleague("reader@example.org")
            let (_, stranger) = try await tester.colleague("stranger@example.org")
            try await tester.member(owner, of: "corpus", scenario.corpus, level: 50)
            try await tester.member(reader, of: "corpus", scenario.corpus, level: 50)
            let elsewhere = try await tester.post("/api/v1/corpus/", ["name": "Second"]).created()
            let page = try await tester.element(elsewhere, "page", "1")
            try await tester.member(owner, of: "corpus", elsewhere, level: 50)

            let run = try await tester.userRun("Import by hand", as: mine)
            func sign(_ element: String, as caller: Tester.Caller) async throws -> Answer {
                try await tester.post(
                    "/api/v1/element/\(element)/transcription/", ["text": "a", "worker_run_id": .string(run)], as: caller)
            }
            // Single and bulk, in any corpus where they contribute.
            #expect(try await sign(scenario.pages[0], as: mine).status == 201)
            #expect(try await sign(page, as: mine).status == 201)
            let bulk: JSONValue = [
                "worker_run_id": .string(run), "transcriptions": .array(scenario.pages.map { ["element_id": .string($0), "text": "b"] }),
            ]
            #expect(try await tester.post("/api/v1/transcription/bulk/", bulk, as: mine).status == 201)
            let lines: JSONValue = [
                "worker_run_id": .string(run),
                "elements": [["name": "1", "type": "text_line", "polygon": .rectangle(0, 0, 500, 20)]],
            ]
            #expect(try await tester.post("/api/v1/element/\(scenario.pages[1])/children/bulk/", lines, as: mine).status == 201)
            // Nobody else, not even who may do everything.
            for caller in [theirs, .administrator] {
                let answer = try await sign(scenario.pages[0], as: caller)
                #expect(answer.status == 400 && answer.codes == ["not_your_run"], "\(answer)")
            }
            try await tester.asOwner("DELETE FROM membership WHERE user_id = $1 AND corpus_id = $2", [owner.parameter, .text(elsewhere)])
            #expect(try await sign(page, as: mine).status == 404)

            let texts = try await tester.get("/api/v1/element/\(scenario.pages[0])/transcriptions/", as: theirs).expect()["results"]
            #expect(texts?[0]?["worker_run"] == ["id": .string(run), "summary": "Import by hand"])
            let details = try await tester.get("/api/v1/process/workers/\(run)/", as: theirs).expect()
            #expect(details["summary"] == "Import by hand" && details["process"]?["mode"] == "local")
            #expect(try await tester.get("/api/v1/process/workers/\(run)/", as: stranger).status == 404)
            #expect(try await tester.get("/api/v1/corpus/\(scenario.corpus)/worker-runs/", as: theirs).ids == [run])
        }
    }

    @Test func theyAreListedToTheirOwnerAndHangOnNothingThatIsListed() async throws {
        try await Tester.with { tester in
            let scenario = try await Scenario(tester, pages: 1)
            let (_, mine) = try await tester.colleague()
            // The uniqueness of runs in a process does not bind them, nor does making many at once.
            let runs = try await tester.atOnce(8) { number in try await tester.userRun("Import \(number)", as: mine) }
            let again = try await tester.userRun("Import 0", as: mine)
            let other = try await tester.userRun("Mine")
            #expect(Set(try await tester.get("/api/v1/user/worker-runs/", as: mine).ids) == Set(runs + [again]))
            #expect(try await tester.get("/api/v1/user/worker-runs/").ids == [other])
            #expect(try await tester.value("SELECT count(*) FROM process") == "2")
            #expect(try await tester.value("SELECT count(*) FROM worker WHERE built_in") == "1")
            #expect(try await tester.get("/api/v1/workers/").ids == [scenario.worker])
            #expect(try await tester.get("/api/v1/workers/types/").expect().list.compactMap { $0["slug"] } == ["recognizer"])
            for filter in ["", "?mode=local", "?mode=template"] {
                #expect(try await tester.get("/api/v1/process/\(filter)", as: mine).ids == [])
            }
            let details = try await tester.get("/api/v1/process/workers/\(again)/", as: mine).expect()
            let version = try #require(details["worker_version"]?["id"]?.string)
            #expect(try await tester.get("/api/v1/workers/versions/\(version)/").status == 404)
            let used = try await scenario.addRun(to: try await scenario.emptyProcess(), ["worker_version_id": .string(version)])
            #expect(used.status == 400 && used.codes == ["does_not_exist"], "\(used)")
            // Nor can anything be added to or made of what it hangs on.
            let process = try #require(details["process"]?["id"]?.string)
            #expect(try await scenario.addRun(to: process, as: mine).codes == ["user_worker_run"])
            #expect(try await tester.post("/api/v1/process/\(process)/start/", [:], as: mine).codes == ["local"])
            #expect(try await tester.post("/api/v1/process/\(process)/template/", ["name": "a"], as: mine).codes == ["invalid_mode"])
            #expect(try await tester.delete("/api/v1/process/\(process)/", as: mine).codes == ["user_worker_runs"])
            for blank in ["", " ", "\t"] {
                let answer = try await tester.post("/api/v1/user/worker-runs/", ["summary": .string(blank)])
                #expect(answer.status == 400 && answer.places == ["summary"], "\(answer)")
            }
        }
    }

    /// What it signs is a person's work: it stays when the run goes below which it stands.
    @Test func whatTheySignIsWorkByHand() async throws {
        try await Tester.with { tester in
            let scenario = try await Scenario(tester, pages: 1)
            let task = try await scenario.claimed()
            let lines = try await scenario.lines(2, below: scenario.pages[0], by: task)
            let run = try await tester.userRun("Corrections")
            let body: JSONValue = ["text": "by a script", "worker_run_id": .string(run)]
            let text = try await tester.post("/api/v1/element/\(lines[0])/transcription/", body).created()
            let kept = try await tester.asOwner("SELECT id::text FROM element WHERE kept AND source_id > 0")
            #expect(kept.count == 1 && kept.text(0, 0) == lines[0])
            // Not marked itself: it goes when this very run is deleted, and with nothing else.
            #expect(try await tester.value("SELECT kept::text FROM transcription WHERE id = '\(text)'") == "false")
            _ = try await scenario.end(task)
            _ = try await tester.deleted(scenario.corpus, "worker_run_id=\(task.run)")
            #expect(try await tester.get("/api/v1/transcription/\(text)/").status == 200)
            _ = try await tester.deleted(scenario.corpus, "worker_run_id=\(run)")
            #expect(try await tester.get("/api/v1/transcription/\(text)/").status == 404)
            #expect(try await tester.miscounted() == [])
        }
    }

    /// Rule 5.5, for runs of one's own: with results they stay, counted; without any they go.
    @Test func theyAreDeletedOnlyWhileTheyHaveSignedNothing() async throws {
        try await Tester.with { tester in
            let scenario = try await Scenario(tester, pages: 1)
            let run = try await tester.userRun("Import")
            let body: JSONValue = ["text": "a", "worker_run_id": .string(run)]
            _ = try await tester.post("/api/v1/element/\(scenario.pages[0])/transcription/", body).created()
            let refused = try await tester.delete("/api/v1/process/workers/\(run)/")
            #expect(refused.status == 409 && refused.codes == ["has_results"], "\(refused)")
            #expect(refused.json["results"] == ["transcriptions": 1])
            let unused = try await tester.userRun("Unused")
            #expect(try await tester.delete("/api/v1/process/workers/\(unused)/").status == 204)
            #expect(try await tester.get("/api/v1/user/worker-runs/").ids == [run])
        }
    }

    /// A local process is for whoever runs its workers themselves: its runs are theirs to sign with, in its corpus.
    @Test func runsOfALocalProcessAreItsCreatorsInItsCorpus() async throws {
        try await Tester.with { tester in
            let scenario = try await Scenario(tester, pages: 1)
            let (_, colleague) = try await tester.colleague()
            let process = try await tester.post("/api/v1/process/corpus/", ["corpus": .string(scenario.corpus), "mode": "local"]).created()
            let run = try await scenario.addRun(to: process, as: colleague).created()
            #expect(try await scenario.addRun(to: process).codes == ["worker_run_exists"])
            let body: JSONValue = ["text": "a", "worker_run_id": .string(run)]
            let path = "/api/v1/element/\(scenario.pages[0])/transcription/"
            #expect(try await tester.post(path, body).status == 201)
            #expect(try await tester.post(path, body, as: colleague).codes == ["not_your_run"])
            let elsewhere = try await tester.post("/api/v1/corpus/", ["name": "Second"]).created()
            let page = try await tester.element(elsewhere, "page", "1")
            let foreign = try await tester.post("/api/v1/element/\(page)/transcription/", body)
            #expect(foreign.status == 400 && foreign.codes == ["other_corpus"], "\(foreign)")
            #expect(try await tester.get("/api/v1/user/worker-runs/").ids == [run])
            #expect(try await tester.get("/api/v1/process/?mode=local").ids == [process])
        }
    }

    /// Rule 5.5: what a run is made of is the record of where its results came from, from the first of them on.
    @Test func aRunThatHasPublishedKeepsItsParts() async throws {
        try await Tester.with { tester in
            let scenario = try await Scenario(tester, pages: 1)
            let process = try await tester.post("/api/v1/process/corpus/", ["corpus": .string(scenario.corpus), "mode": "local"]).created()
            let run = try await scenario.addRun(to: process).created()
            let path = "/api/v1/process/workers/\(run)/"
            let configuration = try await tester.configuration(of: scenario.worker, "Other", ["title": "b"])
            _ = try await tester.patch(path, ["configuration_id": .string(configuration)]).expect()
            let body: JSONValue = ["text": "a", "worker_run_id": .string(run)]
            _ = try await tester.post("/api/v1/element/\(scenario.pages[0])/transcription/", body).expect(201)
            let before = try await tester.get(path).expect()
            for change in [["configuration_id": .null], ["model_version_id": .null, "configuration_id": .null]] as [JSONValue] {
                let refused = try await tester.patch(path, change)
                #expect(refused.status == 409 && refused.codes == ["has_published"], "\(refused)")
            }
            #expect(try await tester.put(path, ["parents": []]).codes == ["has_published"])
            #expect(try await tester.get(path).expect() == before)
            #expect(try await tester.delete("/api/v1/workers/configurations/\(configuration)/").status == 409)
            // What changes nothing of it may be said.
            #expect(try await tester.patch(path, ["configuration_id": .string(configuration), "parents": []]).status == 200)
        }
    }
}

extension Tester {
    func userRun(_ summary: String, as caller: Caller = .administrator) async throws -> String {
        try await post("/api/v1/user/worker-runs/", ["summary": .string(summary)], as: caller).created()
    }
}
