import HTTPTypes
import Postgres
import Shapes
import Tenancy
import Testing
import Web

@testable import Server

/// Taking results back: what goes, what stays, and that it comes back.
@Suite struct DeletionTests {
    @Test func nothingEverMeansEverything() async throws {
        try await Tester.with { tester in
            let scenario = try await Scenario(tester, pages: 1)
            let task = try await scenario.finished()
            _ = try await scenario.text("a", on: scenario.pages[0], by: nil)
            let path = "/api/v1/corpus/\(scenario.corpus)/worker-results/"
            let other = "0198c0de-0000-7000-8000-000000000000"
            for (query, status) in [
                ("", 400), ("?worker_run_id=", 400), ("?worker_run_id=null", 400), ("?worker_run_id=False", 400),
                ("?worker_run=\(task.run)", 400),
                ("?worker_run_id=\(task.run)&element=\(scenario.folder)", 400), ("?worker_version_id=", 400),
                ("?worker_run_id=\(task.run)&worker_version_id=\(scenario.version)", 400),
                ("?worker_run_id=\(task.run)&model_version_id=False", 400),
                ("?worker_version_id=\(scenario.version)&model_version_id=", 400),
                ("?worker_version_id=\(scenario.version)&configuration_id=undefined", 400), ("?model_version_id=False", 400),
                ("?worker_run_id=\(task.run)&worker_run_id=\(other)", 400), ("?worker_run_id=\(other)", 404),
                ("?worker_version_id=\(other)", 404),
                ("?worker_version_id=\(scenario.version)&model_version_id=\(other)", 404), ("?worker_run_id=\(task.run)&keep_manual=", 400),
                ("?worker_run_id=\(task.run)&token=\(other)", 400),
            ] {
                let answer = try await tester.delete(path + query)
                #expect(answer.status == status, "\(query): \(answer)")
            }
            for body: JSONValue in [
                [:], ["worker_run_id": .null], ["worker_run_id": ""], ["worker_run": .string(task.run)],
                ["worker_version_id": .string(scenario.version), "model_version_id": .null],
            ] {
                #expect(try await tester.post(path + "preview/", body).status == 400, "\(body)")
            }
            #expect(try await tester.get("/api/v1/corpus/\(scenario.corpus)/deletions/").expect()["count"] == 0)
            #expect(try await tester.value("SELECT count(*) FROM hidden_source") == "0")
        }
    }

    /// Rule 7.3, as a sweep: whatever operation reads, it tells nothing of what is gone, and after the undo says the same as before.
    @Test(arguments: [true, false]) func goneFromEveryAnswerAndBackByUndo(keepManual: Bool) async throws {
        try await Tester.with { tester in
            let scenario = try await Scenario(tester, pages: 1)
            let work = try await MixedWork(scenario)
            let before = try await work.answers()
            let gone = keepManual ? work.machine : work.machine.union(work.byHand)
            #expect(gone.allSatisfy { id in before.values.contains { $0.contains(id) } })

            let preview = try await tester.previewed(
                scenario.corpus, ["worker_run_id": .string(work.run), "keep_manual": .boolean(keepManual)])
            let made = try await tester.deleted(
                scenario.corpus, "worker_run_id=\(work.run)&keep_manual=\(keepManual)&token=\(preview.token)")
            for (path, answer) in try await work.answers() {
                let told = gone.filter { answer.contains($0) }
                #expect(told == [], "\(path): \(answer)")
            }
            #expect(try await tester.miscounted() == [])
            let counts = try await work.visibleCounts()
            #expect(counts.first == work.all.first.map { $0 - gone.count }, "\(counts)")

            let counted = try await tester.restored(scenario.corpus, made.deletion).expect()
            #expect(counted["results"] == preview.json["results"] && counted["other_runs"] == preview.json["other_runs"])
            let differing = try await work.answers().differing(from: before)
            #expect(differing == [])
            // Again is the same.
            #expect(try await tester.restored(scenario.corpus, made.deletion).expect() == counted)
            #expect(try await tester.get("/api/v1/jobs/\(made.job)/").expect()["state"] == "cancelled")
        }
    }

    /// Rule 7.7.
    @Test func whileATaskIsAtWorkItIsRefused() async throws {
        try await Tester.with { tester in
            let scenario = try await Scenario(tester, pages: 1)
            let task = try await scenario.claimed()
            _ = try await scenario.lines(1, below: scenario.pages[0], by: task)
            let path = "/api/v1/corpus/\(scenario.corpus)/worker-results/?worker_run_id=\(task.run)"
            let refused = try await tester.delete(path)
            #expect(refused.status == 409 && refused.codes == ["run_is_working"], "\(refused)")
            #expect(refused.json["process"] == .string(task.process))
            _ = try await tester.post("/api/v1/process/\(task.process)/stop/").expect()
            #expect(try await tester.delete(path).status == 409)
            try await scenario.complete(task)
            #expect(try await tester.delete(path).status == 202)
        }
    }

    /// Rules 7.6 and 7.8: a generation is closed, a further round opens the next, and that stands in the way of the undo.
    @Test func theNextRoundBeginsAnewAndStandsInTheWayOfTheUndo() async throws {
        try await Tester.with { tester in
            let scenario = try await Scenario(tester, pages: 2)
            let task = try await scenario.claimed()
            for _ in 0..<2 {
                let element = try await tester.post("/api/v1/process/start-activity/", as: task.caller).expect()
                let report: JSONValue = ["element_id": element["id"] ?? .null, "process_id": .string(task.process), "state": "processed"]
                _ = try await tester.put("/api/v1/workers/versions/\(task.run)/activity/", report, as: task.caller).expect()
            }
            let first = try await scenario.text("first", on: scenario.pages[0], by: task)
            try await scenario.complete(task)
            let statistics = "/api/v1/process/\(task.process)/activity-stats/"
            #expect(try await tester.get(statistics).expect()[0]?["processed"] == 2)
            let made = try await tester.deleted(scenario.corpus, "worker_run_id=\(task.run)")
            let reset = try await tester.get(statistics).expect()[0]
            #expect(reset?["processed"] == 0 && reset?["queued"] == 2, "\(String(describing: reset))")
            #expect(try await tester.get("/api/v1/process/workers/\(task.run)/").expect()["hidden_until"] == .string(made.undoUntil))
            // A task that was claimed before would be refused: see HiddenTests. The next round is not.
            _ = try await tester.post("/api/v1/process/\(task.process)/retry/").expect()
            let claim = try await tester.post("/api/v1/agent/claim/", ["process": .string(task.process)]).expect()
            let again = Claimed(
                process: task.process, run: task.run, task: try #require(claim["id"]?.string), token: try #require(claim["token"]?.string))
            #expect(try await tester.post("/api/v1/process/start-activity/", as: again.caller).status == 200)
            // Nothing is published yet: the undo is still possible, and deleting again finds nothing new.
            let second = try await scenario.text("second", on: scenario.pages[0], by: again)
            let texts = "/api/v1/element/\(scenario.pages[0])/transcriptions/"
            #expect(try await tester.get(texts).ids == [second])
            let refused = try await tester.restored(scenario.corpus, made.deletion)
            #expect(refused.status == 409 && refused.codes == ["republished"], "\(refused)")
            // Both generations can be deleted side by side, each a deletion of its own.
            try await scenario.complete(again)
            let later = try await tester.deleted(scenario.corpus, "worker_run_id=\(task.run)")
            #expect(later.deletion != made.deletion)
            #expect(try await tester.get(texts).ids == [])
            #expect(try await tester.restored(scenario.corpus, made.deletion).status == 409)
            #expect(try await tester.restored(scenario.corpus, later.deletion).status == 200)
            #expect(try await tester.get(texts).ids == [second])
            #expect(first != second)
        }
    }

    @Test func askedTwiceItIsOneDeletion() async throws {
        try await Tester.with { tester in
            let scenario = try await Scenario(tester, pages: 1)
            let task = try await scenario.finished()
            let made = try await tester.deleted(scenario.corpus, "worker_run_id=\(task.run)")
            let again = try await tester.deleted(scenario.corpus, "worker_run_id=\(task.run)")
            #expect(again == made)
            let other = try await tester.delete(
                "/api/v1/corpus/\(scenario.corpus)/worker-results/?worker_run_id=\(task.run)&keep_manual=false")
            #expect(other.status == 409 && other.codes == ["nothing_to_delete"], "\(other)")
            #expect(try await tester.get("/api/v1/corpus/\(scenario.corpus)/deletions/?state=hidden").ids == [made.deletion])
            let cancelled = try await tester.delete("/api/v1/jobs/\(made.job)/")
            #expect(cancelled.status == 409 && cancelled.codes == ["not_cancellable"], "\(cancelled)")
        }
    }

    @Test func afterTheHorizonThereIsNoWayBack() async throws {
        try await Tester.with { tester in
            let scenario = try await Scenario(tester, pages: 1)
            let task = try await scenario.finished()
            #expect(try await tester.patch("/api/v1/settings/", ["purge_horizon": 3600]).expect() == ["purge_horizon": 3600])
            let made = try await tester.deleted(scenario.corpus, "worker_run_id=\(task.run)")
            #expect(
                try await tester.value(
                    "SELECT (undo_until BETWEEN now() + interval '59 minutes' AND now() + interval '1 hour')::text FROM deletion") == "true"
            )
            try await tester.asOwner("UPDATE deletion SET undo_until = now()")
            let late = try await tester.restored(scenario.corpus, made.deletion)
            #expect(late.status == 410 && late.codes == ["gone"], "\(late)")
            #expect(try await tester.restored(scenario.folder, made.deletion).status == 404)
        }
    }

    /// By version, with and without a configuration: only the runs that are meant.
    @Test func aVersionMayBeNarrowedDown() async throws {
        try await Tester.with { tester in
            let scenario = try await Scenario(tester, pages: 1)
            let plain = try await scenario.finished()
            let configuration = try await tester.configuration(of: scenario.worker, "small", ["size": 2])
            let configured = try await scenario.finished(["configuration_id": .string(configuration)])
            let of = "worker_version_id=\(scenario.version)&"
            let texts = "/api/v1/element/\(scenario.pages[0])/transcriptions/?worker_run="
            let first = try await tester.deleted(scenario.corpus, of + "configuration_id=\(configuration)")
            #expect(try await tester.get(texts + configured.run).ids == [])
            #expect(try await tester.get(texts + plain.run).ids.count == 1)
            _ = try await tester.restored(scenario.corpus, first.deletion).expect()
            let second = try await tester.deleted(scenario.corpus, of + "configuration_id=False&model_version_id=False")
            #expect(try await tester.get(texts + configured.run).ids.count == 1)
            #expect(try await tester.get(texts + plain.run).ids == [])
            let third = try await tester.deleted(scenario.corpus, of + "keep_manual=false")
            let list = try await tester.get("/api/v1/corpus/\(scenario.corpus)/deletions/?state=hidden")
            #expect(list.ids == [third.deletion, second.deletion])
            // Each stands for itself.
            _ = try await tester.restored(scenario.corpus, second.deletion).expect()
            #expect(try await tester.get(texts + configured.run).ids == [])
            #expect(try await tester.get(texts + plain.run).ids.count == 1)
        }
    }

    /// What another run, or a person, makes below a kept element after the deletion is seen, and not purged with it.
    @Test func whatIsMadeAfterwardsBelowWhatStayedIsSeen() async throws {
        try await Tester.with { tester in
            let scenario = try await Scenario(tester, pages: 1)
            let task = try await scenario.claimed()
            let line = try #require(try await scenario.lines(1, below: scenario.pages[0], by: task).first)
            #expect(try await tester.patch("/api/v1/element/\(line)/", ["name": "edited"]).status == 200)
            let other = try await scenario.claimed()
            let before = try await scenario.lines(1, below: line, by: other)
            try await scenario.complete(task)
            let made = try await tester.deleted(scenario.corpus, "worker_run_id=\(task.run)")
            #expect(try await tester.children(line) == [])
            let after = try await scenario.lines(1, below: line, by: other, from: 1)
            let byHand = try await scenario.lines(1, below: line, by: nil, from: 2)
            #expect(try await tester.children(line) == after + byHand)
            let word = try await scenario.lines(1, below: byHand[0], by: other, from: 3)
            #expect(try await tester.children(byHand[0]) == word)
            #expect(try await tester.miscounted() == [])
            _ = try await tester.restored(scenario.corpus, made.deletion).expect()
            #expect(try await tester.children(line) == before + after + byHand)
            #expect(try await tester.miscounted() == [])
        }
    }

    /// Undo would find them somewhere else.
    @Test func whatHoldsHiddenPlacesIsNotMoved() async throws {
        try await Tester.with { tester in
            let scenario = try await Scenario(tester, pages: 2)
            let task = try await scenario.claimed()
            _ = try await scenario.lines(1, below: scenario.pages[0], by: task)
            let other = try await tester.element(scenario.corpus, "folder", "Other")
            try await scenario.complete(task)
            let made = try await tester.deleted(scenario.corpus, "worker_run_id=\(task.run)")
            for answer in [
                try await tester.link(scenario.pages[0], other),
                try await tester.delete("/api/v1/element/\(scenario.pages[0])/parent/\(scenario.folder)/"),
            ] {
                #expect(answer.status == 409 && answer.codes == ["hidden_below"], "\(answer)")
            }
            #expect(try await tester.link(scenario.pages[1], other).status == 201)
            _ = try await tester.restored(scenario.corpus, made.deletion).expect()
            #expect(try await tester.link(scenario.pages[0], other).status == 201)
        }
    }

    @Test func onlyAdministratorsOfTheCorpusDelete() async throws {
        try await Tester.with(.enterprise) { tester in
            let scenario = try await Scenario(tester, pages: 1)
            let task = try await scenario.finished()
            let person = try await tester.person("reader@example.org")
            let caller = Tester.Caller.token(try await tester.token(of: person))
            let query = "/api/v1/corpus/\(scenario.corpus)/worker-results/?worker_run_id=\(task.run)"
            #expect(try await tester.delete(query, as: caller).status == 404)
            for (level, status) in [("10", 403), ("50", 403), ("100", 202)] {
                try await tester.asOwner(
                    """
                    INSERT INTO membership (tenant_id, id, user_id, corpus_id, level) VALUES ($1, uuid7(), $2, $3, $4)
                    ON CONFLICT ON CONSTRAINT membership_unique DO UPDATE SET level = excluded.level
                    """, [tester.tenant.parameter, person.parameter, .text(scenario.corpus), .text(level)])
                #expect(try await tester.delete(query, as: caller).status == status)
            }
            #expect(try await tester.delete(query, as: task.caller).status == 401)
            #expect(try await tester.value("SELECT string_agg(kind, ',') FROM audit_event WHERE kind LIKE 'results%'") == "results_deleted")
        }
    }
}

/// What a deletion answered.
struct Deleted: Equatable, Sendable {
    let deletion: String
    let job: String
    let undoUntil: String
}

extension Tester {
    func previewed(_ corpus: String, _ filter: JSONValue) async throws -> (token: String, json: JSONValue) {
        let json = try await post("/api/v1/corpus/\(corpus)/worker-results/preview/", filter).expect()
        return (try #require(json["token"]?.string), json)
    }

    func deleted(_ corpus: String, _ query: String) async throws -> Deleted {
        let json = try await delete("/api/v1/corpus/\(corpus)/worker-results/?\(query)").expect(202)
        return Deleted(
            deletion: try #require(json["deletion"]?.string), job: try #require(json["job"]?.string),
            undoUntil: try #require(json["undo_until"]?.string))
    }

    func restored(_ corpus: String, _ deletion: String) async throws -> Answer {
        try await post("/api/v1/corpus/\(corpus)/worker-results/restore/", ["deletion": .string(deletion)])
    }
}

extension Scenario {
    /// Ends a task as its program would.
    func complete(_ task: Claimed) async throws {
        _ = try await tester.patch("/api/v1/task/\(task.task)/", ["state": "completed"], as: task.caller)
        let ended = try await tester.get("/api/v1/task/\(task.task)/").expect()
        try #require(ended["finished"] != .null, "\(ended)")
    }

    /// A run that has published one transcription on the first page, and whose task has ended.
    func finished(_ parts: JSONValue = [:]) async throws -> Claimed {
        let process = try await emptyProcess()
        let body: JSONValue = ["worker_version_id": .string(version)]
        let run = try await tester.post("/api/v1/process/\(process)/workers/", body.adding(parts)).created()
        let task = try #require(try await start(process, run).first)
        _ = try await text("Text", on: pages[0], by: task)
        try await complete(task)
        return task
    }
}
