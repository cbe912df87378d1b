import Jobs
import Postgres
import Shapes
import Tenancy
import Testing

@testable import Deletion
@testable import Server

/// Rule 6.8: results that people change and delete by hand.
@Suite struct EditingTests {
    @Test func whatAPersonChangedIsKeptAndWhatATaskChangedIsNot() async throws {
        try await Tester.with { tester in
            let scenario = try await Scenario(tester, pages: 1)
            let task = try await scenario.claimed()
            let (mine, its) = (
                try await scenario.text("a", on: scenario.pages[0], by: task), try await scenario.text("b", on: scenario.pages[0], by: task)
            )
            let changed = try await tester.patch("/api/v1/transcription/\(mine)/", ["text": "corrected", "confidence": .null]).expect()
            #expect(changed["text"] == "corrected" && changed["confidence"] == .null && changed["worker_run"]?["id"] == .string(task.run))
            #expect(try await tester.patch("/api/v1/transcription/\(its)/", ["text": "again"], as: task.caller).expect()["text"] == "again")
            #expect(
                try await tester.value("SELECT (edited_by IS NOT NULL)::text || kept FROM transcription WHERE id = $1", [.text(mine)])
                    == "truetrue")
            #expect(
                try await tester.value("SELECT (edited_by IS NOT NULL)::text || kept FROM transcription WHERE id = $1", [.text(its)])
                    == "falsefalse")
            try await scenario.complete(task)
            _ = try await tester.deleted(scenario.corpus, "worker_run_id=\(task.run)")
            let left = try await tester.get("/api/v1/transcription/\(mine)/").expect()
            #expect(
                left["worker_run"] == .null && left["detached_from"]?["id"] == .string(task.run)
                    && left["element"]?["id"] == .string(scenario.pages[0]))
            #expect(try await tester.get("/api/v1/transcription/\(its)/").status == 404)
            #expect(try await tester.patch("/api/v1/transcription/\(its)/", ["text": "late"]).status == 404)
            #expect(try await tester.delete("/api/v1/transcription/\(its)/").status == 404)
        }
    }

    /// What PUT leaves out stays; type and name it may not leave out.
    @Test func aWholeChangeNamesTypeAndName() async throws {
        try await Tester.with { tester in
            let scenario = try await Scenario(tester, pages: 1)
            let path = "/api/v1/element/\(scenario.pages[0])/"
            let refused = try await tester.put(path, ["name": "New"])
            #expect(refused.status == 400 && refused.places == ["type"], "\(refused)")
            let before = try await tester.get(path).expect()
            let changed = try await tester.put(path, ["name": "New", "type": "folder"]).expect()
            #expect(changed["name"] == "New" && changed["type"] == "folder" && changed["zone"] == before["zone"])
            #expect(try await tester.put(path, ["name": "New", "type": "unknown"]).status == 400)
        }
    }

    @Test func changesAreCheckedLikeWhatIsNew() async throws {
        try await Tester.with { tester in
            let scenario = try await Scenario(tester, pages: 1)
            let text = try await scenario.text("abcdef", on: scenario.pages[0])
            let person = try await tester.post("/api/v1/entity/types/", ["name": "person", "corpus": .string(scenario.corpus)]).created()
            let body: JSONValue = ["type_id": .string(person), "offset": 3, "length": 2]
            let entity = try await tester.post("/api/v1/transcription/\(text)/entities/", body).created()
            let number = try await tester.post(
                "/api/v1/element/\(scenario.pages[0])/metadata/", ["type": "numeric", "name": "n", "value": 1]
            ).created()
            let entityPath = "/api/v1/transcription/\(text)/entities/\(entity)/"
            for (path, change, code) in [
                ("/api/v1/transcription/\(text)/", ["text": "abc"] as JSONValue, "entities_outside"),
                ("/api/v1/transcription/\(text)/", ["text": ""], "blank"),
                (entityPath, ["length": 4], "outside_text"), (entityPath, ["type_id": .string(text)], "does_not_exist"),
                ("/api/v1/metadata/\(number)/", ["value": "one"], "invalid"), ("/api/v1/metadata/\(number)/", ["type": "url"], "invalid"),
                ("/api/v1/metadata/\(number)/", ["value": [1]], "invalid"),
            ] {
                let answer = try await tester.patch(path, change)
                #expect(answer.status == 400 && answer.codes == [code], "\(path) \(change): \(answer)")
            }
            #expect(try await tester.patch(entityPath, ["offset": 4]).expect()["offset"] == 4)
            #expect(try await tester.patch("/api/v1/metadata/\(number)/", ["value": .number(2.5)]).expect()["value"] == "2.5")
            #expect(try await tester.patch("/api/v1/metadata/\(number)/", ["type": "text", "value": "two"]).expect()["value"] == "two")
            #expect(try await tester.miscounted() == [])
        }
    }

    @Test func whatIsDeletedTakesWithItWhatStandsOnIt() async throws {
        try await Tester.with { tester in
            let scenario = try await Scenario(tester, pages: 1)
            let work = try await MixedWork(scenario)
            for text in work.texts { #expect(try await tester.delete("/api/v1/transcription/\(text)/").status == 204) }
            #expect(try await tester.value("SELECT count(*) FROM transcription") == "0")
            #expect(try await tester.value("SELECT count(*) FROM transcription_entity") == "0")
            #expect(try await tester.miscounted() == [])
        }
    }

    /// Work by hand that is detached twice, or beside the same by hand, breaks no uniqueness.
    @Test func whatIsKeptTwiceStaysTwice() async throws {
        try await Tester.with { tester in
            let scenario = try await Scenario(tester, pages: 1)
            let kind = try await tester.post("/api/v1/corpus/\(scenario.corpus)/classes/", ["name": "letter"]).created()
            func classify(_ task: Claimed?) async throws -> String {
                let body: JSONValue = ["element": .string(scenario.pages[0]), "ml_class": .string(kind), "confidence": 1]
                return try await tester.post("/api/v1/classifications/", body.signed(task), as: task?.caller ?? .administrator).created()
            }
            let byHand = try await classify(nil)
            _ = try await tester.patch("/api/v1/settings/", ["purge_horizon": 0]).expect()
            for _ in 0..<2 {
                let task = try await scenario.claimed()
                let made = try await classify(task)
                #expect(try await tester.put("/api/v1/classifications/\(made)/reject/", [:]).expect()["state"] == "rejected")
                try await scenario.complete(task)
                _ = try await tester.deleted(scenario.corpus, "worker_run_id=\(task.run)")
                #expect(try await tester.runner(Purge.kind).workOnce())
            }
            #expect(try await tester.get("/api/v1/element/\(scenario.pages[0])/").expect()["classifications"]?.list.count == 3)
            #expect(try await tester.miscounted() == [])
            #expect(try await tester.put("/api/v1/classifications/\(byHand)/validate/", [:]).expect()["state"] == "validated")
            // What was made by hand is not rejected but deleted.
            #expect(try await tester.put("/api/v1/classifications/\(byHand)/reject/", [:]).status == 204)
            #expect(try await tester.get("/api/v1/element/\(scenario.pages[0])/").expect()["classifications"]?.list.count == 2)
            #expect(try await tester.miscounted() == [])
        }
    }

    /// Rules 5.10 and 7.5: what somebody signs with a run of their own is work by hand, until that run is deleted.
    @Test func whatIsSignedWithAPersonalRunIsWorkByHand() async throws {
        try await Tester.with { tester in
            let scenario = try await Scenario(tester, pages: 1)
            let task = try await scenario.claimed()
            let line = try await scenario.lines(1, below: scenario.pages[0], by: task)[0]
            let run = try await tester.userRun("Corrections")
            let signed: JSONValue = [
                "worker_run_id": .string(run), "elements": [["name": "mine", "type": "word", "polygon": .rectangle(0, 0, 9, 9)]],
            ]
            let word = try #require(try await tester.post("/api/v1/element/\(line)/children/bulk/", signed).expect(201)[0]?["id"]?.string)
            let below = try await scenario.lines(1, below: word, by: task, from: 5)[0]
            try await scenario.complete(task)
            let preview = try await tester.previewed(scenario.corpus, ["worker_run_id": .string(task.run)])
            #expect(preview.json["manual"]?["elements"] == 2 && preview.json["results"]?["elements"] == 1, "\(preview.json)")
            let made = try await tester.deleted(scenario.corpus, "worker_run_id=\(task.run)")
            #expect(try await tester.get("/api/v1/element/\(word)/").expect()["worker_run"]?["id"] == .string(run))
            #expect(try await tester.get("/api/v1/element/\(line)/").status == 200)
            #expect(try await tester.get("/api/v1/element/\(below)/").status == 404)
            _ = try await tester.restored(scenario.corpus, made.deletion).expect()
            // The run itself is what is deleted: what it made goes, and what it was made on stays.
            let own = try await tester.previewed(scenario.corpus, ["worker_run_id": .string(run)])
            #expect(own.json["results"]?["elements"] == 1 && own.json["manual"]?["elements"] == 0, "\(own.json)")
            _ = try await tester.deleted(scenario.corpus, "worker_run_id=\(run)")
            #expect(try await tester.get("/api/v1/element/\(word)/").status == 404)
            #expect(try await tester.get("/api/v1/element/\(below)/").status == 404)
            #expect(try await tester.get("/api/v1/element/\(line)/").status == 200)
            #expect(try await tester.miscounted() == [])
        }
    }
}
