import Postgres
import Shapes
import Tenancy
import Testing

@testable import Server

/// Rule 5.7: how processes start, and start again.
@Suite struct StartTests {
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
}
