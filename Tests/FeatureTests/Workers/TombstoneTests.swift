import Jobs
import Postgres
import Shapes
import Tenancy
import Testing

@testable import Deletion
@testable import Server

/// Rule 3.5: versions and configurations cannot be deleted while results exist; afterwards they leave a tombstone, or nothing.
@Suite struct TombstoneTests {
    private func used(_ scenario: Scenario, _ values: JSONValue = ["size": 8, "password": "hidden"]) async throws -> (
        configuration: String, task: Claimed
    ) {
        let made = try await scenario.tester.configuration(of: scenario.worker, "Large", values)
        let (process, run) = try await scenario.process()
        _ = try await scenario.tester.patch("/api/v1/process/workers/\(run)/", ["configuration_id": .string(made)]).expect()
        return (made, try #require(try await scenario.start(process, run).first))
    }

    private func complete(_ task: Claimed, _ tester: Tester) async throws {
        _ = try await tester.patch("/api/v1/task/\(task.task)/", ["state": "completed", "exit_code": 0], as: task.caller).expect(204)
    }

    @Test func resultsKeepThemFromBeingDeleted() async throws {
        try await Tester.with { tester in
            let scenario = try await Scenario(tester)
            let (made, task) = try await used(scenario)
            let paths = ["/api/v1/workers/configurations/\(made)/", "/api/v1/workers/versions/\(scenario.version)/"]
            for path in paths {
                let busy = try await tester.delete(path)
                #expect(busy.status == 409 && busy.codes == ["in_use"], "\(busy)")
            }
            _ = try await scenario.lines(3, below: scenario.pages[0], by: task)
            _ = try await scenario.text("a", on: scenario.pages[1], by: task)
            try await complete(task, tester)
            for path in paths {
                let answer = try await tester.delete(path)
                #expect(answer.status == 409 && answer.codes == ["has_results"], "\(answer)")
                #expect(answer.json["results"] == ["elements": 3, "transcriptions": 1], "\(answer)")
                #expect(answer.json["worker_runs"]?.list.map { $0["id"]?.string } == [task.run])
            }
            // What a deletion hides is not purged yet: it still counts.
            try await tester.asOwner(
                """
                WITH d AS (INSERT INTO deletion (tenant_id, id, corpus_id, undo_until) VALUES ($1, uuid7(), $2, now() + interval '1 day') RETURNING id)
                INSERT INTO hidden_source (tenant_id, source_id, deletion_id, corpus_id, everything) SELECT $1, s.id, d.id, $2, true FROM d, source s
                """, [tester.tenant.parameter, .text(scenario.corpus)])
            for path in paths { #expect(try await tester.delete(path).json["results"] == ["elements": 3, "transcriptions": 1]) }
        }
    }

    /// Rule 7.9, and not after an undo.
    @Test func afterThePurgeTheyCanBeDeleted() async throws {
        try await Tester.with { tester in
            let scenario = try await Scenario(tester, pages: 1)
            let (made, task) = try await used(scenario)
            _ = try await scenario.lines(2, below: scenario.pages[0], by: task)
            try await complete(task, tester)
            let paths = ["/api/v1/workers/configurations/\(made)/", "/api/v1/workers/versions/\(scenario.version)/"]
            let undone = try await tester.deleted(scenario.corpus, "worker_run_id=\(task.run)")
            for path in paths { #expect(try await tester.delete(path).codes == ["has_results"]) }
            _ = try await tester.restored(scenario.corpus, undone.deletion).expect()
            for path in paths { #expect(try await tester.delete(path).codes == ["has_results"]) }
            _ = try await tester.patch("/api/v1/settings/", ["purge_horizon": 0]).expect()
            _ = try await tester.deleted(scenario.corpus, "worker_run_id=\(task.run)")
            for path in paths { #expect(try await tester.delete(path).codes == ["has_results"]) }
            while try await tester.runner(Purge.kind).workOnce() {}
            for path in paths { #expect(try await tester.delete(path).status == 204) }
        }
    }

    /// Rule 2.3: being an administrator of the worker is not enough.
    @Test func deletingAVersionNeedsThePermission() async throws {
        try await Tester.with(.enterprise) { tester in
            let scenario = try await Scenario(tester, pages: 1)
            let (person, caller) = try await tester.colleague()
            try await tester.member(person, of: "worker", scenario.worker, level: 100)
            let path = "/api/v1/workers/versions/\(scenario.version)/"
            let refused = try await tester.delete(path, as: caller)
            #expect(refused.status == 403 && refused.text.contains("manage workers"), "\(refused)")
            try await tester.asOwner("UPDATE user_account SET can_manage_workers = true WHERE id = $1", [person.parameter])
            #expect(try await tester.delete(path, as: caller).status == 204)
        }
    }

    /// Counts are of all corpora; runs are named to those alone who may read them.
    @Test func runsAreNamedWhereTheyAreReadable() async throws {
        try await Tester.with(.enterprise) { tester in
            let scenario = try await Scenario(tester)
            // In this edition the value of a secret is the name of one that there is.
            let (made, task) = try await used(scenario, ["size": 8])
            _ = try await scenario.text("a", on: scenario.pages[1], by: task)
            try await complete(task, tester)
            let person = try await tester.person("worker-admin@example.org")
            try await tester.asOwner(
                "INSERT INTO membership (tenant_id, id, user_id, worker_id, level) VALUES ($1, uuid7(), $2, $3, 100)",
                [tester.tenant.parameter, person.parameter, .text(scenario.worker)])
            let answer = try await tester.delete("/api/v1/workers/configurations/\(made)/", as: .token(tester.token(of: person)))
            #expect(
                answer.status == 409 && answer.json["results"] == ["transcriptions": 1] && answer.json["worker_runs"] == [], "\(answer)")
        }
    }

    @Test func whatRunsStillNameBecomesATombstone() async throws {
        try await Tester.with { tester in
            let scenario = try await Scenario(tester)
            let (made, task) = try await used(scenario)
            try await complete(task, tester)
            let path = "/api/v1/workers/configurations/\(made)/"
            #expect(try await tester.delete(path).status == 204)
            #expect(try await tester.get(path).status == 404)
            #expect(try await tester.delete(path).status == 404)
            #expect(try await tester.patch(path, ["name": "Other"]).status == 404)
            #expect(try await tester.get("/api/v1/workers/\(scenario.worker)/configurations/?archived=all").ids == [])
            let run = try await tester.get("/api/v1/process/workers/\(task.run)/").expect()
            #expect(run["configuration"]?["id"] == .string(made) && run["configuration"]?["name"] == "Large")
            #expect(run["configuration"]?["configuration"] == [:])
            #expect(try await tester.value("SELECT count(*) FROM worker_configuration WHERE configuration::text LIKE '%hidden%'") == "0")
            // Name and digest are free again, and the tombstone cannot be selected.
            let again = try await tester.configuration(of: scenario.worker, "Large", ["size": 8, "password": "hidden"])
            #expect(again != made)
            let retry = try await tester.post("/api/v1/process/\(task.process)/retry/")
            #expect(retry.status == 400 && retry.codes == ["does_not_exist"], "\(retry)")

            let version = "/api/v1/workers/versions/\(scenario.version)/"
            #expect(try await tester.delete(version).status == 204)
            #expect(try await tester.get(version).status == 404)
            #expect(try await tester.get("/api/v1/workers/\(scenario.worker)/versions/").ids == [])
            #expect(
                try await tester.get("/api/v1/process/workers/\(task.run)/").expect()["worker_version"]?["id"] == .string(scenario.version))
            #expect(try await tester.get("/api/v1/workers/configurations/\(again)/").expect()["initial_worker_version"] == .null)
            let kinds = try await tester.value("SELECT string_agg(kind, ' ' ORDER BY id) FROM audit_event WHERE kind LIKE '%_deleted'")
            #expect(kinds == "worker_configuration_deleted worker_version_deleted")
        }
    }

    @Test func whatNoRunNamesIsRemoved() async throws {
        try await Tester.with { tester in
            let scenario = try await Scenario(tester)
            let made = try await tester.configuration(of: scenario.worker, "Large", ["size": 8])
            #expect(try await tester.delete("/api/v1/workers/configurations/\(made)/").status == 204)
            #expect(try await tester.value("SELECT count(*) FROM worker_configuration") == "0")
            let yaml = "\(Scenario.yaml)\n"
            let url: JSONValue = [
                "yaml": .string(yaml), "revision_url": "https://git.example.org/1", "docker_image_iid": "i", "branch": "main",
            ]
            let first = try await tester.post("/api/v1/workers/\(scenario.worker)/versions/import/", url).created()
            #expect(try await tester.delete("/api/v1/workers/versions/\(first)/").status == 204)
            #expect(try await tester.value("SELECT count(*) FROM worker_version WHERE id = $1", [.text(first)]) == "0")
            #expect(try await tester.post("/api/v1/workers/\(scenario.worker)/versions/import/", url).created() != first)
        }
    }

    /// states.md: deleting and selecting the same configuration at once end with a run of it and no deletion, a tombstone, or no run.
    @Test func deletingAndSelectingExcludeEachOther() async throws {
        try await Tester.with { tester in
            let scenario = try await Scenario(tester, pages: 1)
            for round in 0..<15 {
                let made = try await tester.configuration(of: scenario.worker, "Round \(round)", ["size": .integer(100 + round)])
                let process = try await scenario.emptyProcess()
                async let deletion = tester.delete("/api/v1/workers/configurations/\(made)/")
                async let selection = tester.post(
                    "/api/v1/process/\(process)/workers/",
                    ["worker_version_id": .string(scenario.version), "configuration_id": .string(made)])
                let (deleted, selected) = try await (deletion, selection)
                #expect(deleted.status == 204 && [201, 400].contains(selected.status), "\(deleted) \(selected)")
                let left = try await tester.value(
                    "SELECT count(*) FILTER (WHERE tombstone IS NOT NULL) || '/' || count(*) FROM worker_configuration WHERE id = $1",
                    [.text(made)])
                #expect(left == (selected.status == 201 ? "1/1" : "0/0"))
            }
        }
    }
}
