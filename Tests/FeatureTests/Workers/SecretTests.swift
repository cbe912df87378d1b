import Foundation
import HTTPTypes
import Postgres
import Shapes
import SystemPackage
import Tenancy
import Testing

@testable import Server
@testable import Web
@testable import Workers

/// Secrets of the Enterprise edition: rule 4.7 and the operations around it.
@Suite struct SecretTests {
    private static let content = "open sesame 4711"

    @Test func onlyTheTaskWhoseConfigurationNamesItReadsASecret() async throws {
        try await Tester.with(.enterprise) { tester in
            let scenario = try await Scenario(tester, pages: 1)
            try await tester.keep("archive/one", Self.content)
            try await tester.keep("two", "another")
            let (process, run) = try await scenario.process(naming: "archive/one")
            let task = try #require(try await scenario.start(process, run).first)
            let effective = try await tester.get("/api/v1/workers/runs/\(run)/configuration/", as: task.caller).expect()
            #expect(effective["configuration"]?.list.contains(["key": "password", "secret": true, "value": "archive/one"]) == true)
            let read = try await tester.get("/api/v1/secret/archive%2Fone", as: task.caller)
            #expect(try read.expect() == ["name": "archive/one", "content": .string(Self.content)])
            #expect(read.headers[.cacheControl] == "no-store")
            // Nothing else, and nothing of what others name.
            for name in ["two", "three"] { #expect(try await tester.get("/api/v1/secret/\(name)", as: task.caller).status == 404) }
            let (other, plain) = try await scenario.process()
            let second = try #require(try await scenario.start(other, plain).first)
            #expect(try await tester.get("/api/v1/secret/archive%2Fone", as: second.caller).status == 404)
            // Without a life of its own.
            _ = try await tester.patch("/api/v1/task/\(task.task)/", ["state": "completed"], as: task.caller).expect(204)
            #expect(try await tester.get("/api/v1/secret/archive%2Fone", as: task.caller).status == 401)
        }
    }

    @Test func peopleSeeNamesAndAdministratorsAreNotedWhenTheyRead() async throws {
        try await Tester.with(.enterprise) { tester in
            let id = try await tester.keep("one", Self.content)
            let (person, _) = try await tester.somebody("reader@example.org")
            #expect(try await tester.get("/api/v1/secrets/", as: person).expect()["results"]?.list.map { $0["name"] } == ["one"])
            #expect(try await tester.get("/api/v1/secret/one", as: person).status == 403)
            #expect(try await tester.delete("/api/v1/secrets/\(id)/", as: person).status == 403)
            #expect(try await tester.post("/api/v1/secrets/", ["name": "b", "content": "c"], as: person).status == 403)
            #expect(try await tester.get("/api/v1/secret/one").expect()["content"] == .string(Self.content))
            _ = try await tester.delete("/api/v1/secrets/\(id)/").expect(204)
            #expect(try await tester.get("/api/v1/secret/one").status == 404)
            let noted = try await tester.get("/api/v1/audit/").expect()["results"]?.list.compactMap { $0["kind"]?.string } ?? []
            #expect(noted == ["secret_deleted", "secret_read", "secret_created"], "\(noted)")
        }
    }

    /// Neither the value nor anything that it could be read from, in any table; and what is sealed is out of the runtime role's reach.
    @Test func theDatabaseDoesNotKnowAValue() async throws {
        try await Tester.with(.enterprise) { tester in
            let scenario = try await Scenario(tester, pages: 1)
            try await tester.keep("one", Self.content)
            let (process, run) = try await scenario.process(naming: "one")
            let task = try #require(try await scenario.start(process, run).first)
            _ = try await tester.get("/api/v1/secret/one", as: task.caller).expect()
            _ = try await tester.get("/api/v1/secret/one").expect()
            let tables = try await tester.asOwner("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
            for row in 0..<tables.count {
                let table = try #require(tables.text(row, 0))
                for form in [Self.content, Array(Self.content.utf8).hexadecimal] {
                    let found = try await tester.value("SELECT count(*) FROM \(table) t WHERE t::text LIKE $1", [.text("%\(form)%")])
                    #expect(found == "0", "\(table)")
                }
            }
            await #expect(throws: PostgresFailure.self) {
                try await tester.database.connected(to: tester.database.application) { try await $0.run(Call("SELECT sealed FROM secret")) }
            }
        }
    }

    @Test func aSecretOfAWorkerIsForItsRunsAlone() async throws {
        try await Tester.with(.enterprise) { tester in
            let scenario = try await Scenario(tester, pages: 1)
            let other = try await tester.post("/api/v1/workers/", ["name": "Other", "slug": "other", "type": "other"]).created()
            try await tester.keep("its", Self.content, for: scenario.worker)
            let id = try await tester.keep("others", Self.content, for: other)
            let refused = try await tester.post(
                "/api/v1/workers/\(scenario.worker)/configurations/", ["name": "a", "configuration": ["password": "others"]])
            #expect(
                refused.status == 400 && refused.places == ["configuration.password"] && refused.codes == ["does_not_exist"], "\(refused)")
            let (process, run) = try await scenario.process(naming: "its")
            let task = try #require(try await scenario.start(process, run).first)
            #expect(try await tester.get("/api/v1/secret/its", as: task.caller).status == 200)
            // It was for this worker when the configuration was made.
            try await tester.asOwner("UPDATE secret SET worker_id = $1 WHERE name = 'its'", [.text(other)])
            #expect(try await tester.get("/api/v1/secret/its", as: task.caller).status == 404)
            // Whoever has no access to a worker does not learn of its secrets.
            let (person, _) = try await tester.somebody("reader@example.org")
            #expect(try await tester.get("/api/v1/secrets/", as: person).expect()["count"] == 0)
            #expect(try await tester.delete("/api/v1/secrets/\(id)/", as: person).status == 404)
            #expect(try await tester.get("/api/v1/secrets/?worker=\(scenario.worker)").expect()["count"] == 0)
        }
    }

    @Test func namesAreUniqueInATenantAndWellFormed() async throws {
        try await Tester.with(.enterprise) { tester in
            try await tester.keep("one", Self.content)
            let twin = try await tester.post("/api/v1/secrets/", ["name": "one", "content": "x"])
            #expect(twin.status == 400 && twin.codes == ["unique"] && twin.places == ["name"], "\(twin)")
            for name in ["", "../one", "a//b", "/a", "a b", ".hidden", String(repeating: "a", count: 251)] {
                let answer = try await tester.post("/api/v1/secrets/", ["name": .string(name), "content": "x"])
                #expect(answer.status == 400 && answer.places == ["name"], "\(answer)")
            }
            for content in ["", String(repeating: "a", count: 65_537)] {
                let answer = try await tester.post("/api/v1/secrets/", ["name": "two", "content": .string(content)])
                #expect(answer.status == 400 && answer.places == ["content"] && !answer.text.contains("aaaa"), "\(answer.status)")
            }
            // A name of another tenant's is free here, and tells nothing.
            try await tester.asOwner("UPDATE tenant SET host = 'localhost'")
            let second = tester.acting(as: try await tester.token(in: try await tester.secondTenant()))
            #expect(try await second.get("/api/v1/secret/one").status == 404)
            try await second.keep("one", "theirs")
            #expect(try await second.get("/api/v1/secret/one").expect()["content"] == "theirs")
            #expect(try await tester.get("/api/v1/secret/one").expect()["content"] == .string(Self.content))
            // A value that is moved to another name or tenant is of no use there.
            try await tester.asOwner(
                "UPDATE secret SET sealed = (SELECT max(sealed::text)::bytea FROM secret WHERE tenant_id = $1)", [tester.tenant.parameter])
            #expect(try await second.get("/api/v1/secret/one").status == 500)
        }
    }

    @Test(arguments: [Preparation.Edition.community, .enterprise])
    func theDocumentSaysWhatTheEditionHas(_ edition: Preparation.Edition) async throws {
        try await Tester.with(edition) { tester in
            let paths = try await tester.get("/api/v1/openapi/", as: .nobody).expect()["paths"]
            let secret = paths?["/api/v1/secret/{name}"]
            #expect((secret != nil) == (edition == .enterprise))
            #expect((paths?["/api/v1/secrets/"] != nil) == (edition == .enterprise))
            if edition == .enterprise {
                #expect(secret?["get"]?["x-edition"] == "enterprise")
                try await tester.keep("one", "x")
                for (path, operation) in [("/api/v1/secrets/", "ListSecrets"), ("/api/v1/secret/one", "RetrieveSecret")] {
                    let shape = try #require(Compose.operations.first { $0.id == operation }?.output)
                    let answer = try await tester.get(path).expect()
                    #expect(shape.faults(in: answer) == [] && shape.strangers(in: answer) == [], "\(answer)")
                }
            } else {
                let refused = try await tester.get("/api/v1/secrets/")
                #expect(refused.status == 404 && refused.codes == ["not_in_this_edition"], "\(refused)")
            }
        }
    }
}

/// Sealing, without a database.
@Suite struct VaultTests {
    @Test func whatIsSealedOpensUnderItsLabelAndKeyAlone() throws {
        try Self.inFolder { folder in
            let vault = Vault(keyFile: folder.appending("key"))
            for text in ["a", "é\u{0}🔑", String(repeating: "x", count: 65_536)] {
                let sealed = try vault.seal(text, as: "one")
                #expect(try vault.open(sealed, as: "one") == text)
                #expect(try vault.seal(text, as: "one") != sealed)
                #expect(throws: Vault.Failure.self) { try vault.open(sealed, as: "two") }
                #expect(throws: Vault.Failure.self) { try Vault(keyFile: folder.appending("other")).open(sealed, as: "one") }
                var changed = sealed
                changed[changed.count - 1] ^= 1
                #expect(throws: Vault.Failure.self) { try vault.open(changed, as: "one") }
                #expect(throws: Vault.Failure.self) { try vault.open(Array(sealed.prefix(10)), as: "one") }
            }
        }
    }

    @Test func ofManyWhoMakeAKeyAllHaveTheSame() async throws {
        let folder = try Self.folder()
        defer { Self.remove(folder) }
        let sealed = try await withThrowingTaskGroup(of: [UInt8].self) { group in
            for _ in 0..<20 { group.addTask { try Vault(keyFile: folder.appending("key")).seal("text", as: "one") } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        for one in sealed { #expect(try Vault(keyFile: folder.appending("key")).open(one, as: "one") == "text") }
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.string) == ["key"])
        let attributes = try FileManager.default.attributesOfItem(atPath: folder.appending("key").string)
        #expect(attributes[.posixPermissions] as? Int == 0o600)
    }

    @Test func aFileWithoutAKeyIsNotWrittenOver() throws {
        try Self.inFolder { folder in
            let file = folder.appending("key")
            for text in ["", "secret", String(repeating: "0", count: 62)] {
                try Data(text.utf8).write(to: URL(fileURLWithPath: file.string))
                #expect(throws: Vault.Failure.self) { try Vault(keyFile: file).seal("text", as: "one") }
                #expect(try String(contentsOfFile: file.string, encoding: .utf8) == text)
            }
        }
    }

    private static func folder() throws -> FilePath {
        let folder = FilePath("/tmp/palimpsest-vault-\(UInt32.random(in: .min ... .max))")
        try FileManager.default.createDirectory(atPath: folder.string, withIntermediateDirectories: false)
        return folder
    }

    private static func remove(_ folder: FilePath) {
        // Whatever is left there is of no use to anybody.
        try? FileManager.default.removeItem(atPath: folder.string)
    }

    private static func inFolder(_ body: (FilePath) throws -> Void) throws {
        let folder = try folder()
        defer { remove(folder) }
        try body(folder)
    }
}

extension Tester {
    /// - Returns: the secret's id.
    @discardableResult
    fileprivate func keep(_ name: String, _ content: String, for worker: String? = nil) async throws -> String {
        let body: JSONValue = ["name": .string(name), "content": .string(content)]
        return try await post("/api/v1/secrets/", body.adding(worker.map { ["worker": .string($0)] })).created()
    }
}

extension Scenario {
    /// A process with a run whose password is this.
    fileprivate func process(naming secret: String) async throws -> (process: String, run: String) {
        let configuration = try await tester.configuration(of: worker, "with \(secret)", ["password": .string(secret)])
        let process = try await emptyProcess()
        let body: JSONValue = ["worker_version_id": .string(version), "configuration_id": .string(configuration)]
        return (process, try await tester.post("/api/v1/process/\(process)/workers/", body).created())
    }
}
