import HTTPTypes
import Postgres
import Shapes
import Tenancy
import Testing

@testable import Server

/// Accounts, tokens, sessions, and what guards them.
@Suite struct AccountTests {
    @Test func instanceAdministratorsMakeAccounts() async throws {
        try await Tester.with(.enterprise) { tester in
            let made = try await tester.post("/api/v1/users/", ["email": "New@example.org", "can_create_workers": true]).expect(201)
            let password = try #require(made["password"]?.string)
            #expect(try await tester.signIn("new@example.org", password).status == 200)
            let listed = try await tester.get("/api/v1/users/?name=NEW").expect()["results"]?[0]
            #expect(listed?["can_create_workers"] == true && listed?["can_manage_workers"] == false && listed?["password"] == nil)
            let again = try await tester.post("/api/v1/users/", ["email": "new@EXAMPLE.org", "password": "a long password"])
            #expect(again.status == 400 && again.places == ["email"], "\(again)")
            #expect(try await tester.post("/api/v1/users/", ["email": "b@example.org", "password": "short"]).status == 400)
            let id = try #require(made["id"]?.string)
            _ = try await tester.patch("/api/v1/users/\(id)/", ["is_admin": true]).expect()
            // A new password leaves nobody signed in with the old one.
            let session = try await tester.signIn("new@example.org", password).expect()["auth_token"]?.string
            _ = try await tester.patch("/api/v1/users/\(id)/", ["password": "another password"]).expect()
            #expect(try await tester.get("/api/v1/user/", as: .token(session ?? "")).status == 401)
            #expect(try await tester.signIn("new@example.org", password).status == 400)
            #expect(try await tester.signIn("new@example.org", "another password").status == 200)
        }
    }

    @Test func theLastInstanceAdministratorStays() async throws {
        try await Tester.with { tester in
            let own = try #require(try await tester.get("/api/v1/user/").expect()["id"]?.string)
            let answer = try await tester.patch("/api/v1/users/\(own)/", ["is_admin": false])
            #expect(answer.status == 409 && answer.codes == ["last_administrator"], "\(answer)")
            #expect(try await tester.get("/api/v1/users/").status == 200)
        }
    }

    @Test func aTokenIsShownOnceAndRevokedAtOnce() async throws {
        try await Tester.with { tester in
            let made = try await tester.post(
                "/api/v1/user/tokens/", ["name": "Script", "scope": "read", "expires": "2100-01-01T00:00:00Z"]
            )
            .expect(201)
            let token = try #require(made["token"]?.string)
            let caller = Tester.Caller.token(token)
            #expect(try await tester.get("/api/v1/corpus/", as: caller).status == 200)
            #expect(try await tester.post("/api/v1/user/tokens/", ["name": "More", "scope": "write"], as: caller).status == 403)
            let list = try await tester.get("/api/v1/user/tokens/")
            #expect(!list.text.contains("pal_") && list.ids.contains(made["id"]?.string ?? ""))
            let (other, _) = try await tester.somebody("other@example.org")
            let path = "/api/v1/user/tokens/\(try #require(made["id"]?.string))/"
            #expect(try await tester.delete(path, as: other).status == 404)
            #expect(try await tester.delete(path).status == 204)
            #expect(try await tester.get("/api/v1/corpus/", as: caller).status == 401)
            let late = try await tester.post("/api/v1/user/tokens/", ["name": "Late", "scope": "read", "expires": "2001-01-01T00:00:00Z"])
            #expect(late.status == 400 && late.places == ["expires"], "\(late)")
            for wrong in ["tomorrow", "2100-13-01T00:00:00Z", "2100-01-01"] as [JSONValue] {
                #expect(try await tester.post("/api/v1/user/tokens/", ["name": "A", "scope": "read", "expires": wrong]).status == 400)
            }
        }
    }

    @Test func aChangedPasswordSignsOutEverywhere() async throws {
        try await Tester.with { tester in
            let old = try #require(TestDatabase.administrator.password)
            let (cookie, csrf) = try await tester.session()
            let wrong = try await tester.post("/api/v1/user/password/", ["old_password": "no", "new_password": "a new password"])
            #expect(wrong.status == 400 && wrong.places == ["old_password"])
            let body: JSONValue = ["old_password": .string(old), "new_password": "a new password"]
            #expect(try await tester.post("/api/v1/user/password/", body, as: .session(cookie, csrf: csrf)).status == 204)
            #expect(try await tester.get("/api/v1/user/", as: .session(cookie, csrf: nil)).status == 401)
            #expect(try await tester.get("/api/v1/user/").status == 401)
            #expect(try await tester.signIn(TestDatabase.administrator.email, old).status == 400)
            #expect(try await tester.signIn(TestDatabase.administrator.email, "a new password").status == 200)
        }
    }

    @Test func aSessionIsEndedFromElsewhere() async throws {
        try await Tester.with { tester in
            let (cookie, _) = try await tester.session()
            let sessions = try await tester.get("/api/v1/user/sessions/").ids
            #expect(sessions.count == 2)
            for session in sessions { #expect(try await tester.delete("/api/v1/user/sessions/\(session)/").status == 204) }
            #expect(try await tester.get("/api/v1/user/", as: .session(cookie, csrf: nil)).status == 401)
        }
    }

    /// Fault 35. Whether anybody has the address makes no difference, so the limit tells nothing either.
    @Test(arguments: [TestDatabase.administrator.email, "nobody@example.org"])
    func guessingIsSlowedDown(_ email: String) async throws {
        try await Tester.with { tester in
            // Signing in made the tester's own token, and that was forgotten with its success.
            for attempt in 1...10 {
                let answer = try await tester.signIn(email, "wrong \(attempt)")
                #expect(answer.status == 400, "\(attempt): \(answer)")
            }
            let answer = try await tester.signIn(email)
            #expect(answer.status == 429 && answer.codes == ["too_many_attempts"], "\(answer)")
            #expect(Int(answer.headers[.retryAfter] ?? "") ?? 0 > 0)
            #expect(try await tester.signIn("other@example.org", "wrong").status == 400)
            try await tester.asOwner("UPDATE sign_in_attempt SET since = since - interval '6 minutes'")
            #expect(try await tester.signIn(email).status == (email == TestDatabase.administrator.email ? 200 : 400))
        }
    }

    @Test func aCookieIsOfTheHostsTenant() async throws {
        try await Tester.with(.enterprise) { tester in
            try await tester.asOwner("UPDATE tenant SET host = 'localhost'")
            let (cookie, _) = try await tester.session()
            #expect(try await tester.get("/api/v1/user/", as: .session(cookie, csrf: nil)).status == 200)
            _ = try await tester.secondTenant()
            #expect(try await tester.get("/api/v1/user/", as: .session(cookie, csrf: nil)).status == 200)
            try await tester.asOwner("UPDATE tenant SET host = NULL WHERE host = 'localhost'")
            try await tester.asOwner("UPDATE tenant SET host = 'localhost' WHERE slug = 'second'")
            #expect(try await tester.get("/api/v1/user/", as: .session(cookie, csrf: nil)).status == 401)
            // A token says itself which tenant it is of.
            #expect(try await tester.get("/api/v1/user/").status == 200)
            #expect(try await tester.signIn().status == 400)
            try await tester.asOwner("UPDATE tenant SET host = 'second.example.org' WHERE slug = 'second'")
            #expect(try await tester.signIn().status == 404)
            #expect(try await tester.get("/api/v1/corpus/", as: .nobody).status == 404)
        }
    }

    @Test func nobodyRewritesTheAuditLog() async throws {
        try await Tester.with { tester in
            _ = try await tester.post("/api/v1/groups/", ["name": "Group"]).created()
            for sql in ["UPDATE audit_event SET kind = 'nothing'", "DELETE FROM audit_event", "TRUNCATE audit_event"] {
                await #expect(throws: (any Error).self) {
                    try await tester.database.connected(to: tester.database.application) { lease in
                        _ = try await lease.segment([.enter(tester.tenant, scheme: "system"), .init(sql)])
                    }
                }
            }
            #expect(try await tester.value("SELECT count(*) FROM audit_event WHERE kind = 'group_created'") == "1")
            let (somebody, _) = try await tester.somebody("somebody@example.org")
            #expect(try await tester.get("/api/v1/audit/?with_count=true", as: somebody).expect()["count"] == 0)
        }
    }
}
