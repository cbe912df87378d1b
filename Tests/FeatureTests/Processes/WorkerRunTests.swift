import Postgres
import Shapes
import Testing

@testable import Server

/// What worker runs may be made of, and how they change before the start.
@Suite struct WorkerRunTests {
    /// Rule 5.2: none counts as a value, on create and on update.
    @Test func eachCombinationIsInAProcessOnce() async throws {
        try await Tester.with { tester in
            let scenario = try await Scenario(tester, pages: 1, yaml: Scenario.yaml + "\nmodel_usage: supported\n")
            let process = try await scenario.emptyProcess()
            let configuration = try await tester.configuration(of: scenario.worker, "small", ["size": 2])
            let other = try await tester.configuration(of: scenario.worker, "large", ["size": 8])
            let model = try await tester.modelVersion("Model").version
            let parts: [JSONValue] = [
                [:], ["configuration_id": .string(configuration)], ["model_version_id": .string(model)],
                ["configuration_id": .string(configuration), "model_version_id": .string(model)], ["configuration_id": .string(other)],
            ]
            let runs = try await parts.asyncMap { try await scenario.addRun(to: process, $0).created() }
            #expect(Set(runs).count == parts.count)
            for (part, run) in zip(parts, runs) {
                let twin = try await scenario.addRun(to: process, part)
                #expect(twin.status == 409 && twin.codes == ["worker_run_exists"], "\(twin)")
                #expect(twin.json["existing_id"] == .string(run))
            }
            // On update, in both forms, into and out of none.
            for (number, run) in runs.enumerated() {
                for (other, part) in parts.enumerated() {
                    let path = "/api/v1/process/workers/\(run)/"
                    let whole: JSONValue = ["configuration_id": .null, "model_version_id": .null]
                    for answer in [try await tester.put(path, part), try await tester.patch(path, whole.adding(part))] {
                        #expect(answer.status == (number == other ? 200 : 409), "\(answer)")
                        if number != other { #expect(answer.json["existing_id"] == .string(runs[other])) }
                    }
                }
            }
            // In another process the same is another run.
            let second = try await scenario.emptyProcess()
            #expect(try await scenario.addRun(to: second).status == 201)
        }
    }

    /// Rule 5.2 under concurrency: of many at once one is made, and the others learn which.
    @Test func ofManyAtOnceOneIsMade() async throws {
        try await Tester.with(connections: 8) { tester in
            let scenario = try await Scenario(tester, pages: 1)
            let process = try await scenario.emptyProcess()
            let answers = try await tester.atOnce(100) { _ in try await scenario.addRun(to: process) }
            let made = answers.filter { $0.status == 201 }
            #expect(made.count == 1)
            for answer in answers where answer.status != 201 {
                #expect(answer.status == 409 && answer.json["existing_id"]?.string == made.first?.id, "\(answer)")
            }
            #expect(try await tester.value("SELECT count(*) FROM worker_run") == "1")
            // Updates that all want the same parts: one gets them.
            let small = try await tester.configuration(of: scenario.worker, "small", ["size": 2])
            let runs = try await (0..<20).asyncMap { number in
                let own = try await tester.configuration(of: scenario.worker, "\(number)", ["size": .integer(100 + number)])
                return try await scenario.addRun(to: process, ["configuration_id": .string(own)]).created()
            }
            let changed = try await tester.atOnce(runs.count) { number in
                try await tester.patch("/api/v1/process/workers/\(runs[number])/", ["configuration_id": .string(small)])
            }
            #expect(changed.filter { $0.status == 200 }.count == 1)
            #expect(changed.filter { $0.status == 409 }.count == runs.count - 1)
        }
    }

    /// Rule 5.3.
    @Test func modelsAreTakenAsTheVersionSays() async throws {
        try await Tester.with { tester in
            let scenario = try await Scenario(tester, pages: 1)
            let model = try await tester.modelVersion("Model").version
            let unfinished = try await tester.modelVersion("Unfinished", state: "created").version
            let required = try await scenario.otherVersion("trained", "\nmodel_usage: required\n").version
            let process = try await scenario.emptyProcess()
            let refused = try await scenario.addRun(to: process, ["model_version_id": .string(model)])
            #expect(refused.status == 400 && refused.codes == ["model_not_supported"], "\(refused)")
            #expect(refused.places == ["model_version_id"])
            let early = try await scenario.addRun(
                to: process, ["worker_version_id": .string(required), "model_version_id": .string(unfinished)])
            #expect(early.status == 400 && early.codes == ["unavailable"], "\(early)")
            // It may be chosen after the run was added, and must be before the start.
            let run = try await scenario.addRun(to: process, ["worker_version_id": .string(required)]).created()
            let start = try await tester.post("/api/v1/process/\(process)/start/", [:])
            #expect(start.status == 400 && start.codes == ["model_required"], "\(start)")
            #expect(start.places == ["worker_runs.0.model_version_id"])
            #expect(try await tester.patch("/api/v1/process/workers/\(run)/", ["model_version_id": .string(model)]).status == 200)
            #expect(try await tester.post("/api/v1/process/\(process)/start/", [:]).status == 201)
        }
    }

    /// Rule 3.4: what may not be added, named; each with what it is about.
    @Test func whatIsArchivedOrNotAvailableIsNotAdded() async throws {
        try await Tester.with { tester in
            let scenario = try await Scenario(tester, pages: 1, yaml: Scenario.yaml + "\nmodel_usage: supported\n")
            let process = try await scenario.emptyProcess()
            let archivedModel = try await tester.modelVersion("Archived")
            try await tester.asOwner("UPDATE model SET archived = now()")
            let answer = try await scenario.addRun(to: process, ["model_version_id": .string(archivedModel.version)])
            #expect(answer.status == 400 && answer.codes == ["archived"] && answer.places == ["model_version_id"], "\(answer)")
            let configuration = try await tester.configuration(of: scenario.worker, "old", ["size": 2])
            try await tester.asOwner("UPDATE worker_configuration SET archived = now()")
            let old = try await scenario.addRun(to: process, ["configuration_id": .string(configuration)])
            #expect(old.status == 400 && old.codes == ["archived"] && old.places == ["configuration_id"], "\(old)")
            let other = try await scenario.otherVersion("other")
            let foreign = try await scenario.addRun(
                to: process, ["worker_version_id": .string(other.version), "configuration_id": .string(configuration)])
            #expect(foreign.codes == ["does_not_exist"], "\(foreign)")
            for state in ["created", "error"] {
                _ = try await tester.patch("/api/v1/workers/versions/\(scenario.version)/", ["state": .string(state)]).expect()
                let answer = try await scenario.addRun(to: process)
                #expect(answer.status == 400 && answer.codes == ["unavailable"] && answer.places == ["worker_version_id"], "\(answer)")
            }
            _ = try await tester.patch("/api/v1/workers/\(scenario.worker)/", ["archived": true]).expect()
            #expect(try await scenario.addRun(to: process).codes == ["archived", "unavailable"])
            #expect(try await tester.value("SELECT count(*) FROM worker_run") == "0")
        }
    }

    /// Rule 5.4.
    @Test func parentsNeverLeadBack() async throws {
        try await Tester.with { tester in
            let scenario = try await Scenario(tester, pages: 1)
            let process = try await scenario.emptyProcess()
            let runs = try await (1...4).asyncMap { number in
                let own = try await tester.configuration(of: scenario.worker, "\(number)", ["size": .integer(100 + number)])
                return try await scenario.addRun(to: process, ["configuration_id": .string(own)]).created()
            }
            func set(_ run: Int, _ parents: [Int]) async throws -> Answer {
                let parents: JSONValue = .array(parents.map { .string(runs[$0]) })
                return try await tester.patch("/api/v1/process/workers/\(runs[run])/", ["parents": parents])
            }
            #expect(try await set(1, [0]).status == 200)
            #expect(try await set(2, [1, 0, 1]).status == 200)
            #expect(try await set(3, [2]).status == 200)
            for (run, parents) in [(0, [0]), (0, [1]), (0, [3]), (1, [3, 0]), (2, [2])] {
                let answer = try await set(run, parents)
                #expect(answer.status == 400 && answer.codes == ["cycle"] && answer.places == ["parents"], "\(answer)")
            }
            let elsewhere = try await scenario.addRun(to: try await scenario.emptyProcess()).created()
            let foreign = try await tester.patch("/api/v1/process/workers/\(runs[0])/", ["parents": [.string(elsewhere)]])
            #expect(foreign.status == 400 && foreign.codes == ["does_not_exist"], "\(foreign)")
            // One that is taken out is nobody's parent any more; PUT without parents takes them all away.
            #expect(try await tester.delete("/api/v1/process/workers/\(runs[1])/").status == 204)
            let third = try await tester.get("/api/v1/process/workers/\(runs[2])/").expect()
            #expect(third["parents"] == [.string(runs[0])])
            let configuration = try #require(third["configuration"]?["id"])
            let replaced = try await tester.put("/api/v1/process/workers/\(runs[2])/", ["configuration_id": configuration])
            #expect(try replaced.expect()["parents"] == [])
        }
    }

    /// Rule 5.5.
    @Test func runsOfAStartedProcessCanBeReadAndNotChanged() async throws {
        try await Tester.with { tester in
            let scenario = try await Scenario(tester, pages: 1)
            let (process, run) = try await scenario.process()
            let configuration = try await tester.configuration(of: scenario.worker, "small", ["size": 2])
            let task = try #require(try await scenario.start(process, run).first)
            func refusals() async throws -> [Answer] {
                let path = "/api/v1/process/workers/\(run)/"
                let part: JSONValue = ["configuration_id": .string(configuration)]
                return [
                    try await scenario.addRun(to: process, part), try await tester.patch(path, part), try await tester.put(path, part),
                    try await tester.patch(path, [:]), try await tester.delete(path),
                    try await tester.patch("/api/v1/process/\(process)/", ["load_children": true]),
                    try await tester.post("/api/v1/process/\(process)/start/", [:]),
                ]
            }
            for answer in try await refusals() { #expect(answer.status == 409 && answer.codes == ["process_started"], "\(answer)") }
            try await scenario.work(task)
            for answer in try await refusals() { #expect(answer.status == 409 && answer.codes == ["process_started"], "\(answer)") }
            #expect(try await tester.get("/api/v1/process/\(process)/workers/").ids == [run])
            #expect(try await tester.get("/api/v1/process/workers/\(run)/").expect()["configuration"] == .null)
            // Its name is not what it ran with.
            #expect(try await tester.patch("/api/v1/process/\(process)/", ["name": "Done"]).expect()["name"] == "Done")
        }
    }

    /// Rule 5.9: written when the parts are chosen, and not again, whatever is renamed before or after the start.
    /// However many of its runs have made them, and gone with the last.
    @Test func aVersionWithResultsIsListedOnce() async throws {
        try await Tester.with { tester in
            let scenario = try await Scenario(tester, pages: 1)
            let path = "/api/v1/corpus/\(scenario.corpus)/worker-versions/"
            #expect(try await tester.get(path).expect()["count"] == 0)
            let runs = [try await scenario.finished(), try await scenario.finished()]
            let listed = try await tester.get(path).expect()
            #expect(listed["count"] == 1 && listed["results"]?.list.map { $0["id"]?.string } == [scenario.version])
            #expect(listed["results"]?[0]?["worker"]?["name"] == "Reader")
            for run in runs { _ = try await tester.deleted(scenario.corpus, "worker_run_id=\(run.run)") }
            #expect(try await tester.get(path).expect()["count"] == 0)
        }
    }

    @Test func summariesStayWhateverIsRenamed() async throws {
        try await Tester.with { tester in
            let scenario = try await Scenario(tester, pages: 1, yaml: Scenario.yaml + "\nmodel_usage: supported\n")
            let model = try await tester.modelVersion("Gothic")
            let configuration = try await tester.configuration(of: scenario.worker, "small", ["size": 2])
            let process = try await scenario.emptyProcess()
            let body: JSONValue = ["model_version_id": .string(model.version), "configuration_id": .string(configuration)]
            let run = try await scenario.addRun(to: process, body).created()
            let path = "/api/v1/process/workers/\(run)/"
            let summary = "Worker Reader @ 1 with model Gothic @ \(model.version.prefix(6)) using configuration 'small'"
            func rename(_ name: String) async throws {
                _ = try await tester.patch("/api/v1/workers/\(scenario.worker)/", ["name": .string(name)]).expect()
                try await tester.asOwner("UPDATE model SET name = $1", [.text(name)])
                try await tester.asOwner("UPDATE worker_configuration SET name = $1", [.text(name)])
            }
            #expect(try await tester.get(path).expect()["summary"] == .string(summary))
            try await rename("Before")
            #expect(try await tester.patch(path, ["parents": []]).expect()["summary"] == .string(summary))
            let task = try #require(try await scenario.start(process, run).first)
            #expect(try await tester.get(path).expect()["summary"] == .string(summary))
            let text = try await scenario.text("read", on: scenario.pages[0], by: task)
            try await rename("After")
            let texts = try await tester.get("/api/v1/element/\(scenario.pages[0])/transcriptions/").expect()["results"]
            #expect(texts?[0]?["worker_run"] == ["id": .string(run), "summary": .string(summary)], "\(text)")
            #expect(try await tester.get(path).expect()["summary"] == .string(summary))
            // Other parts are another summary.
            let other = try await scenario.emptyProcess()
            let second = try await scenario.addRun(to: other, body).created()
            let named = try await tester.put("/api/v1/process/workers/\(second)/", [:]).expect()["summary"]
            #expect(named == "Worker After @ 1")
        }
    }

    /// contract.md: what the details of a run tell.
    @Test func detailsTellCountsCreatorAndWhatCanBeBroughtBack() async throws {
        try await Tester.with { tester in
            let scenario = try await Scenario(tester, pages: 1)
            let task = try await scenario.claimed()
            let path = "/api/v1/process/workers/\(task.run)/"
            _ = try await scenario.lines(2, below: scenario.pages[0], by: task)
            _ = try await scenario.text("read", on: scenario.pages[0], by: task)
            let details = try await tester.get(path).expect()
            #expect(details["results"]?["elements"] == 2 && details["results"]?["transcriptions"] == 1)
            #expect(details["creator"] == "admin@example.org" || details["creator"]?.string?.isEmpty == false)
            #expect(details["hidden_until"] == .null)
            try await tester.asOwner(
                """
                WITH made AS (INSERT INTO deletion (tenant_id, id, corpus_id, undo_until)
                  SELECT tenant_id, gen_random_uuid(), id, '2100-01-01' FROM corpus RETURNING tenant_id, id, corpus_id)
                INSERT INTO hidden_source (tenant_id, source_id, deletion_id, corpus_id, everything)
                SELECT m.tenant_id, s.id, m.id, m.corpus_id, false FROM made m JOIN source s USING (tenant_id, corpus_id)
                """)
            let hidden = try await tester.get(path).expect()
            #expect(hidden["hidden_until"]?.string?.hasPrefix("2100-01-01") == true, "\(hidden)")
            #expect(hidden["results"]?["transcriptions"] == 0)
        }
    }
}
