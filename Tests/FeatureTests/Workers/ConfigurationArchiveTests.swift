import Postgres
import Shapes
import Tenancy
import Testing

@testable import Server

/// Rule 4.5: archiving is for the worker's administrators, the way back for the instance's alone.
@Suite struct ConfigurationArchiveTests {
    @Test func archivedOnesLeaveTheListAndCannotBeSelected() async throws {
        try await Tester.with { tester in
            let scenario = try await Scenario(tester)
            let (_, run) = try await scenario.process()
            let large = try await tester.configuration(of: scenario.worker, "Large", ["size": 8])
            let small = try await tester.configuration(of: scenario.worker, "Small", ["size": 1])
            _ = try await tester.patch("/api/v1/process/workers/\(run)/", ["configuration_id": .string(large)]).expect()
            let archived = try await tester.patch("/api/v1/workers/configurations/\(large)/", ["archived": true]).expect()
            #expect(archived["archived"] == true && archived["worker_runs"] == 1)
            let list = "/api/v1/workers/\(scenario.worker)/configurations/"
            #expect(try await tester.get(list).ids == [small])
            for yes in ["true", "TRUE", "1"] { #expect(try await tester.get(list + "?archived=\(yes)").ids == [large]) }
            for no in ["False", "0"] { #expect(try await tester.get(list + "?archived=\(no)").ids == [small]) }
            #expect(try await tester.get(list + "?archived=all").ids == [large, small])
            // It goes on showing where it was used.
            let shown = try await tester.get("/api/v1/process/workers/\(run)/").expect()
            #expect(shown["configuration"]?["archived"] == true && shown["configuration"]?["configuration"]?["size"] == 8)

            let (other, _) = try await scenario.process()
            let selected = try await tester.post(
                "/api/v1/process/\(other)/workers/", ["worker_version_id": .string(scenario.version), "configuration_id": .string(large)])
            #expect(selected.status == 400 && selected.codes == ["archived"] && selected.places == ["configuration_id"], "\(selected)")
        }
    }

    @Test func aProcessWithAnArchivedOneDoesNotStartNorRetry() async throws {
        try await Tester.with { tester in
            let scenario = try await Scenario(tester)
            let large = try await tester.configuration(of: scenario.worker, "Large", ["size": 8])
            let (process, run) = try await scenario.process()
            _ = try await tester.patch("/api/v1/process/workers/\(run)/", ["configuration_id": .string(large)]).expect()
            _ = try await tester.patch("/api/v1/workers/configurations/\(large)/", ["archived": true]).expect()
            let start = try await tester.post("/api/v1/process/\(process)/start/", [:])
            #expect(start.status == 400 && start.places == ["worker_runs.0.configuration_id"] && start.codes == ["archived"], "\(start)")
            _ = try await tester.patch("/api/v1/workers/configurations/\(large)/", ["archived": false]).expect()
            let claimed = try #require(try await scenario.start(process, run).first)
            _ = try await tester.patch("/api/v1/task/\(claimed.task)/", ["state": "failed"], as: claimed.caller).expect(204)
            _ = try await tester.patch("/api/v1/workers/configurations/\(large)/", ["archived": true]).expect()
            let retry = try await tester.post("/api/v1/process/\(process)/retry/")
            #expect(retry.status == 400 && retry.codes == ["archived"], "\(retry)")
        }
    }

    /// Fault 18: also as one field among others, also by whoever administers the worker, in both editions.
    @Test(arguments: [Preparation.Edition.community, .enterprise])
    func onlyInstanceAdministratorsUnarchive(_ edition: Preparation.Edition) async throws {
        try await Tester.with(edition) { tester in
            let scenario = try await Scenario(tester, pages: 0)
            let large = try await tester.configuration(of: scenario.worker, "Large", ["size": 8])
            let person = try await tester.person("worker-admin@example.org")
            try await tester.asOwner(
                "INSERT INTO membership (tenant_id, id, user_id, worker_id, level) VALUES ($1, uuid7(), $2, $3, 100)",
                [tester.tenant.parameter, person.parameter, .text(scenario.worker)])
            let admin = Tester.Caller.token(try await tester.token(of: person))
            let path = "/api/v1/workers/configurations/\(large)/"
            #expect(try await tester.patch(path, ["archived": true], as: admin).expect()["archived"] == true)
            #expect(try await tester.patch(path, ["archived": true], as: admin).status == 200)
            for body in [["archived": false], ["name": "Other", "archived": false]] as [JSONValue] {
                let answer = try await tester.patch(path, body, as: admin)
                #expect(answer.status == 403 && answer.places == ["archived"], "\(answer)")
            }
            #expect(try await tester.get(path).expect()["name"] == "Large")
            #expect(try await tester.patch(path, ["name": "Huge"], as: admin).expect()["archived"] == true)
            #expect(try await tester.patch(path, ["archived": false]).expect()["archived"] == false)
            #expect(try await tester.patch(path, ["archived": false], as: admin).status == 200)
            // Rule 7.10.
            let kinds = try await tester.value(
                "SELECT string_agg(kind || coalesce(':' || (actor_id = $1)::text, ''), ' ' ORDER BY id) FROM audit_event WHERE kind LIKE 'worker_configuration%'",
                [person.parameter])
            #expect(
                kinds
                    == "worker_configuration_archived:true worker_configuration_renamed:true worker_configuration_unarchived:false")
        }
    }

    /// Rule 2.3: guests and contributors of a worker see configurations, and change none.
    @Test func lesserLevelsChangeNothing() async throws {
        try await Tester.with(.enterprise) { tester in
            let scenario = try await Scenario(tester, pages: 0)
            let large = try await tester.configuration(of: scenario.worker, "Large", ["size": 8])
            let path = "/api/v1/workers/configurations/\(large)/"
            for level in [0, 10, 50] {
                let person = try await tester.person("level-\(level)@example.org")
                if level > 0 {
                    try await tester.asOwner(
                        "INSERT INTO membership (tenant_id, id, user_id, worker_id, level) VALUES ($1, uuid7(), $2, $3, $4)",
                        [tester.tenant.parameter, person.parameter, .text(scenario.worker), .text("\(level)")])
                }
                let caller = Tester.Caller.token(try await tester.token(of: person))
                #expect(try await tester.get(path, as: caller).status == (level == 0 ? 404 : 200))
                #expect(try await tester.patch(path, ["archived": true], as: caller).status == (level == 0 ? 404 : 403))
                #expect(try await tester.delete(path, as: caller).status == (level == 0 ? 404 : 403))
                #expect(
                    try await tester.delete("/api/v1/workers/versions/\(scenario.version)/", as: caller).status == (level == 0 ? 404 : 403))
            }
        }
    }

    /// Fault 17, states.md: archiving and starting at once end with one or the other, never with a started run of an archived configuration
    /// that was archived first.
    @Test func archivingAndStartingExcludeEachOther() async throws {
        try await Tester.with { tester in
            let scenario = try await Scenario(tester, pages: 1)
            var outcomes: Set<String> = []
            for round in 0..<20 {
                let made = try await tester.configuration(of: scenario.worker, "Round \(round)", ["size": .integer(100 + round)])
                let (process, run) = try await scenario.process()
                _ = try await tester.patch("/api/v1/process/workers/\(run)/", ["configuration_id": .string(made)]).expect()
                async let archive = tester.patch("/api/v1/workers/configurations/\(made)/", ["archived": true])
                async let start = tester.post("/api/v1/process/\(process)/start/", [:])
                let (archived, started) = try await (archive, start)
                #expect(archived.status == 200)
                #expect(started.status == 201 || (started.status == 400 && started.codes == ["archived"]), "\(started)")
                outcomes.insert("\(started.status)")
                let order = try await tester.value(
                    "SELECT (p.started IS NOT NULL) = ($3 = '201') FROM process p WHERE p.tenant_id = $1 AND p.id = $2",
                    [tester.tenant.parameter, .text(process), .text("\(started.status)")])
                #expect(order == "t")
            }
            #expect(!outcomes.isEmpty)
        }
    }
}
