import Postgres
import Shapes
import Tenancy
import Testing

@testable import Server

/// How tasks end, and begin again.
@Suite struct TaskTests {
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

    /// Without what it waits for it would wait for ever.
    @Test func aTaskIsRestartedAfterItsParents() async throws {
        try await Tester.with { tester in
            let scenario = try await Scenario(tester, pages: 1)
            let (process, first) = try await scenario.process()
            let other = try await scenario.otherVersion("second")
            let child = try await scenario.addRun(to: process, ["worker_version_id": .string(other.version), "parents": [.string(first)]])
                .created()
            let task = try #require(try await scenario.start(process, first).first)
            try await scenario.end(task, "failed")
            _ = try await tester.post("/api/v1/process/\(process)/stop/")
            let tasks = try await tester.get("/api/v1/process/\(process)/").expect()["tasks"]?.list ?? []
            let waiting = try #require(tasks.first { $0["id"] != .string(task.task) }?["id"]?.string)
            try await tester.asOwner("UPDATE task SET state = 'stopped', finished = now() WHERE worker_run_id = $1", [.text(child)])
            let refused = try await tester.post("/api/v1/task/\(waiting)/restart/")
            #expect(refused.status == 409 && refused.codes == ["parents_ended"] && refused.text.contains("reader (failed)"), "\(refused)")
            for id in [task.task, waiting] { #expect(try await tester.post("/api/v1/task/\(id)/restart/").status == 200) }
            #expect(try await scenario.state(of: process) == "pending")
        }
    }

    /// Rule 5.8: what another task has finished is not this one's to say.
    @Test func aTaskDoesNotOverturnWhatAnotherHasDone() async throws {
        try await Tester.with { tester in
            let scenario = try await Scenario(tester, pages: 2)
            let (process, run) = try await scenario.process()
            let tasks = try await scenario.start(process, run, chunks: 2)
            let element = try #require(try await scenario.next(tasks[0]).id)
            #expect(try await scenario.report(element, "processed", by: tasks[0]).status == 200)
            for state in ["error", "started", "processed"] {
                let refused = try await scenario.report(element, state, by: tasks[1])
                #expect(refused.status == 409 && refused.codes == ["already_started"], "\(refused)")
            }
            #expect(try await scenario.activities(of: process) == ["queued": 1, "processed": 1])
            #expect(try await scenario.report(element, "error", by: tasks[0]).status == 200)
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

    /// What a deletion took back is done again, and what is published then is seen.
    @Test func aRestartWorksOnWhatWasDeleted() async throws {
        try await Tester.with { tester in
            let scenario = try await Scenario(tester, pages: 2)
            let task = try await scenario.claimed()
            let element = try #require(try await scenario.next(task).id)
            _ = try await scenario.text("before", on: element, by: task)
            try await scenario.report(element, "processed", by: task)
            try await scenario.end(task, "failed")
            let made = try await tester.deleted(scenario.corpus, "worker_run_id=\(task.run)")
            #expect(try await tester.post("/api/v1/task/\(task.task)/restart/").status == 200)
            #expect(try await scenario.activities(of: task.process) == ["queued": 2])
            let again = try #require(try await scenario.claim(task.process))
            _ = try await scenario.text("after", on: element, by: again)
            try await scenario.work(again)
            #expect(try await scenario.activities(of: task.process) == ["processed": 2])
            let texts = try await tester.get("/api/v1/element/\(element)/transcriptions/").expect()["results"]?.list ?? []
            #expect(texts.map { $0["text"] } == ["after"])
            #expect(try await tester.restored(scenario.corpus, made.deletion).codes == ["republished"])
        }
    }

    /// An element that is hidden is nobody's work: a restart finds nothing to do.
    @Test func aRestartHasNoWorkOnWhatIsHidden() async throws {
        try await Tester.with { tester in
            let scenario = try await Scenario(tester, pages: 1)
            let task = try await scenario.claimed()
            try await scenario.end(task, "failed")
            _ = try await tester.delete("/api/v1/element/\(scenario.pages[0])/")
            let refused = try await tester.post("/api/v1/task/\(task.task)/restart/")
            #expect(refused.status == 409 && refused.codes == ["nothing_to_do"], "\(refused)")
            #expect(try await scenario.state(of: task.process) == "failed")
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
