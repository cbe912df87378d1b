import Shapes
import Testing
import Web

@testable import Server

/// What a program on another machine says of the tasks that it runs.
@Suite struct AgentTests {
    /// Rule 5.7: a token for agents claims and reports; whoever steals it reads nothing and changes nothing else.
    @Test func aTokenForAgentsIsGoodForNothingElse() async throws {
        try await Tester.with { tester in
            let agent = Tester.Caller.token(try await tester.token(scope: "agent"))
            let agents = ["ClaimTask", "RenewTask", "AppendTaskLog", "EndTask", "ReleaseTask"]
            for operation in Compose.operations where operation.id != "Login" {
                let answer = try await tester.call(operation, operation.example, as: agent)
                if agents.contains(operation.id) {
                    #expect([204, 404].contains(answer.status), "\(operation.id): \(answer)")
                } else {
                    #expect(answer.status == 403 && answer.codes == ["agent_token"], "\(operation.id): \(answer)")
                }
            }
        }
    }

    @Test func onlyInstanceAdministratorsHaveAgents() async throws {
        try await Tester.with { tester in
            let person = try await tester.person("somebody@example.org")
            for scope in ["agent", "write"] {
                let token = Tester.Caller.token(try await tester.token(of: person, scope: scope))
                #expect(try await tester.post("/api/v1/agent/claim/", [:], as: token).status == 403)
            }
            let reader = Tester.Caller.token(try await tester.token(scope: "read"))
            #expect(try await tester.post("/api/v1/agent/claim/", [:], as: reader).status == 403)
        }
    }

    @Test func anAttemptIsHeldUntilItEnds() async throws {
        try await Tester.with { tester in
            let scenario = try await Scenario(tester, pages: 1)
            let task = try await scenario.claimed()
            let path = "/api/v1/agent/task/\(task.task)"

            let renewed = try await tester.post("\(path)/renew/", ["attempt": 1, "lease": 300]).expect()
            #expect(renewed["state"] == "running")
            let left = try await tester.value("SELECT round(extract(epoch FROM lease_until - now()) / 10) FROM task")
            #expect(left == "30")

            // A piece whose answer was lost is sent again, and kept once.
            for (piece, text) in [(1, "one\n"), (1, "one\n"), (2, "two\n")] {
                let body: JSONValue = ["attempt": 1, "piece": .integer(piece), "text": .string(text)]
                #expect(try await tester.post("\(path)/log/", body).status == 204)
            }
            #expect(try await tester.get("/api/v1/task/\(task.task)/").expect()["logs"] == "one\ntwo\n")
            let late = try await tester.post("\(path)/log/", ["attempt": 1, "piece": 1, "text": "late\n"])
            #expect(late.status == 409 && late.codes == ["piece_passed"] && late.places == ["piece"], "\(late)")
            let wide = try await tester.post("\(path)/end/", ["attempt": 1, "state": "failed", "exit_code": 3_000_000_000])
            #expect(wide.status == 400 && wide.places == ["exit_code"], "\(wide)")

            _ = try await tester.post("/api/v1/process/\(task.process)/stop/").expect()
            #expect(try await tester.post("\(path)/renew/", ["attempt": 1, "lease": 300]).expect()["state"] == "stopping")

            #expect(try await tester.post("\(path)/end/", ["attempt": 1, "state": "failed", "exit_code": 143]).status == 204)
            let ended = try await tester.get("/api/v1/task/\(task.task)/").expect()
            #expect(ended["state"] == "stopped" && ended["exit_code"] == 143)
            #expect(try await tester.get("/api/v1/process/\(task.process)/").expect()["state"] == "stopped")
        }
    }

    /// A task that nobody keeps may not hold up those behind it.
    @Test func whatIsGivenBackAgainAndAgainEnds() async throws {
        try await Tester.with { tester in
            let scenario = try await Scenario(tester, pages: 1)
            let task = try await scenario.claimed()
            try await tester.asOwner("UPDATE task SET attempt = 1000, max_attempts = 1002")
            #expect(try await tester.post("/api/v1/agent/task/\(task.task)/release/", ["attempt": 1000]).status == 204)
            let ended = try await tester.get("/api/v1/task/\(task.task)/").expect()
            #expect(ended["state"] == "error" && ended["logs"]?.string?.contains("1000") == true)
            #expect(try await scenario.state(of: task.process) == "failed")
        }
    }

    /// The number of the attempt fences off whoever held an earlier one.
    @Test func whatIsNotHeldIsRefusedAndUnchanged() async throws {
        try await Tester.with { tester in
            let scenario = try await Scenario(tester, pages: 1)
            let task = try await scenario.claimed()
            let path = "/api/v1/agent/task/\(task.task)"
            #expect(try await tester.post("\(path)/release/", ["attempt": 1]).status == 204)
            #expect(try await tester.get(path: task).expect()["state"] == "pending")
            #expect(try await tester.get("/api/v1/process/workers/\(task.run)/", as: task.caller).status == 401)
            _ = try await tester.post("/api/v1/agent/claim/", ["lease": 60]).expect()

            try await expectLost(tester, path, attempt: 1)
            let running = try await tester.get(path: task).expect()
            #expect(running["state"] == "running" && running["attempt"] == 2 && running["logs"] == "")

            try await tester.asOwner("UPDATE task SET lease_until = now() - interval '1 second'")
            try await expectLost(tester, path, attempt: 2)
            #expect(try await tester.get(path: task).expect()["state"] == "running")
        }
    }

    private func expectLost(_ tester: Tester, _ path: String, attempt: Int) async throws {
        let bodies: [(String, JSONValue)] = [
            ("renew", ["lease": 60]), ("log", ["piece": 1, "text": "late"]), ("end", ["state": "completed"]), ("release", [:]),
        ]
        for (verb, body) in bodies {
            let answer = try await tester.post("\(path)/\(verb)/", body.adding(["attempt": .integer(attempt)]))
            #expect(answer.status == 409 && answer.codes == ["lease_lost"], "\(verb): \(answer)")
        }
    }

    @Test(
        arguments: [
            ("renew", ["attempt": 1, "lease": 4], "lease"), ("renew", ["attempt": 0, "lease": 60], "attempt"),
            ("log", ["attempt": 1, "piece": 0, "text": ""], "piece"), ("end", ["attempt": 1, "state": "stopped"], "state"),
        ] as [(String, JSONValue, String)])
    func whatMakesNoSenseIsNamed(verb: String, body: JSONValue, field: String) async throws {
        try await Tester.with { tester in
            let answer = try await tester.post("/api/v1/agent/task/00000000-0000-0000-0000-000000000000/\(verb)/", body)
            #expect(answer.status == 400 && answer.places.contains { $0.contains(field) }, "\(answer)")
        }
    }
}

extension Tester {
    fileprivate func get(path task: Claimed) async throws -> Answer { try await get("/api/v1/task/\(task.task)/") }
}
