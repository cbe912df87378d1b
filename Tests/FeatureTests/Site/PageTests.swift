import HTTPTypes
import Shapes
import Testing

@testable import Server
@testable import Site

/// The pages without a browser: who gets in, what is sent along, and that nothing is missing from the catalogue.
@Suite struct PageTests {
    @Test func everyTemplateIsThereAndEveryWordOfIt() throws {
        let templates = Asset.all.filter { $0.path.hasPrefix("templates/") }
        let shell = try Shell()
        for page in Site.pages {
            for name in [page.template] + (page.dialog.map { [$0] } ?? []) {
                #expect(templates.contains { $0.name == name + ".mustache" }, "\(name)")
            }
        }
        for kind in ["level_10", "level_50", "level_100", "scope_read", "scope_write", "scope_agent"] + Permission.names {
            #expect(shell.hasWord(kind), "\(kind)")
        }
        for template in templates {
            for match in template.text.matches(of: /\{\{w\.(\w+)\}\}/) {
                #expect(shell.hasWord(String(match.1)), "\(template.name): \(match.1)")
            }
        }
    }

    @Test func whoHasNotSignedInIsSentToDoSo() async throws {
        try await Tester.with { tester in
            for page in Site.pages where page.audience != .everyone {
                let path = page.path.replacing("{id}", with: "00000000-0000-0000-0000-000000000000")
                let answer = try await tester.get(path, as: .nobody)
                #expect(answer.status == 303, "\(page.path)")
                #expect(answer.headers[.location] == "/login?next=\(path.replacing("/", with: "%2F"))")
            }
        }
    }

    @Test func aPageAllowsNoScriptOfItsOwnAndIsNotKept() async throws {
        try await Tester.with { tester in
            let answer = try await tester.get("/login", as: .nobody)
            #expect(answer.status == 200)
            let policy = try #require(answer.headers[.contentSecurityPolicy])
            #expect(policy.contains("script-src 'self'") && !policy.contains("unsafe"))
            #expect(answer.headers[.cacheControl] == "no-store")
            #expect(!answer.text.contains(/<script(?![^>]*\bsrc=)|\bstyle="|\bon\w+="/))
        }
    }

    @Test func signingInLeadsBackAndNowhereElse() async throws {
        try await Tester.with { tester in
            let cases = [
                ("/processes?page=2", "/processes?page=2"), ("https://evil.example", "/projects"), ("//evil.example", "/projects"),
            ]
            for (next, expected) in cases {
                let answer = try await tester.enterByPage(next: next)
                #expect(answer.status == 303 && answer.headers[.location] == expected, "\(next)")
            }
            let refused = try await tester.enterByPage(password: "wrong")
            #expect(refused.status == 400 && refused.text.contains("role=\"alert\"") && !refused.text.contains("wrong"))
        }
    }

    @Test func aFormOfAnotherSessionIsRefused() async throws {
        try await Tester.with { tester in
            let session = try #require(try await tester.enterByPage().session)
            let refused = try await tester.form("/projects", "name=Stolen", session: session)
            #expect(refused.status == 403)
            let csrf = try #require(
                try await tester.page("/projects", session: session).text.firstMatch(of: /name="csrf" value="(\w+)"/)?.1)
            let made = try await tester.form("/projects", "name=Ours&csrf=\(csrf)", session: session)
            #expect(made.status == 303)
            let page = try await tester.page(try #require(made.headers[.location]), session: session)
            #expect(page.text.contains("<h1>Ours</h1>"))
            #expect(try await tester.get("/api/v1/corpus/").json.list.count == 1)
        }
    }

    @Test func whyAnExportFailedStandsBesideIt() async throws {
        try await Tester.with { tester in
            let scenario = try await Scenario(tester, pages: 1)
            _ = try await tester.post("/api/v1/corpus/\(scenario.corpus)/export/", [:]).created()
            try await tester.asOwner("UPDATE job SET error = 'The disk is full.'")
            let session = try #require(try await tester.enterByPage().session)
            let page = try await tester.page("/projects/\(scenario.corpus)/exports", session: session)
            #expect(page.text.contains("The last attempt failed: The disk is full."), "\(page.text)")
        }
    }

    @Test func aSessionThatHasRunOutKeepsNobodyFromSigningIn() async throws {
        try await Tester.with { tester in
            let old = try #require(try await tester.enterByPage().session)
            try await tester.asOwner("UPDATE session SET expires = now()")
            #expect(try await tester.page("/login", session: old).status == 200)
            let who = TestDatabase.administrator
            let again = try await tester.form("/login", "email=\(who.email.inQuery)&password=\((who.password ?? "").inQuery)", session: old)
            #expect(again.status == 303 && again.session != nil, "\(again.status)")
        }
    }

    /// Rule 1.1: the host says which instance is meant, and a cookie must be of it.
    @Test func aSessionOfAnotherInstanceIsNoneHere() async throws {
        try await Tester.with(.enterprise) { tester in
            let session = try #require(try await tester.enterByPage().session)
            _ = try await tester.secondTenant()
            try await tester.asOwner("UPDATE tenant SET host = CASE slug WHEN 'second' THEN 'localhost' ELSE 'first.example.org' END")
            let page = try await tester.page("/projects", session: session)
            #expect(page.status == 303 && page.headers[.location]?.hasPrefix("/login") == true, "\(page.status)")
        }
    }

    @Test func cookiesThatWereAskedForOverTLSAreNeverSentWithoutIt() async throws {
        try await Tester.with { tester in
            let who = TestDatabase.administrator
            var headers = HTTPFields()
            headers[.forwardedProtocol] = "https"
            let body = "email=\(who.email.inQuery)&password=\((who.password ?? "").inQuery)"
            let answer = try await tester.follow(.post, "http://localhost/login", Array(body.utf8), headers: headers)
            let cookies = answer.headers[values: .setCookie]
            #expect(cookies.count == 2 && cookies.allSatisfy { $0.contains("; Secure") }, "\(cookies)")
        }
    }

    /// Names are people's own, and may be anything.
    @Test func whatPeopleWriteIsShownAsText() async throws {
        try await Tester.with { tester in
            let corpus = try await tester.post("/api/v1/corpus/", ["name": "<script>alert(1)</script>"]).created()
            let session = try #require(try await tester.enterByPage().session)
            let page = try await tester.page("/projects/\(corpus)", session: session)
            #expect(page.status == 200 && !page.text.contains("<script>alert") && page.text.contains("&lt;script&gt;alert"))
        }
    }

    @Test func whatIsSentAndRefusedComesBackWithWhatIsWrong() async throws {
        try await Tester.with { tester in
            let session = try #require(try await tester.enterByPage().session)
            let page = try await tester.page("/projects", session: session)
            let csrf = try #require(page.text.firstMatch(of: /name="csrf" value="(\w+)"/)?.1)
            let refused = try await tester.form("/projects", "name=&description=Kept&csrf=\(csrf)", session: session)
            #expect(refused.status == 400 && refused.text.contains("Kept</textarea>") && refused.text.contains("required"))
        }
    }
}

extension HTTPField.Name {
    fileprivate static let forwardedProtocol = HTTPField.Name("X-Forwarded-Proto").unsafelyUnwrapped
}

extension Answer {
    /// The session's cookie that this answer sets.
    var session: String? {
        headers[values: .setCookie].compactMap { $0.firstMatch(of: /palimpsest\.session=([^;]+)/).map { String($0.1) } }.first
    }
}

extension Tester {
    func enterByPage(next: String = "", password: String = TestDatabase.administrator.password ?? "") async throws -> Answer {
        let email = TestDatabase.administrator.email.inQuery
        return try await send(
            .post, "/login", "email=\(email)&password=\(password.inQuery)&next=\(next.inQuery)", as: .nobody)
    }

    func page(_ path: String, session: String) async throws -> Answer {
        try await send(.get, path, nil, as: .session(session, csrf: nil))
    }

    func form(_ path: String, _ body: String, session: String) async throws -> Answer {
        try await send(.post, path, body, as: .session(session, csrf: nil))
    }
}
