import HTTPTypes
import Postgres
import Shapes
import Tenancy
import Testing

@testable import Server
@testable import Site
@testable import Storage
@testable import Web

/// Ways in that others have found into systems like this one. Those that have tests of their own stand with them in docs/security.md.
@Suite struct AttackTests {
    /// One parameter with two meanings: the check reads the first, the statement the second.
    @Test func aParameterThatComesTwiceIsRefused() async throws {
        try await Tester.with { tester in
            var asked = 0
            for operation in Compose.operations {
                let input = operation.example
                for property in operation.input.properties where property.name != "body" && !operation.path.names.contains(property.name) {
                    if case .array = property.shape.unwrapped { continue }
                    let path = operation.path(with: input.adding([property.name: .null]))
                    let query = "\(path.contains("?") ? "&" : "?")\(property.name)=a&\(property.name)=b"
                    let path2 = path.replacing(#/[?&]\#(property.name)=null/#, with: "")
                    let separator = path2.contains("?") ? "&" : "?"
                    let answer = try await tester.send(
                        operation.method, path2 + separator + query.dropFirst(), operation.takesBody ? input["body"]?.text : nil)
                    #expect(answer.status == 400 && answer.places.contains(property.name), "\(operation.id) \(property.name): \(answer)")
                    asked += 1
                }
            }
            #expect(asked > 100)
        }
    }

    /// What the path names is what is meant, whatever else the query and the body call by the same name.
    @Test func whatThePathNamesIsMeant() async throws {
        try await Tester.with { tester in
            let mine = try await tester.post("/api/v1/corpus/", ["name": "Mine"]).created()
            let other = try await tester.post("/api/v1/corpus/", ["name": "Other"]).created()
            let body: JSONValue = ["name": "Changed", "id": .string(other), "corpus": .string(other)]
            let changed = try await tester.patch("/api/v1/corpus/\(mine)/?id=\(other)&corpus=\(other)", body).expect()
            #expect(changed["id"] == .string(mine))
            #expect(try await tester.get("/api/v1/corpus/\(other)/").expect()["name"] == "Other")
        }
    }

    /// Counts, page links and items agree with what is seen, page by page.
    @Test func pagesCountWhatIsSeen() async throws {
        try await Tester.with(.enterprise) { tester in
            let hidden = try await Seed(tester, "zqhidden")
            let own = try await Seed(tester, "zqown")
            let (guest, id) = try await tester.somebody("guest@example.org")
            try await tester.admit(id, to: own, 10)
            var walked = 0
            for operation in Compose.operations where operation.listing == .pages {
                var next: String? = operation.path(with: own.input(of: operation).adding(["page_size": 1]))
                var seen = 0
                var counted: Int?
                while let address = next {
                    let answer = try await tester.get(address, as: guest)
                    guard answer.status == 200 else { break }
                    #expect(!answer.text.contains(hidden.mark), "\(operation.id): \(answer)")
                    counted = answer.json["count"]?.int
                    seen += answer.json["results"]?.list.count ?? 0
                    next = answer.next
                }
                guard let counted else { continue }
                #expect(counted == seen, "\(operation.id): \(counted) are counted, \(seen) shown")
                walked += 1
            }
            #expect(walked > 15)
        }
    }

    /// No list takes the name of a column or a relation: orders are chosen from a list, and what is no filter is none.
    @Test func listsAreOrderedAndFilteredByWhatIsDeclaredAlone() async throws {
        try await Tester.with { tester in
            let own = try await Seed(tester, "zqown")
            for operation in Compose.operations where operation.listing != nil && operation.method == .get {
                let path = operation.path(with: own.input(of: operation))
                let separator = path.contains("?") ? "&" : "?"
                let plain = try await tester.get(path)
                guard plain.status == 200 else { continue }
                for trick in ["creator__password__startswith=a", "user.password_hash=a", "tenant_id=\(ID<Tenant>())", "id__in=a,b"] {
                    let answer = try await tester.get("\(path)\(separator)\(trick)")
                    #expect(answer.status == 200 && answer.json["count"] == plain.json["count"], "\(operation.id): \(answer)")
                }
                guard operation.input["order"] != nil else { continue }
                for order in ["password_hash", "name;drop table corpus", "1", "name desc", "(select 1)"] {
                    let answer = try await tester.get("\(path)\(separator)order=\(order.inQuery)")
                    #expect(answer.status == 400 && answer.places == ["order"], "\(operation.id): \(answer)")
                }
            }
        }
    }

    /// Nobody learns from a name that is taken that another tenant has taken it.
    @Test func namesOfAnotherTenantAreFree() async throws {
        try await Tester.with(.enterprise) { tester in
            try await tester.asOwner("UPDATE tenant SET host = 'localhost'")
            let second = tester.acting(as: try await tester.token(in: try await tester.secondTenant()))
            let creations: [(path: String, body: JSONValue)] = [
                ("/api/v1/corpus/", ["name": "Parish"]), ("/api/v1/workers/", ["name": "Reader", "slug": "reader", "type": "reader"]),
                ("/api/v1/models/", ["name": "Letters"]), ("/api/v1/groups/", ["name": "Readers"]),
                ("/api/v1/image/", ["path": "page-1"]), ("/api/v1/secrets/", ["name": "one", "content": "a"]),
                ("/api/v1/image/iiif/url/", ["url": "https://images.example.org/iiif/2/a", "width": 1, "height": 1]),
                ("/api/v1/users/", ["email": "same@example.org", "display_name": "Same", "password": "long enough it is"]),
            ]
            for (path, body) in creations {
                let first = try await tester.post(path, body).created()
                let other = try await second.post(path, body).created()
                #expect(first != other, "\(path)")
            }
        }
    }

    /// Configuration rights are worker rights, results are the corpus': whoever administers one has no part in the other.
    @Test func administratorsOfACorpusAndOfAWorkerKeepToTheirs() async throws {
        try await Tester.with(.enterprise) { tester in
            let seed = try await Seed(tester, "zqown")
            let corpus = try #require(seed.identifiers[.corpus]), worker = try #require(seed.identifiers[.worker])
            let configuration = try #require(seed.identifiers[.workerConfiguration]),
                version = try #require(seed.identifiers[.workerVersion])
            let (archivist, ofCorpus) = try await tester.somebody("archivist@example.org")
            let (engineer, ofWorker) = try await tester.somebody("engineer@example.org")
            _ = try await tester.membership(["user": .string(ofCorpus.text), "corpus": .string(corpus), "level": 100])
            _ = try await tester.membership(["user": .string(ofWorker.text), "worker": .string(worker), "level": 100])

            let process = try await tester.post(
                "/api/v1/process/corpus/", ["corpus": .string(corpus), "name": "Theirs"], as: archivist
            ).created()
            let run: JSONValue = ["worker_version_id": .string(version), "configuration_id": .string(configuration)]
            for answer in [
                try await tester.post("/api/v1/process/\(process)/workers/", run, as: archivist),
                try await tester.get("/api/v1/workers/configurations/\(configuration)/", as: archivist),
                try await tester.delete("/api/v1/workers/configurations/\(configuration)/", as: archivist),
                try await tester.patch("/api/v1/workers/configurations/\(configuration)/", ["archived": true], as: archivist),
                try await tester.get("/api/v1/corpus/\(corpus)/elements/", as: engineer),
                try await tester.get("/api/v1/element/\(try #require(seed.identifiers[.element]))/transcriptions/", as: engineer),
                try await tester.delete(
                    "/api/v1/corpus/\(corpus)/worker-results/?worker_version_id=\(version)", as: engineer),
                try await tester.get("/api/v1/process/workers/\(try #require(seed.identifiers[.workerRun]))/", as: engineer),
            ] {
                #expect(Outcome(answer) == .hidden, "\(answer)")
                #expect(!answer.text.contains(seed.mark), "\(answer)")
            }
            #expect(try await tester.get("/api/v1/workers/configurations/\(configuration)/", as: engineer).status == 200)
        }
    }

    /// A right that was lowered between the look and the deed.
    @Test func aPreviewGivesNoRightToDelete() async throws {
        try await Tester.with(.enterprise) { tester in
            let scenario = try await Scenario(tester, pages: 1)
            let task = try await scenario.finished()
            let (person, id) = try await tester.somebody("archivist@example.org")
            let membership = try await tester.membership(["user": .string(id.text), "corpus": .string(scenario.corpus), "level": 100])
            let path = "/api/v1/corpus/\(scenario.corpus)/worker-results/"
            let preview = try await tester.post("\(path)preview/", ["worker_run_id": .string(task.run)], as: person).expect()
            _ = try await tester.patch("/api/v1/membership/\(membership)/", ["level": 50]).expect()
            let token = try #require(preview["token"]?.string)
            #expect(try await tester.delete("\(path)?worker_run_id=\(task.run)&token=\(token)", as: person).status == 403)
            _ = try await tester.delete("/api/v1/membership/\(membership)/").expect(204)
            #expect(try await tester.delete("\(path)?worker_run_id=\(task.run)&token=\(token)", as: person).status == 404)
        }
    }

    /// A run of a person's own that signed in two projects: whoever administers one takes back what is there, and nothing else.
    @Test func aDeletionStaysInItsCorpus() async throws {
        try await Tester.with(.enterprise) { tester in
            let run = try await tester.userRun("By a script")
            var pages: [String] = []
            var corpora: [String] = []
            for name in ["P", "Q"] {
                let corpus = try await tester.post("/api/v1/corpus/", ["name": .string(name)]).created()
                let page = try await tester.element(corpus, "page", name)
                _ = try await tester.post(
                    "/api/v1/element/\(page)/transcription/", ["text": .string(name), "worker_run_id": .string(run)]
                ).created()
                corpora.append(corpus)
                pages.append(page)
            }
            let (person, id) = try await tester.somebody("archivist@example.org")
            _ = try await tester.membership(["user": .string(id.text), "corpus": .string(corpora[0]), "level": 100])
            #expect(try await tester.delete("/api/v1/corpus/\(corpora[1])/worker-results/?worker_run_id=\(run)", as: person).status == 404)
            _ = try await tester.delete("/api/v1/corpus/\(corpora[0])/worker-results/?worker_run_id=\(run)", as: person).expect(202)
            #expect(try await tester.get("/api/v1/element/\(pages[0])/transcriptions/").expect()["count"] == 0)
            #expect(try await tester.get("/api/v1/element/\(pages[1])/transcriptions/").expect()["count"] == 1)
        }
    }

    /// Where browsers keep a session, nothing is changed without the value that only pages of this site can read.
    @Test func noOperationWritesForASessionWithoutItsSecondToken() async throws {
        try await Tester.with { tester in
            let (cookie, _) = try await tester.session()
            for operation in Compose.operations where operation.method != .get && operation.decision.readsCredentials {
                let answer = try await tester.call(operation, operation.example, as: .session(cookie, csrf: nil))
                #expect(answer.status == 403 && answer.codes == ["csrf_failed"], "\(operation.id): \(answer)")
            }
            for transfer in Compose.transfers where transfer.method != .get && transfer.decision != nil {
                let path = transfer.path.filled(with: transfer.input.example)
                let answer = try await tester.send(transfer.method, path, nil, as: .session(cookie, csrf: nil))
                #expect(answer.status == 403 && answer.codes == ["csrf_failed"], "\(transfer.id): \(answer)")
            }
        }
    }

    /// Signing a visitor in as somebody else, so that what they write lands with that person.
    @Test func noPageOfAnotherSiteSignsAVisitorIn() async throws {
        try await Tester.with { tester in
            let who = TestDatabase.administrator
            let password = who.password ?? ""
            let form = "email=\(who.email.inQuery)&password=\(password.inQuery)"
            let body: JSONValue = ["email": .string(who.email), "password": .string(password)]
            for (path, sent) in [("/login", form), ("/api/v1/user/login/", body.text)] {
                for (site, isRefused) in [("cross-site", true), ("same-origin", false), ("none", false)] {
                    var headers = HTTPFields()
                    headers[try #require(HTTPField.Name("Sec-Fetch-Site"))] = site
                    let answer = try await tester.follow(.post, "http://localhost\(path)", Array(sent.utf8), headers: headers)
                    #expect((answer.status == 403) == isRefused, "\(path) from \(site): \(answer.status)")
                    #expect(answer.headers[values: .setCookie].isEmpty == isRefused, "\(path) from \(site)")
                }
            }
        }
    }

    /// Addresses end up in logs and histories: a secret in one opens nothing.
    @Test func aSecretInAnAddressIsNone() async throws {
        try await Tester.with { tester in
            for name in ["token", "auth_token", "access_token", "api_key", "Authorization", "capability"] {
                let answer = try await tester.get("/api/v1/user/?\(name)=\(tester.administrator)", as: .nobody)
                #expect(answer.status == 401, "\(name): \(answer)")
            }
        }
    }

    /// A row that says it is another tenant's, in every table that the runtime role may write to.
    @Test func aRowForgedForAnotherTenantIsRefused() async throws {
        try await Tester.with(.enterprise) { tester in
            _ = try await Seed(tester, "zqown")
            let other = try await tester.secondTenant()
            let tables = try await tester.asOwner(
                """
                SELECT c.relname FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r'
                  AND has_table_privilege('palimpsest_app', c.oid, 'INSERT') ORDER BY 1
                """)
            try await tester.database.connected(to: tester.database.application) { lease in
                var forged = 0
                for row in 0..<tables.count {
                    let table = try #require(tables.text(row, 0))
                    guard try await tester.value("SELECT count(*) FROM \(table)") != "0" else { continue }
                    let forgery = Call(
                        """
                        INSERT INTO \(table) SELECT (jsonb_populate_record(r, jsonb_build_object('tenant_id', $1::text))).* FROM \(table) r LIMIT 1
                        """, [other.parameter])
                    let failure = await #expect(throws: PostgresFailure.self, "\(table)") {
                        try await lease.segment([.enter(tester.tenant, scheme: "system"), forgery])
                    }
                    #expect(failure?.sqlState == "42501", "\(table): \(String(reflecting: failure))")
                    forged += 1
                }
                #expect(forged > 30)
            }
        }
    }

    /// A connection that somebody forgot in the middle of a transaction holds nothing for long.
    @Test func theRuntimeRoleIsHeldToItsTime() async throws {
        try await TestDatabase.with { database in
            try await database.connected(to: database.application) { lease in
                for setting in ["statement_timeout", "idle_in_transaction_session_timeout"] {
                    let value = try await lease.run(Call("SELECT setting::bigint FROM pg_settings WHERE name = $1", [.text(setting)]))
                    #expect((value.text(0, 0).flatMap(Int.init) ?? 0) > 0, "\(setting)")
                }
            }
        }
    }
}

extension Web.Operation {
    fileprivate var takesBody: Bool { input["body"] != nil }
}
