import Shapes
import Testing

@testable import Server

/// Rules 2.5, 2.7 and 3.3 for models themselves.
@Suite struct ModelTests {
    @Test func aTakenNameIsAnsweredWithTheModelToThoseWhoSeeItAlone() async throws {
        try await Tester.with(.enterprise) { tester in
            let model = try await tester.model("Letters")
            let guest = try await tester.member("guest@example.org", of: model, level: 10)
            let stranger = try await tester.member("stranger@example.org", of: model, level: nil)
            let seen = try await tester.post("/api/v1/models/", ["name": "Letters"], as: guest)
            #expect(seen.status == 400 && seen.json["id"] == .string(model) && seen.json["type"] == "validation_error", "\(seen)")
            let hidden = try await tester.post("/api/v1/models/", ["name": "Letters"], as: stranger)
            #expect(hidden.status == 403 && hidden.codes == ["name_taken"] && !hidden.text.contains(model), "\(hidden)")
            #expect(try await tester.get("/api/v1/models/", as: stranger).expect()["count"] == 0)
            #expect(try await tester.get("/api/v1/model/\(model)/", as: stranger).status == 404)
            // Whoever makes one administers it.
            let own = try await tester.model("Words", as: stranger)
            #expect(try await tester.get("/api/v1/model/\(own)/", as: stranger).expect()["rights"] == ["read", "write", "admin"])
        }
    }

    @Test func administratorsChangeAndArchiveAModel() async throws {
        try await Tester.with(.enterprise) { tester in
            let model = try await tester.model("Letters")
            _ = try await tester.model("Words")
            let path = "/api/v1/model/\(model)/"
            for (email, level) in [("guest@example.org", 10), ("contributor@example.org", 50)] {
                let member = try await tester.member(email, of: model, level: level)
                let refused = try await tester.patch(path, ["archived": true], as: member)
                #expect(refused.status == 403 && refused.text.contains("admin"), "\(refused)")
            }
            let changed = try await tester.patch(path, ["name": "Hands", "description": "Of the 15th century", "archived": true]).expect()
            #expect(changed["name"] == "Hands" && changed["description"] == "Of the 15th century" && changed["archived"] == true)
            #expect(try await tester.get("/api/v1/models/").expect()["count"] == 1)
            #expect(try await tester.get("/api/v1/models/?archived=True&name=hand").ids == [model])
            let taken = try await tester.patch(path, ["name": "Words"])
            #expect(taken.status == 400 && taken.places == ["name"], "\(taken)")
            // To no archived model a version is added; clients look for this key.
            let refused = try await tester.post("/api/v1/model/\(model)/versions/", [:])
            #expect(refused.status == 400 && refused.json["model"] != nil && refused.codes == ["archived"], "\(refused)")
            #expect(try await tester.patch(path, ["archived": false]).expect()["archived"] == false)
            _ = try await tester.modelVersion(of: model)
            let events = "SELECT string_agg(kind, ' ' ORDER BY created, id) FROM audit_event WHERE kind LIKE 'model%'"
            #expect(try await tester.value(events) == "model_archived model_unarchived")
        }
    }

    @Test func aPublicModelHasEverybodyAsGuest() async throws {
        try await Tester.with(.enterprise) { tester in
            let model = try await tester.model("Letters")
            let somebody = try await tester.member("somebody@example.org", of: model, level: nil)
            _ = try await tester.patch("/api/v1/model/\(model)/", ["public": true]).expect()
            #expect(try await tester.get("/api/v1/model/\(model)/", as: somebody).expect()["rights"] == ["read"])
        }
    }

    @Test func aModelNamesTheWorkersItIsMeantFor() async throws {
        try await Tester.with(.enterprise) { tester in
            let model = try await tester.model("Letters")
            let worker = try await tester.post("/api/v1/workers/", ["name": "Reader", "slug": "reader", "type": "reader"]).created()
            let path = "/api/v1/model/\(model)/compatible-workers/"
            for _ in 0..<2 {
                #expect(try await tester.post("\(path)\(worker)/").expect(201)["slug"] == "reader")
            }
            #expect(try await tester.get(path).ids == [worker])
            #expect(try await tester.get("/api/v1/model/\(model)/").expect()["compatible_workers"]?[0]?["id"] == .string(worker))
            #expect(try await tester.get("/api/v1/models/?compatible_worker=\(worker)").ids == [model])
            let guest = try await tester.member("guest@example.org", of: model, level: 10)
            // A worker that the caller may not see is neither listed, counted nor found.
            #expect(try await tester.get(path, as: guest).expect()["count"] == 0)
            #expect(try await tester.get("/api/v1/models/?compatible_worker=\(worker)", as: guest).expect()["count"] == 0)
            #expect(try await tester.post("\(path)\(worker)/", as: guest).status == 403)
            let administrator = try await tester.member("other@example.org", of: model, level: 100)
            #expect(try await tester.post("\(path)\(worker)/", as: administrator).status == 404)
            #expect(try await tester.delete("\(path)\(worker)/").status == 204)
            #expect(try await tester.delete("\(path)\(worker)/").status == 404)
            #expect(try await tester.get(path).ids == [])
        }
    }
}
