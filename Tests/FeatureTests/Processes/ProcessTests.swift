import Postgres
import Shapes
import Tenancy
import Testing

@testable import Server

/// What processes work on, and how they start, stop, go on and end.
@Suite struct ProcessTests {
    /// Rule 5.1: modes that nothing runs are refused with a word why.
    @Test(arguments: ["workers", "dataset", "export", "local", "files", "s3", "template"])
    func modesAreMadeOrRefusedWithAWordWhy(_ mode: String) async throws {
        try await Tester.with { tester in
            let corpus = try await tester.post("/api/v1/corpus/", ["name": "Parish"]).created()
            let answer = try await tester.post("/api/v1/process/corpus/", ["corpus": .string(corpus), "mode": .string(mode)])
            if ["files", "s3", "template"].contains(mode) {
                #expect(answer.status == 400 && answer.codes == ["invalid_choice"] && answer.places == ["mode"], "\(answer)")
            } else {
                let process = try answer.expect(201)
                #expect(process["mode"] == .string(mode) && process["state"] == "unstarted" && process["activity_state"] == "disabled")
            }
        }
    }

    /// Rules 3.4, 4.5, 5.3 and 5.7: every reason against a start is named at once, where it is.
    @Test func everyReasonAgainstAStartIsNamedAtOnce() async throws {
        try await Tester.with { tester in
            let scenario = try await Scenario(tester, pages: 1, yaml: Scenario.yaml + "\nmodel_usage: supported\n")
            let empty = try await tester.element(scenario.corpus, "folder", "Empty")
            let process = try await scenario.emptyProcess(["element": .string(empty)])
            let nothing = try await tester.post("/api/v1/process/\(process)/start/", [:])
            #expect(nothing.status == 400 && Set(nothing.codes) == ["empty", "no_elements"], "\(nothing)")
            #expect(Set(nothing.places) == ["worker_runs", "element"])

            let configuration = try await tester.configuration(of: scenario.worker, "small", ["size": 2])
            let model = try await tester.modelVersion("Model")
            let other = try await scenario.otherVersion("other")
            let trained = try await scenario.otherVersion("trained", "\nmodel_usage: required\n")
            let parts: [JSONValue] = [
                ["configuration_id": .string(configuration), "model_version_id": .string(model.version)],
                ["worker_version_id": .string(other.version)], ["worker_version_id": .string(trained.version)],
            ]
            for part in parts { _ = try await scenario.addRun(to: process, part).created() }
            try await tester.asOwner("UPDATE worker_configuration SET archived = now()")
            try await tester.asOwner("UPDATE model SET archived = now()")
            _ = try await tester.patch("/api/v1/workers/\(other.worker)/", ["archived": true]).expect()
            _ = try await tester.patch("/api/v1/workers/versions/\(other.version)/", ["state": "error"]).expect()
            let refused = try await tester.post("/api/v1/process/\(process)/start/", [:])
            let named = Set(zip(refused.places, refused.codes).map { "\($0) \($1)" })
            #expect(refused.status == 400)
            #expect(
                named == [
                    "worker_runs.0.configuration_id archived", "worker_runs.0.model_version_id archived",
                    "worker_runs.1.worker_version_id archived", "worker_runs.1.worker_version_id unavailable",
                    "worker_runs.2.model_version_id model_required", "element no_elements",
                ], "\(refused)")
            // Nothing of it was kept.
            #expect(try await scenario.state(of: process) == "unstarted")
            #expect(try await tester.value("SELECT count(*) FROM task") == "0")
            // What exists goes on showing them.
            let runs = try await tester.get("/api/v1/process/\(process)/workers/").expect()["results"]
            #expect(runs?[0]?["configuration"]?["archived"] == true && runs?[1]?["worker_version"]?["state"] == "error")
        }
    }

    /// Rule 2.3: whoever may not use a worker does not start it either, even where somebody else has added it.
    @Test func aStartNeedsTheRightToEveryWorker() async throws {
        try await Tester.with(.enterprise) { tester in
            let scenario = try await Scenario(tester, pages: 1)
            let (process, _) = try await scenario.process()
            let (person, colleague) = try await tester.colleague()
            try await tester.member(person, of: "corpus", scenario.corpus, level: 100)
            let refused = try await tester.post("/api/v1/process/\(process)/start/", [:], as: colleague)
            #expect(refused.status == 403 && refused.places == ["worker_runs.0.worker_version_id"], "\(refused)")
            try await tester.member(person, of: "worker", scenario.worker, level: 50)
            #expect(try await tester.post("/api/v1/process/\(process)/start/", [:], as: colleague).status == 201)
        }
    }

    @Test func elementsAreChosenByWhatTheyAre() async throws {
        try await Tester.with { tester in
            let scenario = try await Scenario(tester, pages: 3)
            let lines = try await scenario.lines(2, below: scenario.pages[0], by: nil)
            let letter = try await tester.post("/api/v1/corpus/\(scenario.corpus)/classes/", ["name": "letter"]).created()
            for page in scenario.pages.prefix(2) {
                _ = try await tester.post(
                    "/api/v1/classifications/", ["element": .string(page), "ml_class": .string(letter), "confidence": 1]
                ).expect(201)
            }
            func chosen(_ body: JSONValue) async throws -> Set<String> {
                let whole: JSONValue = ["corpus": .string(scenario.corpus)]
                let process = try await tester.post("/api/v1/process/corpus/", whole.adding(body)).created()
                let list = try await tester.get("/api/v1/process/\(process)/elements/?with_count=true")
                #expect(list.json["count"]?.int == list.ids.count)
                return Set(list.ids)
            }
            let (folder, page) = (JSONValue.string(scenario.folder), JSONValue.string(scenario.pages[0]))
            #expect(try await chosen([:]) == Set([scenario.folder] + scenario.pages + lines))
            #expect(try await chosen(["element": folder]) == Set(scenario.pages))
            #expect(try await chosen(["element": folder, "load_children": true]) == Set(scenario.pages + lines))
            #expect(try await chosen(["element": page]) == [scenario.pages[0]])
            #expect(try await chosen(["element": page, "load_children": true]) == Set([scenario.pages[0]] + lines))
            #expect(try await chosen(["element_type": "TEXT_LINE"]) == Set(lines))
            #expect(try await chosen(["name_contains": "PAGE 1"]) == [scenario.pages[1]])
            #expect(try await chosen(["ml_class": .string(letter), "name_contains": "0"]) == [scenario.pages[0]])
            let wrong = try await tester.post(
                "/api/v1/process/corpus/",
                [
                    "corpus": .string(scenario.corpus), "element": .string(letter), "element_type": "book",
                    "ml_class": .string(scenario.folder), "selection": true,
                ])
            #expect(wrong.status == 400, "\(wrong)")
            #expect(wrong.places == ["element", "element_type", "ml_class", "selection"])
            let set = try await tester.post(
                "/api/v1/process/corpus/", ["corpus": .string(scenario.corpus), "mode": "dataset", "element": folder])
            #expect(set.status == 400 && set.codes == ["no_elements"], "\(set)")
        }
    }

    @Test func aProcessKeepsTheSelectionThatItWasMadeFrom() async throws {
        try await Tester.with { tester in
            let scenario = try await Scenario(tester, pages: 3)
            let whole: JSONValue = ["corpus": .string(scenario.corpus), "selection": true]
            let early = try await tester.post("/api/v1/process/corpus/", whole)
            #expect(early.status == 400 && early.codes == ["empty"] && early.places == ["selection"], "\(early)")
            let ids: JSONValue = .array(scenario.pages.prefix(2).map { .string($0) })
            _ = try await tester.post("/api/v1/elements/selection/", ["ids": ids]).expect(204)
            let process = try await tester.post("/api/v1/process/corpus/", whole).created()
            _ = try await tester.delete("/api/v1/elements/selection/", [:]).expect(204)
            func chosen() async throws -> Set<String> { Set(try await tester.get("/api/v1/process/\(process)/elements/").ids) }
            #expect(try await chosen() == Set(scenario.pages.prefix(2)))
            // Until the start it may be chosen anew, and by other means.
            _ = try await tester.post("/api/v1/elements/selection/", ["ids": [.string(scenario.pages[2])]]).expect(204)
            let changed = try await tester.patch("/api/v1/process/\(process)/", ["selection": true]).expect()
            #expect(changed["selection"] == true)
            #expect(try await chosen() == [scenario.pages[2]])
            let both = try await tester.patch("/api/v1/process/\(process)/", ["element": .string(scenario.folder)])
            #expect(both.status == 400 && both.places == ["selection"], "\(both)")
            let folder: JSONValue = ["selection": false, "element": .string(scenario.folder), "element_type": "page", "name": "All"]
            let other = try await tester.patch("/api/v1/process/\(process)/", folder).expect()
            #expect(other["selection"] == false && other["name"] == "All" && other["element"]?["id"] == .string(scenario.folder))
            #expect(try await chosen() == Set(scenario.pages))
            #expect(try await tester.value("SELECT count(*) FROM process_element") == "0")
            let narrower = try await tester.patch("/api/v1/process/\(process)/", ["element": .null, "name_contains": "2"]).expect()
            #expect(narrower["element"] == .null)
            #expect(try await chosen() == [scenario.pages[2]])
        }
    }

    /// Training: sets instead of elements, one task for each run, no activities; and the model of which its tasks make versions.
    @Test func aDatasetProcessWorksOnSets() async throws {
        try await Tester.with { tester in
            let scenario = try await Scenario(tester, pages: 2)
            let dataset = try await scenario.dataset(["train", "dev"])
            let shown = try await tester.get("/api/v1/datasets/\(dataset)/").expect()["sets"]?.list ?? []
            let sets = shown.compactMap { $0["id"]?.string }
            let model = try await tester.model("Gothic")
            let whole: JSONValue = ["corpus": .string(scenario.corpus), "mode": "dataset"]
            let process = try await tester.post("/api/v1/process/corpus/", whole).created()
            _ = try await scenario.addRun(to: process).created()
            let path = "/api/v1/process/\(process)/"
            #expect(try await tester.post(path + "start/", ["chunks": 2]).codes == ["no_sets", "not_shared"])
            let wrong = try await tester.patch(path, ["dataset_sets": [.string(sets[0]), .string(dataset)]])
            #expect(wrong.status == 400 && wrong.places == ["dataset_sets.1"], "\(wrong)")
            let given: JSONValue = ["dataset_sets": .array(sets.map { .string($0) }), "model_id": .string(model)]
            #expect(try await tester.patch(path, given).expect()["model_id"] == .string(model))
            #expect(Set(try await tester.get(path + "sets/").ids) == Set(sets))
            _ = try await tester.post(path + "start/", [:]).expect(201)
            let started = try await tester.get(path).expect()
            #expect(started["tasks"]?.list.count == 1 && started["activity_state"] == "disabled")
            #expect(try await scenario.activities(of: process) == [:])
            let task = try #require(try await scenario.claim(process))
            #expect(try await scenario.next(task).status == 404)
            try await scenario.end(task, "failed")
            try await tester.asOwner("UPDATE model SET archived = now()")
            let again = try await tester.post(path + "retry/")
            #expect(again.status == 400 && again.places == ["model_id"] && again.codes == ["archived"], "\(again)")
            try await tester.asOwner("UPDATE model SET archived = NULL")
            #expect(try await tester.post(path + "retry/").status == 200)
            let refused = try await tester.post(
                "/api/v1/process/corpus/", ["corpus": .string(scenario.corpus), "model_id": .string(model)])
            #expect(refused.status == 400 && refused.codes == ["wrong_mode"], "\(refused)")
            let made = try await tester.post("/api/v1/process/corpus/", whole.adding(given)).created()
            #expect(Set(try await tester.get("/api/v1/process/\(made)/sets/").ids) == Set(sets))
        }
    }

    /// Rule 5.7: parents come first; chunks share the elements, and none is without one.
    @Test func aStartMakesTasksAndActivities() async throws {
        try await Tester.with { tester in
            let scenario = try await Scenario(tester, pages: 3)
            let (process, first) = try await scenario.process()
            let configuration = try await tester.configuration(of: scenario.worker, "small", ["size": 2])
            let second = try await scenario.addRun(
                to: process, ["configuration_id": .string(configuration), "parents": [.string(first)]]
            ).created()
            let started = try await tester.post("/api/v1/process/\(process)/start/", ["chunks": 10, "use_gpu": true]).expect(201)
            #expect(started["state"] == "pending" && started["chunks"] == 3 && started["use_gpu"] == true)
            #expect(started["activity_state"] == "ready")
            let tasks = started["tasks"]?.list ?? []
            #expect(tasks.filter { $0["worker_run"] == .string(first) }.map { $0["state"] } == Array(repeating: "pending", count: 3))
            #expect(tasks.filter { $0["worker_run"] == .string(second) }.map { $0["state"] } == Array(repeating: "unscheduled", count: 3))
            #expect(try await scenario.activities(of: process) == ["queued": 6])
            for _ in 0..<3 {
                let task = try #require(try await scenario.claim(process))
                #expect(task.run == first)
                #expect(try await scenario.state(of: process) == "running")
                #expect(try await scenario.next(task).status == 200)
                #expect(try await scenario.next(task).status == 404)
                try await scenario.end(task)
            }
            // What a task had started when it ended is an error.
            #expect(try await scenario.activities(of: process) == ["queued": 3, "error": 3])
            while let task = try await scenario.claim(process) {
                #expect(task.run == second)
                try await scenario.work(task)
            }
            let ended = try await tester.get("/api/v1/process/\(process)/").expect()
            #expect(ended["state"] == "completed" && ended["finished"] != .null)
            let corpus = try await tester.get("/api/v1/corpus/\(scenario.corpus)/activity-stats/").expect()
            #expect(corpus.list.map { $0["worker_run"]?["id"]?.string } == [first, second])
            #expect(corpus[0]?["error"] == 3 && corpus[1]?["processed"] == 3)
        }
    }

    /// Rule 5.7: a retry is a new round over the same runs, for what is left.
    @Test func aRetryWorksOnWhatIsLeft() async throws {
        try await Tester.with { tester in
            let scenario = try await Scenario(tester, pages: 4)
            let (process, run) = try await scenario.process()
            let tasks = try await scenario.start(process, run, chunks: 2)
            try await scenario.work(tasks[0])
            let element = try #require(try await scenario.next(tasks[1]).id)
            try await scenario.report(element, "error", by: tasks[1])
            try await scenario.end(tasks[1], "failed")
            #expect(try await scenario.state(of: process) == "failed")
            let again = try await tester.post("/api/v1/process/\(process)/retry/").expect()
            #expect(again["state"] == "pending" && again["finished"] == .null)
            // The chunk that is done gets no task: its worker would find nothing and fail.
            #expect(again["tasks"]?.list.map { $0["chunk"] } == [2])
            #expect(try await tester.post("/api/v1/process/\(process)/retry/").codes == ["wrong_state"])
            try await scenario.work(try #require(try await scenario.claim(process)))
            #expect(try await scenario.state(of: process) == "completed")
            #expect(try await scenario.activities(of: process) == ["processed": 4])
            let done = try await tester.post("/api/v1/process/\(process)/retry/")
            #expect(done.status == 409 && done.codes == ["nothing_to_do"], "\(done)")
            #expect(try await scenario.state(of: process) == "completed")
            #expect(try await tester.get("/api/v1/process/\(process)/workers/").ids == [run])
        }
    }

    /// Rules 3.4 and 4.5: the checks of the start are made again.
    @Test func aRetryMakesTheChecksAgain() async throws {
        try await Tester.with { tester in
            let scenario = try await Scenario(tester, pages: 1)
            let configuration = try await tester.configuration(of: scenario.worker, "small", ["size": 2])
            let process = try await scenario.emptyProcess()
            let run = try await scenario.addRun(to: process, ["configuration_id": .string(configuration)]).created()
            let task = try #require(try await scenario.start(process, run).first)
            try await scenario.end(task, "failed")
            try await tester.asOwner("UPDATE worker_configuration SET archived = now()")
            _ = try await tester.patch("/api/v1/workers/versions/\(scenario.version)/", ["state": "error"]).expect()
            for path in ["/api/v1/process/\(process)/retry/", "/api/v1/task/\(task.task)/restart/"] {
                let refused = try await tester.post(path)
                #expect(refused.status == 400 && Set(refused.codes) == ["archived", "unavailable"], "\(refused)")
            }
            #expect(try await scenario.state(of: process) == "failed")
            try await tester.asOwner("UPDATE worker_configuration SET archived = NULL")
            _ = try await tester.patch("/api/v1/workers/versions/\(scenario.version)/", ["state": "available"]).expect()
            #expect(try await tester.post("/api/v1/process/\(process)/retry/").status == 200)
        }
    }

    @Test func oneFailedTaskCanBeRestartedWhileOthersGoOn() async throws {
        try await Tester.with { tester in
            let scenario = try await Scenario(tester, pages: 2)
            let (process, run) = try await scenario.process()
            let tasks = try await scenario.start(process, run, chunks: 2)
            let path = "/api/v1/task/\(tasks[0].task)/restart/"
            #expect(try await tester.post(path).codes == ["wrong_state"])
            _ = try await scenario.next(tasks[0])
            try await scenario.end(tasks[0], "failed")
            #expect(try await tester.post(path).expect()["state"] == "pending")
            #expect(try await scenario.state(of: process) == "running")
            let again = try #require(try await scenario.claim(process))
            #expect(again.task == tasks[0].task && again.token != tasks[0].token)
            try await scenario.work(again)
            try await scenario.end(tasks[1], "error")
            #expect(try await scenario.state(of: process) == "failed")
            // Also when everything else has ended: the process begins anew.
            #expect(try await tester.post("/api/v1/task/\(tasks[1].task)/restart/").status == 200)
            try await scenario.work(try #require(try await scenario.claim(process)))
            #expect(try await scenario.state(of: process) == "completed")
            #expect(try await tester.post(path).codes == ["wrong_state"])
        }
    }

    @Test func aStopEndsWhatWaitsAndWaitsForWhatRuns() async throws {
        try await Tester.with { tester in
            let scenario = try await Scenario(tester, pages: 3)
            let (process, run) = try await scenario.process()
            let tasks = try await scenario.start(process, run, chunks: 3).prefix(1)
            let task = try #require(tasks.first)
            _ = try await scenario.next(task)
            #expect(try await tester.post("/api/v1/process/\(process)/stop/").expect()["state"] == "stopping")
            #expect(try await scenario.claim(process) == nil)
            #expect(try await tester.post("/api/v1/process/\(process)/stop/").codes == ["wrong_state"])
            // A worker that stops asks for nothing more, but may still say what it has done.
            #expect(try await scenario.next(task).status == 404)
            for running in try await tester.runningTasks() { try await tester.expire(running) }
            try await tester.reap()
            #expect(try await scenario.state(of: process) == "stopped")
            #expect(try await scenario.activities(of: process) == ["queued": 3])
            #expect(try await tester.post("/api/v1/process/\(process)/retry/").expect()["state"] == "pending")
            // Stopped before anything ran.
            #expect(try await tester.post("/api/v1/process/\(process)/stop/").expect()["state"] == "stopped")
        }
    }

    /// Rule 5.8: what a task had started is queued again when its lease is lost, until its attempts are spent.
    @Test func aLostLeaseGivesItsElementsBack() async throws {
        try await Tester.with { tester in
            let scenario = try await Scenario(tester, pages: 2)
            let (process, run) = try await scenario.process()
            var task = try #require(try await scenario.start(process, run).first)
            for attempt in 1...3 {
                #expect(try await scenario.next(task).status == 200)
                #expect(try await scenario.activities(of: process) == ["queued": 1, "started": 1])
                try await tester.expire(task.task)
                #expect(try await scenario.next(task).status == 401)
                try await tester.reap()
                #expect(try await scenario.activities(of: process) == ["queued": 2])
                guard attempt < 3 else { break }
                #expect(try await scenario.state(of: process) == "running")
                task = try #require(try await scenario.claim(process))
            }
            #expect(try await scenario.claim(process) == nil)
            let ended = try await tester.get("/api/v1/process/\(process)/").expect()
            #expect(ended["state"] == "failed" && ended["tasks"]?[0]?["state"] == "error")
        }
    }

    /// Rule 5.5: hidden results count; without any, what has run can go.
    @Test func whatHasResultsIsNotDeleted() async throws {
        try await Tester.with { tester in
            let scenario = try await Scenario(tester, pages: 1)
            let task = try await scenario.claimed()
            _ = try await scenario.text("a", on: scenario.pages[0], by: task)
            let path = "/api/v1/process/\(task.process)/"
            #expect(try await tester.delete(path).codes == ["wrong_state"])
            try await scenario.work(task)
            for hides in [false, true] {
                if hides {
                    try await tester.asOwner("UPDATE source SET open = false")
                    try await tester.asOwner(
                        """
                        WITH made AS (INSERT INTO deletion (tenant_id, id, corpus_id, undo_until)
                          SELECT tenant_id, gen_random_uuid(), id, now() + interval '1 day' FROM corpus RETURNING tenant_id, id, corpus_id)
                        INSERT INTO hidden_source (tenant_id, source_id, deletion_id, corpus_id, everything)
                        SELECT m.tenant_id, s.id, m.id, m.corpus_id, false FROM made m JOIN source s USING (tenant_id, corpus_id)
                        """)
                    #expect(try await tester.get("/api/v1/element/\(scenario.pages[0])/transcriptions/").ids == [])
                }
                let refused = try await tester.delete(path)
                #expect(refused.status == 409 && refused.codes == ["has_results"], "\(refused)")
                #expect(refused.json["results"] == ["transcriptions": 1])
                #expect(refused.json["worker_runs"]?[0]?["id"] == .string(task.run))
            }
            // One that ran and made nothing, and one that never ran.
            let second = try await scenario.claimed()
            try await scenario.end(second, "failed")
            let (third, _) = try await scenario.process()
            for process in [second.process, third] {
                #expect(try await tester.delete("/api/v1/process/\(process)/").status == 204)
                #expect(try await tester.get("/api/v1/process/\(process)/").status == 404)
            }
            #expect(try await tester.value("SELECT count(*) FROM worker_run") == "1")
            #expect(try await tester.value("SELECT count(*) FROM worker_activity") == "1")
        }
    }

    @Test func processesAreFiltered() async throws {
        try await Tester.with { tester in
            let scenario = try await Scenario(tester, pages: 1)
            let (person, colleague) = try await tester.colleague()
            let first = try await scenario.emptyProcess(["name": "Première lecture"])
            let (second, _) = try await scenario.process()
            _ = try await tester.post("/api/v1/process/\(second)/start/", [:]).expect(201)
            let body: JSONValue = ["corpus": .string(scenario.corpus), "mode": "export"]
            let third = try await tester.post("/api/v1/process/corpus/", body, as: colleague).created()
            func list(_ query: String) async throws -> [String] { try await tester.get("/api/v1/process/?\(query)").ids }
            #expect(try await list("") == [third, second, first])
            #expect(try await list("name=LECTURE") == [first])
            #expect(try await list("name=\(second)") == [second])
            #expect(try await list("creator=\(person.text)") == [third])
            #expect(try await list("started=True") == [second])
            #expect(try await list("started=False&mode=workers") == [first])
            #expect(try await list("state=pending&corpus=\(scenario.corpus)") == [second])
            #expect(try await list("corpus=\(scenario.folder)") == [])
        }
    }
}

extension Tester {
    /// As if whoever runs a task had fallen silent long enough.
    func expire(_ task: String) async throws {
        try await asOwner("UPDATE task SET lease_until = now() - interval '1 second' WHERE id = $1", [.text(task)])
    }

    func runningTasks() async throws -> [String] {
        let rows = try await asOwner("SELECT id::text FROM task WHERE state IN ('running', 'stopping')")
        return (0..<rows.count).compactMap { rows.text($0, 0) }
    }

    /// What the server does every few seconds.
    func reap() async throws {
        try await database.connected(to: database.application) { lease in
            _ = try await lease.segment([.enter(tenant, scheme: "system"), Call("SELECT reap_tasks()")])
        }
    }
}
