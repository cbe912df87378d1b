import HTTPTypes
import Shapes
import Tenancy
import Testing
import Web

@testable import Server

/// What a running task may do with its token, and for how long.
@Suite struct TaskTokenTests {
    @Test func theTokenLivesFromTheClaimToTheEnd() async throws {
        try await Tester.with { tester in
            let scenario = try await Scenario(tester, pages: 1)
            let (process, run) = try await scenario.process()
            #expect(try await tester.post("/api/v1/agent/claim/", ["process": .string(process)]).status == 204)
            let task = try #require(try await scenario.start(process, run).first)
            #expect(try await tester.get("/api/v1/process/workers/\(run)/", as: task.caller).status == 200)
            // As a person's token it is none.
            #expect(try await tester.get("/api/v1/user/", as: .token(task.token)).status == 401)
            #expect(try await tester.post("/api/v1/agent/claim/", ["process": .string(process)]).status == 204)
            let end = try await tester.patch("/api/v1/task/\(task.task)/", ["state": "completed", "exit_code": 0], as: task.caller)
            #expect(end.status == 204, "\(end)")
            #expect(try await tester.get("/api/v1/process/workers/\(run)/", as: task.caller).status == 401)
            let late = try await tester.post(
                "/api/v1/element/\(scenario.pages[0])/transcription/", ["text": "late", "worker_run_id": .string(run)], as: task.caller)
            #expect(late.status == 401)
            #expect(try await tester.get("/api/v1/process/\(process)/").expect()["state"] == "completed")
        }
    }

    @Test func theTokenDiesWithItsLease() async throws {
        try await Tester.with { tester in
            let scenario = try await Scenario(tester, pages: 1)
            let task = try await scenario.claimed()
            try await tester.asOwner("UPDATE task SET lease_until = now() - interval '1 second'")
            #expect(try await tester.get("/api/v1/process/workers/\(task.run)/", as: task.caller).status == 401)
        }
    }

    @Test func onlyTheTaskEndsItself() async throws {
        try await Tester.with { tester in
            let scenario = try await Scenario(tester)
            let (process, run) = try await scenario.process()
            let tasks = try await scenario.start(process, run, chunks: 2)
            let path = "/api/v1/task/\(tasks[0].task)/"
            #expect(try await tester.patch(path, ["state": "completed"]).status == 403)
            #expect(try await tester.patch(path, ["state": "completed"], as: tasks[1].caller).status == 403)
            #expect(try await tester.get(path).expect()["state"] == "running")
        }
    }

    /// It asks again when the answer was lost; and what it says the second time must not be thrown away without a word.
    @Test(arguments: [
        (nil, "completed", "failed"), (nil, "failed", "completed"), ("stopping", "failed", "completed"), ("stopping", "completed", "error"),
    ])
    func theSameEndMayBeSaidAgain(before: String?, outcome: String, other: String) async throws {
        try await Tester.with { tester in
            let scenario = try await Scenario(tester, pages: 1)
            let task = try await scenario.claimed()
            if let before { try await tester.asOwner("UPDATE task SET state = '\(before)'") }
            let path = "/api/v1/task/\(task.task)/"
            for _ in 1...2 {
                #expect(try await tester.patch(path, ["state": .string(outcome)], as: task.caller).status == 204)
            }
            let ended = try await tester.get(path).expect()
            let refused = try await tester.patch(path, ["state": .string(other)], as: task.caller)
            #expect(refused.status == 409 && refused.text.contains(ended["state"]?.string ?? "-"), "\(refused)")
            #expect(try await tester.patch(path, ["state": .string(outcome), "exit_code": 3], as: task.caller).places == ["exit_code"])
            #expect(try await tester.get(path).expect() == ended)
        }
    }

    /// Rule 1.3: contributor on its corpus, guest on its worker, and nothing else.
    @Test func aTaskSeesItsCorpusAndItsWorkerAlone() async throws {
        try await Tester.with { tester in
            let scenario = try await Scenario(tester, pages: 1)
            let task = try await scenario.claimed()
            let elsewhere = try await tester.post("/api/v1/corpus/", ["name": "Other"]).created()
            let foreign = try await tester.element(elsewhere, "page", "1")
            let worker = try await tester.post("/api/v1/workers/", ["name": "Other", "slug": "other", "type": "other"]).created()
            #expect(try await tester.get("/api/v1/corpus/", as: task.caller).ids == [scenario.corpus])
            #expect(try await tester.get("/api/v1/workers/", as: task.caller).ids == [scenario.worker])
            for path in [
                "/api/v1/corpus/\(elsewhere)/", "/api/v1/element/\(foreign)/", "/api/v1/workers/\(worker)/",
                "/api/v1/corpus/\(elsewhere)/elements/",
            ] {
                #expect(try await tester.get(path, as: task.caller).status == 404, "\(path)")
            }
            let text: JSONValue = ["text": "a", "worker_run_id": .string(task.run)]
            #expect(try await tester.post("/api/v1/element/\(foreign)/transcription/", text, as: task.caller).status == 404)
            let rights = try await tester.get("/api/v1/corpus/\(scenario.corpus)/", as: task.caller).expect()["rights"]
            #expect(rights == ["read", "write"])
        }
    }

    @Test func aTaskMakesNoProjectsWorkersOrProcesses() async throws {
        try await Tester.with { tester in
            let scenario = try await Scenario(tester, pages: 1)
            let task = try await scenario.claimed()
            let refused = [
                try await tester.post("/api/v1/corpus/", ["name": "Mine"], as: task.caller),
                try await tester.post("/api/v1/workers/", ["name": "A", "slug": "a", "type": "a"], as: task.caller),
                try await tester.patch("/api/v1/workers/\(scenario.worker)/", ["name": "A"], as: task.caller),
                try await tester.post("/api/v1/process/corpus/", ["corpus": .string(scenario.corpus)], as: task.caller),
                try await tester.post("/api/v1/process/\(task.process)/stop/", as: task.caller),
                try await tester.post("/api/v1/agent/claim/", [:], as: task.caller),
                try await tester.post(
                    "/api/v1/workers/\(scenario.worker)/configurations/", ["name": "a", "configuration": ["size": 5]], as: task.caller),
            ]
            for answer in refused { #expect(answer.status == 403, "\(answer)") }
            #expect(try await tester.value("SELECT count(*) FROM corpus") == "1")
        }
    }

    /// Secrets are shown once, by what makes them.
    @Test func noOtherAnswerShowsASecret() async throws {
        try await Tester.with { tester in
            let scenario = try await Scenario(tester, pages: 1)
            let configuration = try await tester.configuration(of: scenario.worker, "open sesame", ["password": "hunter2", "size": 5])
            let process = try await scenario.emptyProcess()
            let body: JSONValue = ["worker_version_id": .string(scenario.version), "configuration_id": .string(configuration)]
            let run = try await tester.post("/api/v1/process/\(process)/workers/", body).created()
            let task = try #require(try await scenario.start(process, run).first)
            let ids = [
                "corpus": scenario.corpus, "element": scenario.pages[0], "process": process, "task": task.task, "worker": scenario.worker,
            ]
            for operation in Compose.operations where operation.method == .get {
                let input = operation.path.names.reduce(operation.example) { input, name in
                    input.adding([
                        name: .string(operation.identifier(of: ids.merging(["run": run, "configuration": configuration]) { $1 }))
                    ])
                }
                for caller in [Tester.Caller.administrator, task.caller] {
                    let answer = try await tester.call(operation, input, as: caller)
                    #expect(!answer.text.contains("pal_"), "\(operation.id): \(answer)")
                    guard case .task = caller, operation.id == "RetrieveWorkerRunConfiguration" else {
                        #expect(!answer.text.contains("hunter2"), "\(operation.id): \(answer)")
                        continue
                    }
                    // The run's own task needs it.
                    #expect(answer.text.contains("hunter2"), "\(answer)")
                }
            }
        }
    }
}

extension Web.Operation {
    /// Which of some things its path is about.
    func identifier(of ids: [String: String]) -> String {
        let path = path.description
        if path == "/api/v1/process/{id}/workers/" { return ids["process"] ?? "" }
        let places = [
            ("/api/v1/datasets/", "dataset"), ("/api/v1/export/", "export"), ("/modelversion/", "model_version"), ("/model/", "model"),
            ("/workers/configurations/", "configuration"), ("/workers/runs/", "run"), ("/process/workers/", "run"),
            ("/workers/versions/", "version"), ("/workers/", "worker"), ("/process/", "process"), ("/task/", "task"), ("/jobs/", "job"),
            ("/group/", "group"),
            ("/corpus/", "corpus"), ("/image/", "image"), ("/transcription/", "transcription"), ("/element", "element"),
        ]
        return places.first { path.contains($0.0) }.flatMap { ids[$0.1] } ?? "00000000-0000-0000-0000-000000000000"
    }
}
