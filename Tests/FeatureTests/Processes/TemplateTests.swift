import Shapes
import Testing

@testable import Server

/// Rule 5.6: templates keep worker runs, and give copies of them.
@Suite struct TemplateTests {
    /// A process with three versions, each the parent of the next.
    private struct Chain {
        let process: String
        let runs: [String]
        let versions: [(worker: String, version: String)]
    }

    private func chain(_ scenario: Scenario) async throws -> Chain {
        let versions = try await ["one", "two", "three"].asyncMap { try await scenario.otherVersion($0) }
        let process = try await scenario.emptyProcess()
        var runs: [String] = []
        for (_, version) in versions {
            let parents: JSONValue = .array(runs.suffix(1).map { .string($0) })
            runs.append(try await scenario.addRun(to: process, ["worker_version_id": .string(version), "parents": parents]).created())
        }
        return Chain(process: process, runs: runs, versions: versions)
    }

    private func template(_ tester: Tester, of process: String) async throws -> String {
        try await tester.post("/api/v1/process/\(process)/template/", ["name": "Usual"]).created()
    }

    private func apply(_ tester: Tester, _ template: String, to process: String, as caller: Tester.Caller = .administrator) async throws
        -> Answer
    {
        try await tester.post("/api/v1/process/\(process)/apply/", ["template_id": .string(template)], as: caller)
    }

    @Test func runsAreCopiedWithTheirParents() async throws {
        try await Tester.with { tester in
            let scenario = try await Scenario(tester, pages: 1)
            let chain = try await chain(scenario)
            let configuration = try await tester.configuration(of: chain.versions[0].worker, "small", ["size": 2])
            let configured = try await tester.patch(
                "/api/v1/process/workers/\(chain.runs[0])/", ["configuration_id": .string(configuration)])
            #expect(configured.status == 200)
            // Of a process that was started as of one that was not.
            _ = try await tester.post("/api/v1/process/\(chain.process)/start/", [:]).expect(201)
            let template = try await template(tester, of: chain.process)
            let target = try await scenario.emptyProcess()
            let applied = try await apply(tester, template, to: target).expect(201)
            #expect(applied["left_out"] == [])
            let copies = try #require(applied["worker_runs"]?.list)
            let ids = copies.compactMap { $0["id"]?.string }
            #expect(ids.count == 3 && Set(ids).isDisjoint(with: chain.runs))
            #expect(copies.map { $0["worker_version"]?["id"]?.string } == chain.versions.map(\.version))
            #expect(copies.map { $0["parents"] } == [[], [.string(ids[0])], [.string(ids[1])]])
            #expect(copies[0]["configuration"]?["id"] == .string(configuration))
            #expect(try await tester.get("/api/v1/process/\(target)/workers/").ids == ids)
            // Again: all are there already.
            let again = try await apply(tester, template, to: target).expect(201)
            #expect(again["worker_runs"] == [])
            #expect(again["left_out"]?.list.map { $0["code"] } == Array(repeating: "worker_run_exists", count: 3))
            #expect(again["left_out"]?.list.compactMap { $0["existing_id"]?.string } == ids)
            #expect(try await tester.post("/api/v1/process/\(target)/start/", [:]).status == 201)
        }
    }

    @Test func whatMayNotBeUsedIsLeftOutAndNamed() async throws {
        try await Tester.with(.enterprise) { tester in
            let scenario = try await Scenario(tester, pages: 1)
            let chain = try await chain(scenario)
            let template = try await template(tester, of: chain.process)
            let (person, colleague) = try await tester.colleague()
            try await tester.member(person, of: "corpus", scenario.corpus, level: 100)
            for (worker, level) in zip(chain.versions.map(\.worker), [50, 10, 50]) {
                try await tester.member(person, of: "worker", worker, level: level)
            }
            // The middle one is missing a right: the third waits for the first instead.
            let first = try await scenario.emptyProcess()
            let applied = try await apply(tester, template, to: first, as: colleague).expect(201)
            let ids = applied["worker_runs"]?.list.compactMap { $0["id"]?.string } ?? []
            #expect(ids.count == 2)
            #expect(applied["worker_runs"]?.list.map { $0["parents"] } == [[], .array(ids.prefix(1).map { .string($0) })])
            #expect(applied["left_out"]?.list.count == 1)
            let left = applied["left_out"]?[0]
            #expect(left?["code"] == "permission_denied" && left?["worker_run"]?["summary"] == "Worker two @ 1", "\(applied)")
            // All reasons of one together.
            _ = try await tester.patch("/api/v1/workers/versions/\(chain.versions[0].version)/", ["state": "error"]).expect()
            _ = try await tester.patch("/api/v1/workers/\(chain.versions[0].worker)/", ["archived": true]).expect()
            let second = try await scenario.emptyProcess()
            let reasons = try await apply(tester, template, to: second).expect(201)
            #expect(reasons["worker_runs"]?.list.map { $0["parents"]?.list.count } == [0, 1])
            let reason = try #require(reasons["left_out"]?[0]?["reason"]?.string)
            #expect(reason.contains("archived") && reason.contains("not available"), "\(reason)")
            // Who has no access to the template's corpus does not learn that it exists.
            let elsewhere = try await tester.post("/api/v1/corpus/", ["name": "Second"]).created()
            let (other, stranger) = try await tester.colleague("stranger@example.org")
            try await tester.member(other, of: "corpus", elsewhere, level: 100)
            let target = try await tester.post("/api/v1/process/corpus/", ["corpus": .string(elsewhere)]).created()
            let hidden = try await apply(tester, template, to: target, as: stranger)
            #expect(hidden.status == 400 && hidden.codes == ["does_not_exist"] && hidden.places == ["template_id"], "\(hidden)")
        }
    }

    /// Rule 4.5: an archived configuration is not chosen by way of a template.
    @Test func archivedConfigurationsAreLeftOut() async throws {
        try await Tester.with { tester in
            let scenario = try await Scenario(tester, pages: 1)
            let configuration = try await tester.configuration(of: scenario.worker, "small", ["size": 2])
            let process = try await scenario.emptyProcess()
            _ = try await scenario.addRun(to: process, ["configuration_id": .string(configuration)]).created()
            _ = try await scenario.addRun(to: process).created()
            let template = try await template(tester, of: process)
            try await tester.asOwner("UPDATE worker_configuration SET archived = now()")
            // Nor by a template that is made of a process that uses it.
            let later = try await self.template(tester, of: process)
            for template in [template, later] {
                let target = try await scenario.emptyProcess()
                let applied = try await apply(tester, template, to: target).expect(201)
                #expect(applied["worker_runs"]?.list.count == 1 && applied["worker_runs"]?[0]?["configuration"] == .null)
                #expect(applied["left_out"]?.list.map { $0["code"] } == ["archived"], "\(applied)")
            }
        }
    }

    /// What is there already takes the place of the copy, and keeps its own parents.
    @Test func runsThatAreThereAlreadyTakeThePlaceOfCopies() async throws {
        try await Tester.with { tester in
            let scenario = try await Scenario(tester, pages: 1)
            let chain = try await chain(scenario)
            let template = try await template(tester, of: chain.process)
            let target = try await scenario.emptyProcess()
            let own = try await scenario.addRun(to: target).created()
            let second: JSONValue = ["worker_version_id": .string(chain.versions[1].version), "parents": [.string(own)]]
            let there = try await scenario.addRun(to: target, second).created()
            let applied = try await apply(tester, template, to: target).expect(201)
            #expect(applied["left_out"]?[0]?["existing_id"] == .string(there))
            #expect(applied["worker_runs"]?.list.map { $0["parents"] } == [[], [.string(there)]])
            #expect(try await tester.get("/api/v1/process/workers/\(there)/").expect()["parents"] == [.string(own)])
        }
    }

    @Test func templatesNeverRunAndAreListedOnlyWhenAskedFor() async throws {
        try await Tester.with { tester in
            let scenario = try await Scenario(tester, pages: 1)
            let (process, _) = try await scenario.process()
            let template = try await template(tester, of: process)
            #expect(try await tester.get("/api/v1/process/").ids == [process])
            #expect(try await tester.get("/api/v1/process/?mode=template").ids == [template])
            #expect(try await tester.post("/api/v1/process/\(template)/start/", [:]).codes == ["template"])
            #expect(try await tester.post("/api/v1/process/\(template)/retry/").status == 409)
            #expect(try await tester.post("/api/v1/process/\(template)/stop/").status == 409)
            #expect(try await apply(tester, process, to: process).codes == ["not_a_template"])
            #expect(try await apply(tester, template, to: template).codes == ["invalid_mode"])
            #expect(try await tester.post("/api/v1/process/\(template)/template/", ["name": "a"]).codes == ["invalid_mode"])
            let empty = try await scenario.emptyProcess()
            #expect(try await tester.post("/api/v1/process/\(empty)/template/", ["name": "a"]).codes == ["empty"])
            _ = try await tester.post("/api/v1/process/\(process)/start/", [:]).expect(201)
            #expect(try await apply(tester, template, to: process).codes == ["process_started"])
            let direct = try await tester.post("/api/v1/process/corpus/", ["corpus": .string(scenario.corpus), "mode": "template"])
            #expect(direct.status == 400 && direct.places == ["mode"], "\(direct)")
            #expect(try await tester.delete("/api/v1/process/\(template)/").status == 204)
        }
    }
}
