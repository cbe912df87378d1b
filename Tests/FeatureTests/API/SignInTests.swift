import Foundation
import HTTPTypes
import Postgres
import Shapes
import Tenancy
import Testing
import Web

@testable import Server

/// How people show who they are, and how long that holds.
@Suite struct SignInTests {
    @Test func aWrongPasswordAndAnUnknownAddressAreToldTheSame() async throws {
        try await Tester.with { tester in
            let known = TestDatabase.administrator.email
            let wrong = try await tester.signIn(known, "not the password")
            let unknown = try await tester.signIn("nobody@example.org", "not the password")
            #expect(wrong.status == 400)
            #expect(wrong.json == unknown.json)
            #expect(wrong.headers[values: .setCookie] == [] && unknown.headers[values: .setCookie] == [])
        }
    }

    @Test func addressesAreTheSameInAnyCase() async throws {
        try await Tester.with { tester in
            let answer = try await tester.signIn("ADMIN@Example.ORG", TestDatabase.administrator.password ?? "")
            #expect(try answer.expect()["email"] == .string(TestDatabase.administrator.email))
            #expect(answer.json["is_admin"] == true && answer.json["features"]?["enterprise"] == false)
        }
    }

    @Test func whoeverIsNotSignedInIsToldWhatClientsAskFirst() async throws {
        try await Tester.with { tester in
            let answer = try await tester.get("/api/v1/user/", as: .nobody)
            #expect(answer.status == 401)
            #expect(answer.json["features"]?["oidc"] == false)
        }
    }

    @Test func aSessionChangesThingsOnlyWithItsSecondToken() async throws {
        try await Tester.with { tester in
            let (cookie, csrf) = try await tester.session()
            let corpus: JSONValue = ["name": "Mine"]
            #expect(try await tester.get("/api/v1/user/", as: .session(cookie, csrf: nil)).status == 200)
            for wrong in [nil, "", cookie, String(csrf.reversed())] {
                let answer = try await tester.post("/api/v1/corpus/", corpus, as: .session(cookie, csrf: wrong))
                #expect(answer.status == 403 && answer.codes == ["csrf_failed"], "\(answer)")
            }
            #expect(try await tester.delete("/api/v1/user/", as: .session(cookie, csrf: nil)).status == 403)
            #expect(try await tester.post("/api/v1/corpus/", corpus, as: .session(cookie, csrf: csrf)).status == 201)
        }
    }

    @Test func signingOutEndsTheSession() async throws {
        try await Tester.with { tester in
            let (cookie, csrf) = try await tester.session()
            #expect(try await tester.delete("/api/v1/user/", as: .session(cookie, csrf: csrf)).status == 204)
            #expect(try await tester.get("/api/v1/user/", as: .session(cookie, csrf: csrf)).status == 401)
        }
    }

    @Test func cookiesAreOutOfReachOfScriptsAndOtherSites() async throws {
        try await Tester.with { tester in
            let cookies = try await tester.signIn().headers[values: .setCookie]
            #expect(cookies.count == 2)
            for cookie in cookies { #expect(cookie.contains("SameSite=Lax") && cookie.contains("Path=/")) }
            let session = try #require(cookies.first { $0.hasPrefix("palimpsest.session=") })
            #expect(session.contains("HttpOnly"))
        }
    }

    @Test func aTokenForReadingChangesNothing() async throws {
        try await Tester.with { tester in
            let scenario = try await Scenario(tester, pages: 1)
            let reader = Tester.Caller.token(try await tester.token(scope: "read"))
            #expect(try await tester.get("/api/v1/corpus/\(scenario.corpus)/elements/", as: reader).status == 200)
            for operation in Compose.operations where operation.method != .get && operation.id != "Login" {
                let answer = try await tester.call(operation, operation.example, as: reader)
                #expect(answer.status == 403 && answer.codes == ["read_only_token"], "\(operation.id): \(answer)")
            }
        }
    }

    @Test func aTokenThatExpiredOrWasRevokedIsRefusedFromTheNextRequestOn() async throws {
        try await Tester.with { tester in
            let old = try await tester.token(expires: "-1 second")
            #expect(try await tester.get("/api/v1/user/", as: .token(old)).status == 401)
            let token = try await tester.token(expires: "1 hour")
            #expect(try await tester.get("/api/v1/user/", as: .token(token)).status == 200)
            try await tester.asOwner(
                "DELETE FROM api_token t WHERE t.digest = decode($1, 'hex')", [.text(try #require(Secret(token)).digest)])
            #expect(try await tester.get("/api/v1/user/", as: .token(token)).status == 401)
        }
    }

    @Test func credentialsOfNoKnownFormAreRefused() async throws {
        try await Tester.with { tester in
            let token = tester.administrator
            let headers = [
                "Bearer \(token)", token, "Token", "Token ", "", "Ponos \(token)", "Token \(token)x", "Token pal_x_y", "Basic YTpi",
                "Token \(token.replacing(tester.tenant.text.replacing("-", with: ""), with: ID<Tenant>().text.replacing("-", with: "")))",
            ]
            for header in headers {
                let answer = try await tester.get("/api/v1/corpus/", as: .authorization(header))
                #expect(answer.status == 401, "\(header.prefix(12)): \(answer)")
            }
            #expect(try await tester.get("/api/v1/corpus/", as: .authorization("tOkEn \(token)")).status == 200)
        }
    }

    /// Rule 1.2: instance administrators stay special in the Community edition.
    @Test func inTheCommunityEditionEverybodyIsAdministratorOfEverythingButTheInstance() async throws {
        try await Tester.with { tester in
            let scenario = try await Scenario(tester, pages: 1)
            let somebody = Tester.Caller.token(try await tester.token(of: try await tester.person("somebody@example.org")))
            let corpus = try await tester.get("/api/v1/corpus/\(scenario.corpus)/", as: somebody).expect()
            #expect(corpus["rights"] == ["read", "write", "admin"])
            #expect(try await tester.post("/api/v1/agent/claim/", [:], as: somebody).status == 403)
        }
    }
}

extension Tester {
    func signIn(_ email: String = TestDatabase.administrator.email, _ password: String? = nil) async throws -> Answer {
        let secret = password ?? TestDatabase.administrator.password ?? ""
        return try await post("/api/v1/user/login/", ["email": .string(email), "password": .string(secret)], as: .nobody)
    }

    /// The values of the two cookies.
    func session() async throws -> (cookie: String, csrf: String) {
        let cookies = try await signIn().headers[values: .setCookie].map { $0.prefix { $0 != ";" }.split(separator: "=", maxSplits: 1) }
        let values = Dictionary(cookies.map { (String($0[0]), String($0[1])) }) { $1 }
        return (try #require(values["palimpsest.session"]), try #require(values["arkindex.csrf"]))
    }
}
