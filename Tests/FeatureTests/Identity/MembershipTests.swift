import Shapes
import Tenancy
import Testing

@testable import Server

/// Who is a member of what, and that those who gave rights away keep some.
@Suite struct MembershipTests {
    @Test func aMemberIsMadeChangedAndTakenOut() async throws {
        try await Tester.with(.enterprise) { tester in
            let corpus = try await tester.post("/api/v1/corpus/", ["name": "Parish"]).created()
            let (guest, id) = try await tester.somebody("guest@example.org")
            #expect(try await tester.get("/api/v1/corpus/\(corpus)/", as: guest).status == 404)
            let body: JSONValue = ["user": "Guest@Example.org", "corpus": .string(corpus), "level": 10]
            let made = try await tester.post("/api/v1/memberships/", body).expect(201)
            #expect(made["user"]?["id"] == .string(id.text) && made["level"] == 10 && made["corpus"] == .string(corpus))
            #expect(try await tester.get("/api/v1/corpus/\(corpus)/", as: guest).expect()["rights"] == ["read"])

            let twice = try await tester.post("/api/v1/memberships/", body)
            #expect(twice.status == 409 && twice.json["existing_id"] == made["id"], "\(twice)")
            let path = "/api/v1/membership/\(try #require(made["id"]?.string))/"
            #expect(try await tester.patch(path, ["level": 100], as: guest).status == 403)
            #expect(try await tester.patch(path, ["level": 50]).expect()["level"] == 50)
            #expect(try await tester.patch(path, ["level": 51]).status == 400)
            #expect(try await tester.get("/api/v1/corpus/\(corpus)/", as: guest).expect()["rights"] == ["read", "write"])
            #expect(try await tester.get("/api/v1/memberships/?corpus=\(corpus)", as: guest).expect()["count"] == 2)
            #expect(try await tester.delete(path).status == 204)
            #expect(try await tester.get("/api/v1/corpus/\(corpus)/", as: guest).status == 404)
            #expect(try await tester.get("/api/v1/memberships/?corpus=\(corpus)", as: guest).expect()["count"] == 0)

            let events = try await tester.get("/api/v1/audit/?corpus=\(corpus)&with_count=true").expect()["results"]?.list ?? []
            #expect(
                events.compactMap { $0["kind"]?.string } == ["membership_destroyed", "membership_changed", "membership_created"],
                "\(events)")
            #expect(events.allSatisfy { $0["actor"]?["email"] == .string(TestDatabase.administrator.email) })
        }
    }

    /// Rule 7.10: to make a thing public is to give a right to everybody.
    @Test func whatIsMadePublicIsNoted() async throws {
        try await Tester.with(.enterprise) { tester in
            let corpus = try await tester.post("/api/v1/corpus/", ["name": "Parish"]).created()
            let worker = try await tester.post("/api/v1/workers/", ["name": "W", "slug": "w", "type": "reader"]).created()
            let model = try await tester.model("Letters")
            for path in ["/api/v1/corpus/\(corpus)/", "/api/v1/workers/\(worker)/", "/api/v1/model/\(model)/"] {
                for value in [true, true, false] { _ = try await tester.patch(path, ["public": .boolean(value)]).expect() }
            }
            let events = try await tester.get("/api/v1/audit/?page_size=100").expect()["results"]?.list ?? []
            let noted = events.filter { $0["kind"]?.string?.hasPrefix("made_") == true }
            #expect(
                noted.compactMap { $0["kind"]?.string } == Array(repeating: ["made_private", "made_public"], count: 3).flatMap { $0 },
                "\(events)")
            #expect(Set(noted.compactMap { $0["detail"]?["id"]?.string }) == [corpus, worker, model])
            #expect(try await tester.get("/api/v1/audit/?corpus=\(corpus)").expect()["results"]?.list.count == 2)
        }
    }

    /// Fault 21: reporting success would be worse than refusing.
    @Test func aMisspeltPersonIsRefused() async throws {
        try await Tester.with(.enterprise) { tester in
            let corpus = try await tester.post("/api/v1/corpus/", ["name": "Parish"]).created()
            let answer = try await tester.post(
                "/api/v1/memberships/", ["user": "nobdy@example.org", "corpus": .string(corpus), "level": 10])
            #expect(answer.status == 400 && answer.places == ["user"], "\(answer)")
            for wrong in [["level": 10], ["user": "a@b.c", "level": 10], ["corpus": .string(corpus), "level": 10]] as [JSONValue] {
                #expect(try await tester.post("/api/v1/memberships/", wrong).status == 400)
            }
        }
    }

    @Test func throughAGroupTheLowerLevelHoldsAndTheHighestPathWins() async throws {
        try await Tester.with(.enterprise) { tester in
            let corpus = try await tester.post("/api/v1/corpus/", ["name": "Parish"]).created()
            let (member, id) = try await tester.somebody("member@example.org")
            let group = try await tester.post("/api/v1/groups/", ["name": "Readers"]).created()
            let inGroup = try await tester.membership(["user": .string(id.text), "group_target": .string(group), "level": 50])
            let ofGroup = try await tester.membership(["group": .string(group), "corpus": .string(corpus), "level": 10])
            func rights() async throws -> JSONValue? {
                try await tester.get("/api/v1/corpus/\(corpus)/", as: member).json["rights"]
            }
            #expect(try await rights() == ["read"])
            _ = try await tester.patch("/api/v1/membership/\(ofGroup)/", ["level": 100]).expect()
            #expect(try await rights() == ["read", "write"])
            _ = try await tester.patch("/api/v1/membership/\(inGroup)/", ["level": 10]).expect()
            let direct = try await tester.membership(["user": .string(id.text), "corpus": .string(corpus), "level": 50])
            #expect(try await rights() == ["read", "write"])
            #expect(try await tester.delete("/api/v1/membership/\(direct)/").status == 204)
            #expect(try await rights() == ["read"])
            // They leave the group by themselves.
            #expect(try await tester.delete("/api/v1/membership/\(inGroup)/", as: member).status == 204)
            #expect(try await rights() == nil)
        }
    }

    @Test func theLastAdministratorStays() async throws {
        try await Tester.with(.enterprise) { tester in
            let (owner, _) = try await tester.somebody("owner@example.org")
            let corpus = try await tester.post("/api/v1/corpus/", ["name": "Parish"], as: owner).created()
            let own = try #require(try await tester.get("/api/v1/memberships/?corpus=\(corpus)", as: owner).ids.first)
            for answer in [
                try await tester.delete("/api/v1/membership/\(own)/", as: owner),
                try await tester.patch("/api/v1/membership/\(own)/", ["level": 50], as: owner),
                try await tester.delete("/api/v1/membership/\(own)/"),
            ] { #expect(answer.status == 409 && answer.codes == ["last_administrator"], "\(answer)") }

            // A group whose administrators remain can take over, and then cannot be deleted.
            let group = try await tester.post("/api/v1/groups/", ["name": "Keepers"], as: owner).created()
            _ = try await tester.membership(["group": .string(group), "corpus": .string(corpus), "level": 100], as: owner)
            #expect(try await tester.delete("/api/v1/membership/\(own)/", as: owner).status == 204)
            let deletion = try await tester.delete("/api/v1/group/\(group)/", as: owner)
            #expect(deletion.status == 409, "\(deletion)")
            #expect(try await tester.get("/api/v1/corpus/\(corpus)/", as: owner).status == 200)
        }
    }

    /// Two administrators who leave at the same moment, many times: one of them has to stay.
    @Test func ofTwoWhoLeaveAtOnceOneStays() async throws {
        try await Tester.with(.enterprise) { tester in
            let people = [try await tester.somebody("a@example.org"), try await tester.somebody("b@example.org")]
            for round in 0..<8 {
                let corpus = try await tester.post("/api/v1/corpus/", ["name": .string("Parish \(round)")], as: people[0].caller).created()
                let first = try #require(try await tester.get("/api/v1/memberships/?corpus=\(corpus)", as: people[0].caller).ids.first)
                let second = try await tester.membership(
                    ["user": .string(people[1].id.text), "corpus": .string(corpus), "level": 100], as: people[0].caller)
                async let one = tester.delete("/api/v1/membership/\(first)/", as: people[0].caller)
                async let other = tester.delete("/api/v1/membership/\(second)/", as: people[1].caller)
                let statuses = [try await one.status, try await other.status].sorted()
                #expect(statuses == [204, 409])
            }
        }
    }

    @Test func aPublicGroupIsFoundAndItsMembersAreNot() async throws {
        try await Tester.with(.enterprise) { tester in
            let (stranger, _) = try await tester.somebody("stranger@example.org")
            let hidden = try await tester.post("/api/v1/groups/", ["name": "Hidden"]).created()
            let open = try await tester.post("/api/v1/groups/", ["name": "Open", "public": true]).created()
            let list = try await tester.get("/api/v1/groups/", as: stranger).expect()
            #expect(list["count"] == 1 && list["results"]?[0]?["id"] == .string(open) && list["results"]?[0]?["members"] == .null)
            #expect(try await tester.get("/api/v1/group/\(hidden)/", as: stranger).status == 404)
            #expect(try await tester.get("/api/v1/memberships/?group=\(open)", as: stranger).expect()["count"] == 0)
        }
    }

    @Test func membersOfAWorkerAreManagedWithThePermissionToo() async throws {
        try await Tester.with(.enterprise) { tester in
            let (owner, id) = try await tester.somebody("owner@example.org")
            let (_, other) = try await tester.somebody("other@example.org")
            let worker = try await tester.post(
                "/api/v1/workers/", ["name": "Reader", "slug": "reader", "type": "recognizer"], as: owner
            ).created()
            let body: JSONValue = ["user": .string(other.text), "worker": .string(worker), "level": 10]
            #expect(try await tester.post("/api/v1/memberships/", body, as: owner).status == 403)
            #expect(try await tester.patch("/api/v1/workers/\(worker)/", ["name": "Writer"], as: owner).status == 403)
            _ = try await tester.patch("/api/v1/users/\(id)/", ["can_manage_workers": true]).expect()
            #expect(try await tester.post("/api/v1/memberships/", body, as: owner).status == 201)
            #expect(try await tester.patch("/api/v1/workers/\(worker)/", ["name": "Writer"], as: owner).status == 200)
        }
    }

    /// Rule 1.2: what was given in one edition is there again after the way through the other.
    @Test func membershipsSurviveTheOtherEdition() async throws {
        try await Tester.with(.enterprise) { tester in
            let (guest, id) = try await tester.somebody("guest@example.org")
            let corpus = try await tester.post("/api/v1/corpus/", ["name": "Parish"]).created()
            let membership = try await tester.membership(["user": .string(id.text), "corpus": .string(corpus), "level": 10])
            try await tester.asOwner("UPDATE deployment SET edition = 'community'")
            #expect(try await tester.get("/api/v1/corpus/\(corpus)/", as: guest).expect()["rights"] == ["read", "write", "admin"])
            #expect(try await tester.get("/api/v1/memberships/?corpus=\(corpus)", as: guest).ids.contains(membership))
            let made = try await tester.post("/api/v1/corpus/", ["name": "Made meanwhile"], as: guest).created()
            try await tester.asOwner("UPDATE deployment SET edition = 'enterprise'")
            #expect(try await tester.get("/api/v1/corpus/\(corpus)/", as: guest).expect()["rights"] == ["read"])
            #expect(try await tester.get("/api/v1/corpus/\(made)/", as: guest).expect()["rights"] == ["read", "write", "admin"])
        }
    }
}

extension Tester {
    /// Somebody without rights, and how they ask.
    func somebody(_ email: String) async throws -> (caller: Caller, id: ID<User>) {
        let id = try await person(email)
        return (.token(try await token(of: id)), id)
    }

    func membership(_ body: JSONValue, as caller: Caller = .administrator) async throws -> String {
        try await post("/api/v1/memberships/", body, as: caller).created()
    }
}
