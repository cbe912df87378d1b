import HTTPTypes
import Jobs
import Postgres
import Shapes
import SystemPackage
import Tenancy
import Testing

@testable import Server

/// Exports: contract 4.5, rules 2.4 and 7.3. What stands in the file is tested with the library that reads it, in test_training.py.
@Suite struct ExportTests {
    @Test func anExportIsMadeOnceAndFetchedByAddress() async throws {
        try await Tester.with { tester in
            let scenario = try await Scenario(tester, pages: 3)
            _ = try await scenario.text("Jeanne", on: scenario.pages[0])
            let path = "/api/v1/corpus/\(scenario.corpus)/export/"
            let answers = try await withThrowingTaskGroup(of: Answer.self) { group in
                for _ in 0..<6 { group.addTask { try await tester.post(path, [:]) } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            let started = try #require(answers.first { $0.status == 201 })
            let export = try #require(started.id)
            for answer in answers where answer.id != export {
                #expect(answer.status == 400 && answer.codes == ["running_export"], "\(answer)")
            }
            #expect(started.json["state"] == "created" && started.json["user"]?["email"] == .string(TestDatabase.administrator.email))
            #expect(try await tester.get("/api/v1/export/\(export)/").codes == ["not_done"])
            try await tester.work()
            let done = try await tester.get(path).expect()
            #expect(done["count"] == 1 && done["results"]?[0]?["state"] == "done" && done["results"]?[0]?["outdated"] == false)
            let file = try await tester.fetch(export)
            #expect(file.text.hasPrefix("SQLite format 3") && file.text.contains("Jeanne"))
            #expect(file.headers[.contentType] == "application/vnd.sqlite3")
            #expect(try await tester.value("SELECT done = 4 AND total = 4 FROM job") == "t")
            #expect(try await tester.post(path, [:]).codes == ["existing_export"])
            // After six hours it is not new enough.
            try await tester.asOwner("UPDATE corpus_export SET updated = now() - interval '7 hours'")
            #expect(try await tester.post(path, [:]).status == 201)
            // After two weeks it goes, and its file with it.
            try await tester.asOwner("UPDATE corpus_export SET updated = now() - interval '15 days'")
            try await tester.sweep()
            #expect(try await tester.get(path).expect()["count"] == 1)
            #expect(try await tester.value("SELECT count(*) FROM stored_file WHERE released IS NOT NULL") == "1")
        }
    }

    /// Rule 7.3: what was deleted is in no export, not even in one that was made before; and it comes back with an undo.
    @Test func deletedResultsAreInNoExport() async throws {
        try await Tester.with { tester in
            let scenario = try await Scenario(tester, pages: 1)
            let task = try await scenario.claimed()
            _ = try await scenario.text("by the machine", on: scenario.pages[0], by: task)
            _ = try await scenario.text("by hand", on: scenario.pages[0])
            let before = try await scenario.export()
            #expect(try await tester.fetch(before).text.contains("by the machine"))
            let address = try await tester.get("/api/v1/export/\(before)/").headers[.location]
            try await tester.hide(task.run, everything: false)
            let outdated = try await tester.get("/api/v1/export/\(before)/")
            #expect(outdated.status == 410 && outdated.codes == ["outdated"], "\(outdated)")
            #expect(try await tester.follow(.get, address).status == 404)
            let exports = try await tester.get("/api/v1/corpus/\(scenario.corpus)/export/").expect()
            #expect(exports["results"]?[0]?["outdated"] == true)
            // It keeps nobody from a new one.
            let after = try await scenario.export()
            let text = try await tester.fetch(after).text
            #expect(text.contains("by hand") && !text.contains("by the machine") && !text.contains(task.run))
            try await tester.restore()
            #expect(try await tester.get("/api/v1/export/\(before)/").status == 302)
            #expect(try await tester.get("/api/v1/export/\(after)/").status == 410)
        }
    }

    /// Whoever reads the project may fetch it, so it has no value that some of them may not see.
    @Test func valuesOfConfigurationsAreInItOnlyWhereEverybodyMaySeeThem() async throws {
        try await Tester.with(.enterprise) { tester in
            let scenario = try await Scenario(tester, pages: 1)
            _ = try await tester.post("/api/v1/secrets/", ["name": "hunter2", "content": "open sesame"]).created()
            let configuration = try await tester.configuration(
                of: scenario.worker, "secret", ["title": "visible title", "password": "hunter2"])
            let process = try await scenario.emptyProcess()
            let body: JSONValue = ["worker_version_id": .string(scenario.version), "configuration_id": .string(configuration)]
            let run = try await tester.post("/api/v1/process/\(process)/workers/", body).created()
            let task = try #require(try await scenario.start(process, run).first)
            _ = try await scenario.text("Jeanne", on: scenario.pages[0], by: task)
            let closed = try await tester.fetch(try await scenario.export()).text
            #expect(closed.contains(configuration) && !closed.contains("visible title") && !closed.contains("hunter2"))
            _ = try await tester.patch("/api/v1/workers/\(scenario.worker)/", ["public": true]).expect()
            try await tester.asOwner("UPDATE corpus_export SET updated = now() - interval '7 hours'")
            let open = try await tester.fetch(try await scenario.export()).text
            #expect(open.contains("visible title") && !open.contains("hunter2"))
        }
    }

    /// Nobody has access to the worker of user worker runs, and somebody may export what workers of others have made.
    @Test(arguments: [Preparation.Edition.community, .enterprise])
    func whatIsSignedWithAWorkerThatNobodySeesIsExported(edition: Preparation.Edition) async throws {
        try await Tester.with(edition) { tester in
            let scenario = try await Scenario(tester, pages: 1)
            let contributor = try await scenario.member("contributor@example.org", level: 50)
            let run = try await tester.post("/api/v1/user/worker-runs/", ["summary": "Signed at home"], as: contributor).created()
            let body: JSONValue = ["type": "page", "name": "Signed", "corpus": .string(scenario.corpus), "worker_run_id": .string(run)]
            _ = try await tester.post("/api/v1/elements/create/", body, as: contributor).created()
            let task = try await scenario.claimed()
            _ = try await scenario.text("Jeanne", on: scenario.pages[0], by: task)
            let path = "/api/v1/corpus/\(scenario.corpus)/export/"
            let export = try await tester.post(path, [:], as: contributor).created()
            try await tester.work()
            let line = try await tester.get(path, as: contributor).expect()["results"]?[0]
            #expect(line?["state"] == "done" && line?["error"] == .null, "\(String(describing: line))")
            let text = try await tester.fetch(export).text
            #expect(text.contains(run) && text.contains("User worker runs") && text.contains(task.run))
        }
    }

    @Test func whyAnExportFailedIsTold() async throws {
        try await Tester.with(.enterprise) { tester in
            let scenario = try await Scenario(tester, pages: 1)
            let guest = try await scenario.member("guest@example.org", level: 10)
            let path = "/api/v1/corpus/\(scenario.corpus)/export/"
            _ = try await tester.post(path, [:]).created()
            try await tester.asOwner("UPDATE job SET attempt = 1, error = 'The disk is full.'")
            #expect(try await tester.get(path).expect()["results"]?[0]?["error"] == "The disk is full.")
            #expect(try await tester.get(path, as: guest).expect()["results"]?[0]?["error"] == .null)
        }
    }

    @Test func guestsFetchAndContributorsStart() async throws {
        try await Tester.with(.enterprise) { tester in
            let scenario = try await Scenario(tester, pages: 1)
            let path = "/api/v1/corpus/\(scenario.corpus)/export/"
            let guest = try await scenario.member("guest@example.org", level: 10)
            let contributor = try await scenario.member("contributor@example.org", level: 50)
            let stranger = try await scenario.member("stranger@example.org", level: nil)
            #expect(try await tester.post(path, [:], as: guest).status == 403)
            let export = try await tester.post(path, [:], as: contributor).created()
            // The job is none of a guest's business, but how far the export is.
            #expect(try await tester.get(path, as: guest).expect()["results"]?[0]?["state"] == "created")
            try await tester.work()
            #expect(try await tester.get("/api/v1/export/\(export)/", as: guest).status == 302)
            #expect(try await tester.get("/api/v1/export/\(export)/", as: stranger).status == 404)
            #expect(try await tester.get(path, as: stranger).status == 404)
            #expect(try await tester.get("/api/v1/export/\(export)/file/", as: contributor).status == 403)
        }
    }

    @Test func anExportOfADatasetHasWhatIsInItAndBelow() async throws {
        try await Tester.with { tester in
            let scenario = try await Scenario(tester, pages: 2)
            let lines = try await scenario.lines(3, below: scenario.pages[0], by: nil)
            _ = try await scenario.text("inside", on: lines[0])
            _ = try await scenario.text("outside", on: scenario.pages[1])
            let dataset = try await scenario.dataset(["train"])
            try await scenario.put(scenario.pages[0], into: "train", of: dataset)
            // Beside the project's own.
            _ = try await scenario.export()
            let export = try await scenario.export(["dataset_id": .string(dataset)])
            let text = try await tester.fetch(export).text
            #expect(text.contains("inside") && !text.contains("outside") && text.contains(lines[2]) && !text.contains(scenario.folder))
            let path = "/api/v1/corpus/\(scenario.corpus)/export/"
            #expect(try await tester.get("\(path)?dataset_id=\(dataset)").ids == [export])
            #expect(try await tester.get(path).ids.count == 2)
            let elsewhere = try await tester.post("/api/v1/corpus/", ["name": "Other"]).created()
            let wrong = try await tester.post("/api/v1/corpus/\(elsewhere)/export/", ["dataset_id": .string(dataset)])
            #expect(wrong.status == 400 && wrong.places == ["dataset_id"], "\(wrong)")
        }
    }

    @Test func aJobThatIsCancelledLeavesAFailedExport() async throws {
        try await Tester.with { tester in
            let scenario = try await Scenario(tester, pages: 1)
            let path = "/api/v1/corpus/\(scenario.corpus)/export/"
            let export = try await tester.post(path, [:]).created()
            let job = try #require(try await tester.get("/api/v1/jobs/?kind=export_corpus").ids.first)
            #expect(try await tester.delete("/api/v1/jobs/\(job)/").status == 204)
            #expect(try await tester.get(path).expect()["results"]?[0]?["state"] == "failed")
            #expect(try await tester.delete("/api/v1/jobs/\(job)/").status == 204)
            #expect(try await tester.get(path).expect()["results"]?[0]?["state"] == "failed")
            #expect(try await tester.get("/api/v1/export/\(export)/").codes == ["not_done"])
            #expect(try await tester.post(path, [:]).status == 201)
        }
    }

    /// More elements than one batch, in several places, while somebody takes some away.
    @Test func anExportHoldsTogetherWhileElementsGo() async throws {
        try await Tester.with { tester in
            let scenario = try await Scenario(tester, pages: 2)
            var others: [String] = []
            for _ in 0..<4 {
                _ = try await scenario.lines(180, below: scenario.pages[0], by: nil)
                others += try await scenario.lines(150, below: scenario.pages[1], by: nil)
            }
            _ = try await tester.post("/api/v1/element/parent/\(scenario.pages[0])/", ["children": .array(others.map { .string($0) })])
                .expect(201)
            _ = try await tester.post("/api/v1/corpus/\(scenario.corpus)/export/", [:]).created()
            async let deleting: Void = tester.remove(others.prefix(300))
            try await tester.work()
            try await deleting
            let state = try await tester.get("/api/v1/corpus/\(scenario.corpus)/export/").expect()["results"]?[0]
            #expect(state?["state"] == "done", "\(String(describing: state))")
        }
    }
}

extension Scenario {
    /// - Returns: the id of an export that has been made.
    func export(_ body: JSONValue = [:]) async throws -> String {
        let export = try await tester.post("/api/v1/corpus/\(corpus)/export/", body).created()
        try await tester.work()
        return export
    }
}

extension Tester {
    /// Carries out all jobs that are due.
    func work() async throws {
        let kinds = Compose.jobKinds(files, scratch: FilePath("/tmp/palimpsest-files-\(database.name)/exports"))
        let runner = JobRunner(tenancy: tenancy, kinds: kinds, holder: "a test", logger: TestDatabase.logger)
        while try await runner.workOnce() {}
    }

    /// Does what the sweeper has the features do first.
    func sweep() async throws {
        try await tenancy.scope(for: .system(in: tenant), Access(.signedIn, writes: true)) { scope in
            for forget in Compose.forgetting { try await forget(scope) }
        }
    }

    func fetch(_ export: String) async throws -> Answer {
        let found = try await get("/api/v1/export/\(export)/")
        try #require(found.status == 302, "\(found)")
        return try await follow(.get, found.headers[.location])
    }

    /// Row by row, as the purge does it.
    fileprivate func remove(_ elements: some Sequence<String>) async throws {
        for element in elements {
            try await asOwner(
                "WITH paths AS (DELETE FROM element_path WHERE element_id = $1) DELETE FROM element WHERE id = $1", [.text(element)])
        }
    }
}
