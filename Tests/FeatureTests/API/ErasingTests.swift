import Foundation
import Jobs
import Postgres
import Shapes
import Tenancy
import Testing
import Web

@testable import Corpora
@testable import Deletion
@testable import Server

/// Elements and corpora that people delete: gone at once with all that is below, back until the horizon.
@Suite struct ErasingTests {
    @Test func anElementGoesWithAllThatIsBelowAndComesBack() async throws {
        try await Tester.with { tester in
            let scenario = try await Scenario(tester, pages: 1)
            let work = try await MixedWork(scenario)
            let before = try await work.answers()
            let made = try await tester.erased("/api/v1/element/\(scenario.pages[0])/")
            let gone = work.machine.union(work.byHand)
            for (path, answer) in try await work.answers() {
                #expect(gone.filter { answer.contains($0) } == [], "\(path): \(answer)")
            }
            #expect(try await work.visibleCounts() == [1])
            #expect(try await tester.miscounted() == [])
            let listed = try await tester.get("/api/v1/corpus/\(scenario.corpus)/deletions/").expect()["results"]?[0]
            #expect(
                listed?["counts"]?["results"]?["elements"] == 6 && listed?["counts"]?["results"]?["transcriptions"] == 7,
                "\(String(describing: listed))")
            _ = try await tester.restored(scenario.corpus, made.deletion).expect()
            #expect(try await work.answers().differing(from: before) == [])
            // A deletion of the run beside it, each undone by itself.
            let ofRun = try await tester.deleted(scenario.corpus, "worker_run_id=\(work.run)")
            let again = try await tester.erased("/api/v1/element/\(scenario.pages[0])/")
            _ = try await tester.restored(scenario.corpus, ofRun.deletion).expect()
            #expect(try await work.visibleCounts() == [1])
            _ = try await tester.restored(scenario.corpus, again.deletion).expect()
            #expect(try await work.answers().differing(from: before) == [])
            #expect(try await tester.miscounted() == [])
        }
    }

    @Test func itsPurgeLeavesNothingBelow() async throws {
        try await Tester.with { tester in
            let scenario = try await Scenario(tester, pages: 1)
            let work = try await MixedWork(scenario)
            _ = try await tester.patch("/api/v1/settings/", ["purge_horizon": 0]).expect()
            let made = try await tester.erased("/api/v1/element/\(scenario.pages[0])/")
            #expect(try await tester.runner(Purge.kind).workOnce())
            let job = try await tester.get("/api/v1/jobs/\(made.job)/").expect()
            #expect(job["state"] == "done" && job["done"] == 18 && job["total"] == 18, "\(job)")
            #expect(try await tester.value("SELECT count(*) FROM element") == "1")
            #expect(try await tester.value("SELECT count(*) FROM element_path") == "1")
            #expect(try await tester.value("SELECT count(*) FROM transcription") == "0")
            #expect(try await tester.value("SELECT count(*) FROM hidden_lineage") == "0")
            #expect(try await tester.miscounted() == [])
            #expect(work.elements.count == 7)
        }
    }

    @Test func veryManyAreMarkedByAJobAndGoAllAtOnce() async throws {
        try await Tester.with { tester in
            let scenario = try await Scenario(tester, pages: 1)
            let work = try await MixedWork(scenario)
            try await tester.asOwner("CREATE OR REPLACE FUNCTION most_erased() RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT 3'")
            let before = try await work.answers()
            let path = "/api/v1/element/\(scenario.pages[0])/"
            func state(_ made: Deleted) async throws -> JSONValue? {
                let listed = try await tester.get("/api/v1/corpus/\(scenario.corpus)/deletions/").expect()["results"]?.list
                return listed?.first { $0["id"] == .string(made.deletion) }?["state"]
            }
            let undone = try await tester.erased(path)
            try await tester.markOneBatch(undone)
            #expect(try await work.answers().differing(from: before) == [])
            #expect(try await tester.miscounted() == [])
            #expect(try await tester.delete("/api/v1/jobs/\(undone.job)/").codes == ["not_cancellable"])
            #expect(try await state(undone) == "preparing")
            _ = try await tester.restored(scenario.corpus, undone.deletion).expect()
            #expect(try await state(undone) == "restored")
            #expect(try await tester.runner(Marking.kind).workOnce() == false)

            // Once more over what is marked in part, with work going on meanwhile.
            let made = try await tester.erased(path)
            try await tester.markOneBatch(made)
            let ofRun = try await tester.deleted(scenario.corpus, "worker_run_id=\(work.run)")
            try await tester.markOneBatch(made)
            _ = try await tester.restored(scenario.corpus, ofRun.deletion).expect()
            _ = try await scenario.lines(2, below: scenario.pages[0], by: nil, from: 5)
            _ = try await scenario.lines(1, below: work.elements[2], by: nil, from: 7)
            let last = try await work.answers()
            #expect(try await tester.runner(Marking.kind).workOnce())
            #expect(try await state(made) == "hidden")
            #expect(try await work.visibleCounts() == [1])
            #expect(try await tester.miscounted() == [])
            _ = try await tester.restored(scenario.corpus, made.deletion).expect()
            #expect(try await work.answers().differing(from: last) == [])
            #expect(try await tester.miscounted() == [])
        }
    }

    @Test func whatIsLinkedThereFromElsewhereLosesThatPlaceAlone() async throws {
        try await Tester.with { tester in
            let scenario = try await Scenario(tester, pages: 2)
            let line = try await scenario.lines(1, below: scenario.pages[0], by: nil)[0]
            #expect(try await tester.link(line, scenario.pages[1]).status == 201)
            let visitor = try await scenario.lines(1, below: scenario.pages[1], by: nil, from: 1)[0]
            #expect(try await tester.link(visitor, scenario.pages[0]).status == 201)
            let made = try await tester.erased("/api/v1/element/\(scenario.pages[0])/")
            #expect(try await tester.children(scenario.pages[1]) == [visitor])
            #expect(try await tester.children(scenario.folder, recursive: true) == [scenario.pages[1], visitor])
            _ = try await tester.restored(scenario.corpus, made.deletion).expect()
            #expect(Set(try await tester.children(scenario.pages[0])) == [line, visitor])
            #expect(Set(try await tester.children(scenario.pages[1])) == [line, visitor])
        }
    }

    @Test func manyAtOnceNeedAFilterThatMeansSomething() async throws {
        try await Tester.with { tester in
            let scenario = try await Scenario(tester, pages: 3)
            let path = "/api/v1/corpus/\(scenario.corpus)/elements/"
            for query in ["", "?type=", "?name=", "?worker_run=", "?kind=page", "?type=page&nmae=Page", "?page=1"] {
                #expect(try await tester.delete(path + query).status == 400, "\(query)")
            }
            #expect(try await tester.delete(path + "?type=word").status == 404)
            let made = try await tester.erased(path + "?type=page&name=2")
            #expect(try await tester.children(scenario.folder) == Array(scenario.pages[0...1]))
            _ = try await tester.restored(scenario.corpus, made.deletion).expect()
            #expect(try await tester.children(scenario.folder) == scenario.pages)
        }
    }

    @Test func everyFilterIsWrittenDown() async throws {
        try await Tester.with { tester in
            let scenario = try await Scenario(tester, pages: 1)
            let task = try await scenario.claimed()
            let line = try await scenario.lines(1, below: scenario.pages[0], by: nil)[0]
            _ = try await scenario.text("a", on: line, by: task)
            let letter = try await tester.post("/api/v1/corpus/\(scenario.corpus)/classes/", ["name": "letter"]).created()
            _ = try await tester.post(
                "/api/v1/classifications/", ["element": .string(line), "ml_class": .string(letter), "confidence": 1]
            ).created()
            _ = try await tester.post("/api/v1/element/\(line)/metadata/", ["type": "text", "name": "folio", "value": "12r"]).created()
            try await tester.asOwner("UPDATE element SET confidence = 0.75 WHERE id = $1", [.text(line)])
            let creator = try #require(try await tester.value("SELECT creator_id FROM element WHERE id = $1", [.text(line)]))
            let filter: JSONValue = [
                "type": "text_line", "name": "0", "folder": false, "top_level": false, "worker_run": "false", "worker_version": "false",
                "transcription_worker_run": .string(task.run), "transcription_worker_version": .string(scenario.version),
                "results_of": "true", "ml_class": .string(letter), "metadata_name": "folio", "metadata_value": "12r",
                "confidence": .number(0.5),
                "creator": .string(creator),
            ]
            guard case .object(let members) = filter else { return }
            // None is forgotten that the operation knows.
            let operation = try #require(Compose.operations.first { $0.id == "DestroyElements" })
            let known = operation.input.unwrapped.properties.map(\.name)
            #expect(Set(known).subtracting(["corpus"]).isSubset(of: members.keys))
            let query = members.map { "\($0)=\($1.string ?? $1.text)" }.joined(separator: "&")
            let made = try await tester.erased("/api/v1/corpus/\(scenario.corpus)/elements/?\(query)")
            for sql in [
                "SELECT filter FROM deletion WHERE id = $1",
                "SELECT detail->'filter' FROM audit_event WHERE kind = 'elements_deleted' AND detail->>'deletion' = $1::text",
            ] {
                let told = try #require(try await tester.value(sql, [.text(made.deletion)]))
                #expect(try JSONDecoder().decode(JSONValue.self, from: Data(told.utf8)) == filter)
            }
        }
    }

    @Test func aCorpusIsGoneForEverybodyAndComesBackToItsAdministrators() async throws {
        try await Tester.with(.enterprise) { tester in
            let scenario = try await Scenario(tester, pages: 1)
            let work = try await MixedWork(scenario)
            let stranger = Tester.Caller.token(try await tester.token(of: try await tester.person("stranger@example.org")))
            let before = try await work.answers()
            let made = try await tester.erased("/api/v1/corpus/\(scenario.corpus)/")
            #expect(try await tester.get("/api/v1/corpus/").ids == [])
            for path in [
                "/api/v1/corpus/\(scenario.corpus)/", "/api/v1/corpus/\(scenario.corpus)/elements/",
                "/api/v1/element/\(scenario.pages[0])/",
                "/api/v1/transcription/\(work.texts[0])/", "/api/v1/corpus/\(scenario.corpus)/deletions/",
            ] {
                #expect(try await tester.get(path).status == 404, "\(path)")
            }
            let late: JSONValue = ["text": "late"]
            #expect(try await tester.post("/api/v1/element/\(scenario.pages[0])/transcription/", late).status == 404)
            let restore = "/api/v1/corpus/\(scenario.corpus)/restore/"
            #expect(try await tester.post(restore, as: stranger).status == 404)
            #expect(try await tester.post(restore).status == 200)
            #expect(try await work.answers().differing(from: before) == [])

            _ = try await tester.patch("/api/v1/settings/", ["purge_horizon": 0]).expect()
            let last = try await tester.erased("/api/v1/corpus/\(scenario.corpus)/")
            #expect(try await tester.runner(Purge.kind).workOnce())
            #expect(try await tester.value("SELECT state FROM job WHERE id = $1", [.text(last.job)]) == "done")
            for table in ["element", "element_path", "transcription", "classification", "metadata", "transcription_entity", "result_count"]
            {
                #expect(try await tester.value("SELECT count(*) FROM \(table)") == "0", "\(table)")
            }
            #expect(try await tester.post(restore).status == 410)
            #expect(made.deletion != last.deletion)
        }
    }

    @Test func aCorpusAtWorkIsNotDeleted() async throws {
        try await Tester.with { tester in
            let scenario = try await Scenario(tester, pages: 1)
            _ = try await scenario.claimed()
            let answer = try await tester.delete("/api/v1/corpus/\(scenario.corpus)/")
            #expect(answer.status == 409 && answer.codes == ["process_running"], "\(answer)")
        }
    }

    @Test func aCorpusIsChanged() async throws {
        try await Tester.with { tester in
            let scenario = try await Scenario(tester, pages: 1)
            let path = "/api/v1/corpus/\(scenario.corpus)/"
            let renamed = try await tester.patch(path, ["name": "Registers"]).expect()
            #expect(renamed["name"] == "Registers" && renamed["public"] == false)
            let replaced = try await tester.put(path, ["name": "Charters", "public": true]).expect()
            #expect(replaced["name"] == "Charters" && replaced["public"] == true && replaced["description"] == "")
            #expect(try await tester.patch(path, ["name": ""]).status == 400)
        }
    }
}

extension Tester {
    func erased(_ path: String) async throws -> Deleted {
        let json = try await delete(path).expect(202)
        return Deleted(
            deletion: try #require(json["deletion"]?.string), job: try #require(json["job"]?.string),
            undoUntil: try #require(json["undo_until"]?.string))
    }

    /// As a server that is killed after one batch of two places.
    fileprivate func markOneBatch(_ made: Deleted) async throws {
        struct Killed: Error {}
        let kind = JobKind("mark_deleted") { (arguments: Marking.Arguments, job: RunningJob) in
            let done = try await job.first(Marking.batch, .init(deletion: arguments.deletion, job: job.id, most: 2))
            #expect(done?.objects ?? 0 > 0)
            throw Killed()
        }
        #expect(try await runner(kind).workOnce())
        try await asOwner("UPDATE job SET run_at = now(), failures = 0 WHERE id = $1", [.text(made.job)])
    }
}
