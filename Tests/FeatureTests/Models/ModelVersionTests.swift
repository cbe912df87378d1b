import HTTPTypes
import Postgres
import Shapes
import Storage
import Testing

@testable import Server

/// Rules 2.5, 3.3 and 3.5 for versions of models.
@Suite struct ModelVersionTests {
    static let tagTaken = "A version for this model with this tag already exists."

    @Test func guestsSeeWhatIsAvailableAndTagged() async throws {
        try await Tester.with(.enterprise) { tester in
            let model = try await tester.model("Letters")
            let tagged = try await tester.availableVersion(of: model, tag: "1")
            let untagged = try await tester.availableVersion(of: model)
            let unfinished = try await tester.modelVersion(of: model, ["tag": "2"])
            let guest = try await tester.member("guest@example.org", of: model, level: 10)
            let contributor = try await tester.member("contributor@example.org", of: model, level: 50)
            let list = "/api/v1/model/\(model)/versions/"
            let seen = try await tester.get(list, as: guest)
            #expect(seen.ids == [tagged] && seen.json["count"] == 1)
            #expect(try await tester.get(list, as: contributor).ids == [unfinished, untagged, tagged])
            #expect(try await tester.get("\(list)?state=created", as: contributor).ids == [unfinished])
            #expect(try await tester.get("\(list)?tag=1", as: contributor).ids == [tagged])
            for version in [untagged, unfinished] {
                #expect(try await tester.get("/api/v1/modelversion/\(version)/", as: guest).status == 404)
                #expect(try await tester.get("/api/v1/modelversion/\(version)/", as: contributor).status == 200)
            }
            #expect(try await tester.post(list, [:], as: guest).status == 403)
        }
    }

    @Test func contributorsFillWhatTheyMadeUntilItIsAvailable() async throws {
        try await Tester.with(.enterprise) { tester in
            let model = try await tester.model("Letters")
            let others = try await tester.modelVersion(of: model)
            let contributor = try await tester.member("contributor@example.org", of: model, level: 50)
            let own = try await tester.modelVersion(of: model, as: contributor)
            let path = "/api/v1/modelversion/\(own)/"
            let filled = try await tester.put(path, ["tag": "a", "configuration": ["size": 3], "size": 5], as: contributor).expect()
            #expect(filled["tag"] == "a" && filled["size"] == 5 && filled["configuration"] == ["size": 3] && filled["state"] == "created")
            // What the body does not name stays, null empties what may be empty.
            let further = try await tester.patch(path, ["tag": .null, "description": "d"], as: contributor).expect()
            #expect(further["tag"] == .null && further["size"] == 5 && further["description"] == "d")
            #expect(try await tester.patch("/api/v1/modelversion/\(others)/", ["tag": "b"], as: contributor).status == 403)
            try await tester.asOwner("UPDATE model_version SET state = 'available' WHERE id = $1", [.text(own)])
            #expect(try await tester.patch(path, ["tag": "c"], as: contributor).status == 403)
            #expect(try await tester.patch(path, ["tag": "c"]).expect()["tag"] == "c")
            #expect(try await tester.delete(path, as: contributor).status == 403)
        }
    }

    /// What runs were made with stays as it was.
    @Test func anAvailableVersionKeepsItsArchiveAndConfiguration() async throws {
        try await Tester.with { tester in
            let model = try await tester.model("Letters")
            let archive = try await tester.stored("an archive")
            let made = try await tester.post(
                "/api/v1/model/\(model)/versions/", archive.announcement.adding(["configuration": ["size": 3]])
            ).expect(201)
            try #require(try await tester.follow(.put, made["s3_put_url"]?.string, archive.bytes).status == 200)
            let path = "/api/v1/modelversion/\(try #require(made["id"]?.string))/"
            let same: JSONValue = [
                "size": .integer(archive.file.size), "archive_hash": .string(archive.file.md5.uppercased()), "configuration": ["size": 3],
                "state": "available",
            ]
            #expect(try await tester.patch(path, same).status == 200)
            let refused = try await tester.patch(
                path, ["size": 6, "archive_hash": .string(String(repeating: "b", count: 32)), "configuration": [:], "state": "created"])
            #expect(refused.status == 400 && refused.places.sorted() == ["archive_hash", "configuration", "size", "state"], "\(refused)")
            for key in ["size", "archive_hash", "state"] { #expect(refused.json[key]?.list.count == 1, "\(refused)") }
            #expect(try await tester.patch(path, ["state": "error"]).expect()["state"] == "error")
        }
    }

    @Test func aTagIsTakenOnce() async throws {
        try await Tester.with { tester in
            let model = try await tester.model("Letters")
            let first = try await tester.modelVersion(of: model, ["tag": "best"])
            let answers = try await withThrowingTaskGroup(of: Answer.self) { group in
                for number in 0..<12 {
                    group.addTask { try await tester.post("/api/v1/model/\(model)/versions/", ["tag": number % 2 == 0 ? "best" : "new"]) }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(answers.filter { $0.status == 201 }.count == 1)
            for answer in answers where answer.status != 201 {
                #expect(answer.status == 400 && answer.json["non_field_errors"] == [.string(Self.tagTaken)], "\(answer)")
            }
            let second = try await tester.modelVersion(of: model)
            #expect(try await tester.patch("/api/v1/modelversion/\(second)/", ["tag": "best"]).json["non_field_errors"] != nil)
            // Another model has tags of its own, and a tag is free again when its version is gone.
            _ = try await tester.modelVersion(of: try await tester.model("Words"), ["tag": "best"])
            #expect(try await tester.delete("/api/v1/modelversion/\(first)/").status == 204)
            #expect(try await tester.patch("/api/v1/modelversion/\(second)/", ["tag": "best"]).status == 200)
        }
    }

    @Test func parentsAreVersionsOfTheSameModelAndMakeNoCircle() async throws {
        try await Tester.with { tester in
            let model = try await tester.model("Letters")
            let first = try await tester.modelVersion(of: model)
            let second = try await tester.modelVersion(of: model, ["parent": .string(first)])
            let third = try await tester.modelVersion(of: model, ["parent": .string(second)])
            #expect(try await tester.get("/api/v1/modelversion/\(third)/").expect()["parent"] == .string(second))
            let foreign = try await tester.modelVersion(of: try await tester.model("Words"))
            for (version, parent, code) in [(first, third, "cycle"), (first, first, "cycle"), (first, foreign, "does_not_exist")] {
                let refused = try await tester.patch("/api/v1/modelversion/\(version)/", ["parent": .string(parent)])
                #expect(refused.status == 400 && refused.codes == [code] && refused.places == ["parent"], "\(refused)")
            }
            // Two at once, each of them right for itself.
            let free = [try await tester.modelVersion(of: model), try await tester.modelVersion(of: model)]
            async let one = tester.patch("/api/v1/modelversion/\(free[0])/", ["parent": .string(free[1])])
            async let other = tester.patch("/api/v1/modelversion/\(free[1])/", ["parent": .string(free[0])])
            #expect(try await [one.status, other.status].sorted() == [200, 400])
        }
    }

    @Test func valuesThatAVersionCannotHaveAreAllNamed() async throws {
        try await Tester.with { tester in
            let model = try await tester.model("Letters")
            let refused = try await tester.post(
                "/api/v1/model/\(model)/versions/", ["size": 0, "archive_hash": "abc", "tag": "", "parent": "x"])
            #expect(refused.status == 400 && refused.places.sorted() == ["archive_hash", "parent", "size", "tag"], "\(refused)")
            for configuration in [[1], "text", 5] as [JSONValue] {
                let answer = try await tester.post("/api/v1/model/\(model)/versions/", ["configuration": configuration])
                #expect(answer.status == 400 && answer.places == ["configuration"], "\(answer)")
            }
            let early = try await tester.modelVersion(of: model)
            let answer = try await tester.patch("/api/v1/modelversion/\(early)/", ["state": "available"])
            #expect(answer.status == 400 && answer.json["state"]?.list.count == 1, "\(answer)")
        }
    }

    /// Rule 3.5.
    @Test func aVersionStaysWhileResultsOfItsRunsExist() async throws {
        try await Tester.with { tester in
            let scenario = try await Scenario(tester, pages: 1, yaml: Scenario.modelYAML)
            let model = try await tester.model("Letters")
            let version = try await tester.availableVersion(of: model, tag: "1")
            let child = try await tester.modelVersion(of: model, ["parent": .string(version)])
            let (process, run) = try await scenario.process(with: version)
            let task = try #require(try await scenario.start(process, run).first)
            let path = "/api/v1/modelversion/\(version)/"
            let working = try await tester.delete(path)
            #expect(working.status == 409 && working.codes == ["in_use"], "\(working)")
            _ = try await scenario.lines(2, below: scenario.pages[0], by: task)
            _ = try await scenario.text("Jeanne", on: scenario.pages[0], by: task)
            _ = try await tester.patch("/api/v1/task/\(task.task)/", ["state": "completed"], as: task.caller)
            let refused = try await tester.delete(path)
            #expect(refused.status == 409 && refused.codes == ["has_results"], "\(refused)")
            #expect(refused.json["results"] == ["elements": 2, "transcriptions": 1], "\(refused)")
            #expect(refused.json["worker_runs"]?.list.compactMap { $0["id"] } == [.string(run)])
            // As if all of them had been purged.
            try await tester.asOwner("DELETE FROM result_count WHERE source_id <> 0")
            #expect(try await tester.delete(path).status == 204)
            #expect(try await tester.get(path).status == 404)
            #expect(try await tester.get("/api/v1/model/\(model)/versions/").ids == [child])
            #expect(try await tester.get("/api/v1/modelversion/\(child)/").expect()["parent"] == .null)
            // The run still says what it was made of.
            let card = try await tester.get("/api/v1/process/workers/\(run)/").expect()["model_version"]
            #expect(card?["id"] == .string(version) && card?["tag"] == "1" && card?["configuration"] == [:])
            // Nobody names the other: it goes whole.
            #expect(try await tester.delete("/api/v1/modelversion/\(child)/").status == 204)
            #expect(try await tester.value("SELECT count(*) FROM model_version") == "1")
        }
    }

    /// Whichever comes first, the other learns of it: there is no started process with a version that is gone.
    @Test func deletingAndStartingAtOnceHaveOneWinner() async throws {
        try await Tester.with { tester in
            let scenario = try await Scenario(tester, pages: 1, yaml: Scenario.modelYAML)
            let model = try await tester.model("Letters")
            for _ in 0..<8 {
                let version = try await tester.availableVersion(of: model)
                let (process, _) = try await scenario.process(with: version)
                async let start = tester.post("/api/v1/process/\(process)/start/", [:])
                async let delete = tester.delete("/api/v1/modelversion/\(version)/")
                let statuses = try await [start.status, delete.status]
                #expect(statuses == [201, 409] || statuses == [400, 204], "\(statuses)")
            }
        }
    }

    /// Rule 1.3: guest on its run's model, and maker of versions of the model that its process trains.
    @Test func aTaskMakesVersionsOfTheModelThatItsProcessTrains() async throws {
        try await Tester.with(.enterprise) { tester in
            let scenario = try await Scenario(tester, pages: 1, yaml: Scenario.modelYAML)
            let used = try await tester.model("Base")
            let trained = try await tester.model("Letters")
            let unrelated = try await tester.model("Other")
            let untagged = try await tester.availableVersion(of: used)
            let hidden = try await tester.availableVersion(of: used)
            let others = try await tester.modelVersion(of: trained)
            let (process, run) = try await scenario.process(with: untagged)
            try await tester.asOwner("UPDATE process SET model_id = $1 WHERE id = $2", [.text(trained), .text(process)])
            let task = try #require(try await scenario.start(process, run).first)
            #expect(
                try await tester.get("/api/v1/process/workers/\(run)/", as: task.caller).expect()["process"]?["model_id"]
                    == .string(trained))
            // The version that it runs with, although it has no tag; no other untagged one.
            #expect(try await tester.get("/api/v1/modelversion/\(untagged)/", as: task.caller).status == 200)
            #expect(try await tester.get("/api/v1/modelversion/\(hidden)/", as: task.caller).status == 404)
            #expect(try await tester.post("/api/v1/model/\(used)/versions/", [:], as: task.caller).status == 403)
            #expect(try await tester.post("/api/v1/model/\(unrelated)/versions/", [:], as: task.caller).status == 404)
            #expect(try await tester.post("/api/v1/models/", ["name": "Mine"], as: task.caller).status == 403)
            let made = try await tester.modelVersion(of: trained, ["parent": .string(others)], as: task.caller)
            #expect(try await tester.put("/api/v1/modelversion/\(made)/", ["tag": "a"], as: task.caller).expect()["tag"] == "a")
            #expect(try await tester.put("/api/v1/modelversion/\(others)/", ["tag": "b"], as: task.caller).status == 403)
            #expect(try await tester.patch("/api/v1/model/\(trained)/", ["name": "Mine"], as: task.caller).status == 403)
        }
    }
}
