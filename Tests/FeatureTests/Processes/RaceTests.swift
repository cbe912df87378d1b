import Postgres
import Shapes
import Tenancy
import Testing

@testable import Server

/// docs/states.md, when two want to move the same thing at the same time. Requests run on several connections at once.
@Suite struct RaceTests {
    private static let rounds = 25

    /// What is taken out of use, and how it is put back.
    private static let parts: [(name: String, takeOut: String, putBack: String)] = [
        ("worker", "UPDATE worker SET archived = now()", "UPDATE worker SET archived = NULL"),
        ("version", "UPDATE worker_version SET state = 'error'", "UPDATE worker_version SET state = 'available'"),
        ("model", "UPDATE model SET archived = now()", "UPDATE model SET archived = NULL"),
        ("model version", "UPDATE model_version SET state = 'error'", "UPDATE model_version SET state = 'available'"),
        ("configuration", "UPDATE worker_configuration SET archived = now()", "UPDATE worker_configuration SET archived = NULL"),
    ]

    /// A scenario with a process whose run is made of one of each, a template of it, and one that failed.
    private struct Arena {
        let scenario: Scenario
        let parts: JSONValue
        let template: String
        /// How each part that can be archived is, by whoever may, and what is said of it then.
        let operations: [(path: String, takeOut: JSONValue, putBack: JSONValue, code: String)]

        init(_ tester: Tester) async throws {
            scenario = try await Scenario(tester, pages: 2, yaml: Scenario.yaml + "\nmodel_usage: supported\n")
            let configuration = try await tester.configuration(of: scenario.worker, "small", ["size": 2])
            let (model, modelVersion) = try await tester.modelVersion("Model")
            parts = ["configuration_id": .string(configuration), "model_version_id": .string(modelVersion)]
            operations = [
                ("/api/v1/workers/\(scenario.worker)/", ["archived": true], ["archived": false], "archived"),
                ("/api/v1/workers/configurations/\(configuration)/", ["archived": true], ["archived": false], "archived"),
                ("/api/v1/model/\(model)/", ["archived": true], ["archived": false], "archived"),
                ("/api/v1/workers/versions/\(scenario.version)/", ["state": "error"], ["state": "available"], "unavailable"),
            ]
            let process = try await scenario.emptyProcess()
            _ = try await scenario.addRun(to: process, parts).created()
            template = try await tester.post("/api/v1/process/\(process)/template/", ["name": "Usual"]).created()
        }

        func ready() async throws -> String {
            let process = try await scenario.emptyProcess()
            _ = try await scenario.addRun(to: process, parts).created()
            return process
        }

        func failed() async throws -> String {
            let process = try await ready()
            _ = try await scenario.tester.post("/api/v1/process/\(process)/start/", [:]).expect(201)
            try await scenario.end(try #require(try await scenario.claim(process)), "failed")
            return process
        }
    }

    /// Archiving first: whoever wants to use it waits until it is known, and is refused then.
    @Test func whoComesAfterAnArchivingWaitsAndIsRefused() async throws {
        try await Tester.with(connections: 6) { tester in
            let arena = try await Arena(tester)
            let scenario = arena.scenario
            for part in Self.parts {
                let (start, retry, create, apply) = (
                    try await arena.ready(), try await arena.failed(), try await scenario.emptyProcess(), try await scenario.emptyProcess()
                )
                let answers = try await tester.during(part.takeOut, waiting: 4) {
                    try await tester.atOnce(4) { number in
                        switch number {
                        case 0: try await tester.post("/api/v1/process/\(start)/start/", [:])
                        case 1: try await tester.post("/api/v1/process/\(retry)/retry/")
                        case 2: try await scenario.addRun(to: create, arena.parts)
                        default: try await tester.post("/api/v1/process/\(apply)/apply/", ["template_id": .string(arena.template)])
                        }
                    }
                }
                for answer in answers.prefix(3) { #expect(answer.status == 400, "\(part.name): \(answer)") }
                #expect(answers[3].status == 201 && answers[3].json["worker_runs"] == [], "\(part.name): \(answers[3])")
                #expect(try await scenario.state(of: start) == "unstarted", "\(part.name)")
                #expect(try await scenario.state(of: retry) == "failed", "\(part.name)")
                try await tester.asOwner(part.putBack)
            }
        }
    }

    /// In any order of commits: what was started or selected was usable then, what was not is refused, and the archiving always succeeds.
    /// Everybody asks by the operations that there are for it, and all parts take turns in being archived.
    @Test func archivingAndUsingAtTheSameTimeBothKeepTheirWord() async throws {
        try await Tester.with(connections: 8) { tester in
            let arena = try await Arena(tester)
            let scenario = arena.scenario
            let parts = arena.operations
            for round in 0..<Self.rounds {
                let part = parts[round % parts.count]
                let (start, retry, create, apply) = (
                    try await arena.ready(), try await arena.failed(), try await scenario.emptyProcess(), try await scenario.emptyProcess()
                )
                let answers = try await tester.atOnce(5) { number in
                    switch number {
                    case 0: try await tester.patch(part.path, part.takeOut)
                    case 1: try await tester.post("/api/v1/process/\(start)/start/", [:])
                    case 2: try await tester.post("/api/v1/process/\(retry)/retry/")
                    case 3: try await scenario.addRun(to: create, arena.parts)
                    default: try await tester.post("/api/v1/process/\(apply)/apply/", ["template_id": .string(arena.template)])
                    }
                }
                #expect(answers[0].status == 200, "\(answers[0])")
                for (answer, success, process, before) in [(answers[1], 201, start, "unstarted"), (answers[2], 200, retry, "failed")] {
                    let isUsed = answer.status == success
                    #expect(isUsed || answer.status == 400 && answer.codes == [part.code], "\(part.path): \(answer)")
                    #expect(try await scenario.state(of: process) == (isUsed ? "pending" : before))
                }
                #expect(answers[3].status == 201 || answers[3].codes == [part.code], "\(part.path): \(answers[3])")
                #expect(try await scenario.runs(of: create) == (answers[3].status == 201 ? 1 : 0))
                let copied = try answers[4].expect(201)["worker_runs"]?.list.count
                #expect(try await scenario.runs(of: apply) == copied)
                let leftOut = try #require(answers[4].json["left_out"]?.list)
                #expect(leftOut.map { $0["code"]?.string } == (copied == 1 ? [] : [part.code]), "\(answers[4])")
                // Nobody can use it from now on.
                #expect(try await scenario.addRun(to: try await scenario.emptyProcess(), arena.parts).codes == [part.code])
                _ = try await tester.patch(part.path, part.putBack).expect()
            }
        }
    }

    @Test func ofManyStartsOneStarts() async throws {
        try await Tester.with(connections: 8) { tester in
            let scenario = try await Scenario(tester, pages: 3)
            for _ in 0..<Self.rounds {
                let (process, _) = try await scenario.process()
                let answers = try await tester.atOnce(6) { _ in try await tester.post("/api/v1/process/\(process)/start/", ["chunks": 2]) }
                #expect(answers.filter { $0.status == 201 }.count == 1)
                for answer in answers where answer.status != 201 {
                    #expect(answer.status == 409 && answer.codes == ["process_started"], "\(answer)")
                }
                let started = try await tester.get("/api/v1/process/\(process)/").expect()
                #expect(started["tasks"]?.list.count == 2)
                #expect(try await scenario.activities(of: process) == ["queued": 3])
            }
        }
    }

    /// An edit is in what was started, or it is refused.
    @Test func anEditIsInWhatStartsOrIsRefused() async throws {
        try await Tester.with(connections: 8) { tester in
            let scenario = try await Scenario(tester, pages: 2)
            let configuration = try await tester.configuration(of: scenario.worker, "small", ["size": 2])
            let part: JSONValue = ["configuration_id": .string(configuration)]
            for round in 0..<Self.rounds {
                let (process, run) = try await scenario.process()
                let path = "/api/v1/process/workers/\(run)/"
                let answers = try await tester.atOnce(2) { number in
                    if number == 0 { return try await tester.post("/api/v1/process/\(process)/start/", [:]) }
                    return switch round % 4 {
                    case 0: try await scenario.addRun(to: process, part)
                    case 1: try await tester.patch(path, part)
                    case 2: try await tester.delete(path)
                    default: try await tester.patch("/api/v1/process/\(process)/", ["name_contains": "Page 1"])
                    }
                }
                let (start, edit) = (answers[0], answers[1])
                let runs = try await tester.get("/api/v1/process/\(process)/workers/").expect()["results"]?.list ?? []
                if start.status == 201 {
                    let elements = round % 4 == 3 && edit.status == 200 ? 1 : 2
                    #expect(try await scenario.activities(of: process)["queued"] == runs.count * elements)
                    #expect(try await tester.get("/api/v1/process/\(process)/").expect()["tasks"]?.list.count == runs.count)
                } else {
                    #expect(round % 4 == 2 && edit.status == 204 && start.codes == ["empty"], "\(start), \(edit)")
                }
                if edit.status < 300 {
                    #expect(round % 4 != 1 || runs.first?["configuration"]?["id"] == .string(configuration))
                    #expect(round % 4 != 0 || runs.count == 2)
                } else {
                    #expect(edit.status == 409 && edit.codes == ["process_started"], "\(edit)")
                    #expect(runs.count == 1 && runs.first?["configuration"] == .null)
                }
            }
        }
    }

    /// A claim that comes first is told to stop; after the stop there is nothing to claim.
    @Test func aStopLeavesNothingRunning() async throws {
        try await Tester.with(connections: 8) { tester in
            let scenario = try await Scenario(tester, pages: 4)
            for _ in 0..<Self.rounds {
                let (process, _) = try await scenario.process()
                _ = try await tester.post("/api/v1/process/\(process)/start/", ["chunks": 4]).expect(201)
                let claims = try await tester.atOnce(5) { number -> Claimed? in
                    guard number == 2 else { return try await scenario.claim(process) }
                    _ = try await tester.post("/api/v1/process/\(process)/stop/").expect()
                    return nil
                }.compactMap { $0 }
                #expect(try await scenario.claim(process) == nil)
                #expect(Set(claims.map(\.task)).count == claims.count)
                let tasks = try await tester.get("/api/v1/process/\(process)/").expect()["tasks"]?.list ?? []
                let states = tasks.compactMap { $0["state"]?.string }
                #expect(states.filter { $0 == "stopping" }.count == claims.count)
                #expect(states.filter { $0 == "stopped" }.count == 4 - claims.count)
                #expect(try await scenario.state(of: process) == (claims.isEmpty ? "stopped" : "stopping"))
                for task in claims { try await scenario.end(task, "failed") }
                #expect(try await scenario.state(of: process) == "stopped")
            }
        }
    }

    /// Rule 5.8: however many ask, and on however many connections, with the same task and with others.
    @Test func eachTaskAndEachElementIsHandedOutOnce() async throws {
        try await Tester.with(connections: 8) { tester in
            let scenario = try await Scenario(tester, pages: 1)
            let lines = try await scenario.lines(120, below: scenario.pages[0], by: nil)
            let process = try await scenario.emptyProcess(["element_type": "text_line", "load_children": true])
            _ = try await scenario.addRun(to: process).created()
            _ = try await tester.post("/api/v1/process/\(process)/start/", ["chunks": 3]).expect(201)
            let tasks = try await tester.atOnce(9) { _ in try await scenario.claim(process) }.compactMap { $0 }
            #expect(tasks.count == 3 && Set(tasks.map(\.task)).count == 3)
            let handed = try await tester.atOnce(12) { number in
                var mine: [String] = []
                while let element = try await scenario.next(tasks[number % 3]).id {
                    mine.append(element)
                    #expect(try await scenario.report(element, "processed", by: tasks[number % 3]).status == 200)
                }
                return mine
            }.flatMap { $0 }
            #expect(handed.count == lines.count && Set(handed) == Set(lines))
            #expect(try await scenario.activities(of: process) == ["processed": lines.count])
            // Of several that name the same element one gets it.
            let second = try await scenario.emptyProcess()
            _ = try await scenario.addRun(to: second).created()
            _ = try await tester.post("/api/v1/process/\(second)/start/", [:]).expect(201)
            let task = try #require(try await scenario.claim(second))
            let answers = try await tester.atOnce(12) { _ in try await scenario.report(scenario.pages[0], "started", by: task) }
            #expect(answers.filter { $0.status == 200 }.count == 1)
            #expect(answers.filter { $0.status == 409 && $0.codes == ["already_started"] }.count == 11)
        }
    }

    /// The order of locks holds: clients that do everything at once never wait for one another in a circle. Their connections do not try again
    /// as the server's do, so that a single deadlock would show.
    @Test func nobodyWaitsInACircle() async throws {
        try await Tester.with(connections: 3) { tester in
            let arena = try await Arena(tester)
            let scenario = arena.scenario
            let other = try await tester.version(of: scenario.worker, Scenario.yaml)
            let processes = try await (0..<3).asyncMap { _ in try await arena.ready() }
            let seed = UInt64.random(in: 0...UInt64.max)
            let secret = try #require(Secret(tester.administrator))
            let enter = Call(
                "SELECT enter($1::uuid, 'token', decode($2, 'hex'), true, NULL, NULL, 1)", [secret.tenant.parameter, .text(secret.digest)])
            let failures = try await tester.atOnce(12) { number in
                var random = Seeded(seed: seed &+ UInt64(number))
                let steps = (0..<60).map { _ in Self.step(scenario, processes, other, arena.template, &random) }
                return try await tester.database.connected(to: tester.database.application) { lease in
                    var failures: [String] = []
                    for step in steps {
                        do { _ = try await lease.segment([enter, step]) } catch let failure as PostgresFailure {
                            // A refusal is an answer; anything else is not.
                            if failure.sqlState?.hasPrefix("PL") != true { failures.append("\(step.sql): \(failure)") }
                        }
                    }
                    return failures
                }
            }.flatMap { $0 }
            #expect(failures == [], "seed \(seed)")
        }
    }

    /// One thing that somebody does.
    private static func step(
        _ scenario: Scenario, _ processes: [String], _ version: String, _ template: String, _ random: inout Seeded
    ) -> Call {
        let process = processes.randomElement(using: &random) ?? ""
        func call(_ sql: String) -> Call { Call(sql, [.text(process)]) }
        switch Int.random(in: 0..<14, using: &random) {
        case 0: return call("SELECT start_process($1, 2::smallint, false)")
        case 1: return call("SELECT retry_process($1)")
        case 2: return call("SELECT stop_process($1)")
        case 3: return call("SELECT claim_task($1, sha256(gen_random_uuid()::text::bytea), 'a test', '1 minute')")
        case 4:
            return call(
                """
                SELECT end_task(t.id, t.attempt, 'failed', 1) FROM task t
                WHERE t.tenant_id = own_tenant() AND t.process_id = $1 AND t.state IN ('running', 'stopping')
                """)
        case 5: return Call("SELECT save_worker_run(NULL, $1, $2, NULL, NULL, '{}')", [.text(process), .text(version)])
        case 6:
            return call(
                "SELECT save_worker_run(r.id, r.process_id, r.worker_version_id, NULL, NULL, NULL) FROM worker_run r "
                    + "WHERE r.tenant_id = own_tenant() AND r.process_id = $1 ORDER BY r.id LIMIT 1")
        case 7: return Call("SELECT apply_process_template($1, $2)", [.text(process), .text(template)])
        case 8: return Call("UPDATE worker SET archived = CASE WHEN archived IS NULL THEN now() END WHERE tenant_id = own_tenant()", [])
        case 9:
            return Call("SELECT change_worker_version($1, '{\"branch\": \"main\", \"state\": \"available\"}')", [.text(version)])
        case 10:
            return Call(
                "SELECT change_worker_version($1, '{\"branch\": \"main\", \"state\": \"available\"}')", [.text(scenario.version)])
        case 11: return Call("SELECT reap_tasks()", [])
        case 12:
            return Call(
                "UPDATE worker_configuration SET archived = CASE WHEN archived IS NULL THEN now() END WHERE tenant_id = own_tenant()", [])
        default:
            return call(
                "UPDATE worker_activity SET state = 'queued' WHERE tenant_id = own_tenant() AND process_id = $1 AND state = 'processed'")
        }
    }
}

extension Tester {
    /// Holds the change of a statement open until this many requests wait for it, keeps it then, and gives what these were answered.
    func during<Result: Sendable>(
        _ statement: String, waiting count: Int, _ requests: @Sendable @escaping () async throws -> Result
    ) async throws -> Result {
        try await database.connected(to: database.owner) { holder in
            _ = try await holder.run(Call("BEGIN"))
            _ = try await holder.run(Call(statement))
            async let answers = requests()
            var waiting = 0
            while waiting < count {
                let rows = try await asOwner(
                    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'")
                waiting = rows.text(0, 0).flatMap { Int($0) } ?? 0
            }
            _ = try await holder.run(Call("COMMIT"))
            return try await answers
        }
    }
}
