import Postgres
import Shapes
import Testing

@testable import Server
@testable import Workers

/// Rule 4.2: a configuration is selected for a run of another version than it was made for.
@Suite struct ConfigurationSelectionTests {
    /// A version of the scenario's worker with these fields.
    private func version(_ scenario: Scenario, _ fields: JSONValue) async throws -> String {
        try await scenario.tester.post(
            "/api/v1/workers/\(scenario.worker)/versions/", ["command": "read", "configuration": fields]
        ).created()
    }

    private func field(_ key: String, _ type: String, _ more: JSONValue = [:]) -> JSONValue {
        (["key": .string(key), "display_name": .string(key), "type": .string(type)] as JSONValue).adding(more)
    }

    private func select(_ scenario: Scenario, _ version: String, _ configuration: String) async throws -> Answer {
        try await scenario.tester.post(
            "/api/v1/process/\(scenario.emptyProcess())/workers/",
            ["worker_version_id": .string(version), "configuration_id": .string(configuration)])
    }

    @Test func unknownKeysArePassedOverWithAWarning() async throws {
        try await Tester.with { tester in
            let scenario = try await Scenario(tester, pages: 1)
            let made = try await tester.configuration(of: scenario.worker, "Large", ["size": 8, "title": "T"])
            let own = try await select(scenario, scenario.version, made).expect(201)
            #expect(own["warnings"] == [])
            let other = try await version(scenario, [field("size", "int")])
            let run = try await select(scenario, other, made).expect(201)
            #expect(run["warnings"]?.list.map { $0["key"] } == ["title"] && run["warnings"]?[0]?["code"] == "unknown")
            // What is passed over does not reach the worker.
            let effective = try await tester.get("/api/v1/workers/runs/\(run["id"]?.string ?? "")/configuration/").expect()
            #expect(effective["configuration"]?.list.map { $0["key"] } == ["size"])
            let changed = try await tester.patch("/api/v1/process/workers/\(run["id"]?.string ?? "")/", ["configuration_id": .string(made)])
                .expect()
            #expect(changed["warnings"]?.list.count == 1)
        }
    }

    /// A configuration is of a worker, and used in projects that know other types.
    @Test func elementTypesAreOfTheProject() async throws {
        try await Tester.with { tester in
            let scenario = try await Scenario(tester, pages: 1)
            let version = try await version(
                scenario,
                [
                    field("kind", "element_type"), field("kinds", "element_type", ["many": true]),
                    field("inner", "group", ["children": [field("kind", "element_type")]]),
                ])
            let values: JSONValue = ["kind": "page", "kinds": ["page", "stamp"], "inner": ["kind": "seal"]]
            let made = try await tester.post(
                "/api/v1/workers/\(scenario.worker)/configurations/",
                ["name": "Stamps", "configuration": values, "worker_version": .string(version)]
            ).created()
            let refused = try await select(scenario, version, made)
            #expect(refused.status == 400 && refused.codes == ["does_not_exist", "does_not_exist"], "\(refused)")
            #expect(refused.places == ["configuration_id", "configuration_id"])
            #expect(refused.text.contains("kinds") && refused.text.contains("inner.kind") && !refused.text.contains("stamp"))
            for slug in ["stamp", "seal"] {
                let type: JSONValue = ["corpus": .string(scenario.corpus), "slug": .string(slug), "display_name": .string(slug)]
                _ = try await tester.post("/api/v1/elements/type/", type).created()
            }
            let process = try await scenario.emptyProcess()
            let part: JSONValue = ["worker_version_id": .string(version), "configuration_id": .string(made)]
            _ = try await tester.post("/api/v1/process/\(process)/workers/", part).created()
            let template = try await tester.post("/api/v1/process/\(process)/template/", ["name": "Usual"]).created()
            // Looked at again when it starts, and where a template is applied.
            try await tester.asOwner("DELETE FROM element_type WHERE slug = 'seal'")
            let start = try await tester.post("/api/v1/process/\(process)/start/", [:])
            #expect(start.status == 400 && start.places == ["worker_runs.0.configuration_id"], "\(start)")
            let other = try await scenario.emptyProcess()
            let applied = try await tester.post("/api/v1/process/\(other)/apply/", ["template_id": .string(template)]).expect(201)
            #expect(applied["worker_runs"] == [] && applied["left_out"]?[0]?["code"] == "does_not_exist")
        }
    }

    @Test func wrongTypesAndMissingValuesAreRefusedByName() async throws {
        try await Tester.with { tester in
            let scenario = try await Scenario(tester, pages: 1)
            let made = try await tester.configuration(of: scenario.worker, "Large", ["size": 8, "title": "T", "deep": true])
            let fields: JSONValue = [
                field("size", "string"), field("title", "enum", ["choices": ["A", "B"]]),
                field("deep", "bool", ["editable": false, "default": false]),
                field("needed", "int", ["required": true]),
                field("paper", "group", ["children": [field("kind", "string", ["required": true])]]),
            ]
            let answer = try await select(scenario, try await version(scenario, fields), made)
            #expect(answer.status == 400 && answer.codes == ["invalid", "invalid", "not_editable", "required", "required"], "\(answer)")
            #expect(answer.places.allSatisfy { $0 == "configuration_id" })
            let words = answer.json["errors"]?.list.compactMap { $0["detail"]?.string } ?? []
            #expect(zip(words, ["size", "title", "deep", "needed", "paper.kind"]).allSatisfy { $0.contains($1) }, "\(words)")
            // Values are never repeated.
            #expect(!answer.text.contains("\"T\""))
            #expect(try await tester.value("SELECT count(*) FROM worker_run") == "0")
        }
    }

    @Test func aRunWithoutAnyNeedsADefaultForWhatIsRequiredWhenItStarts() async throws {
        try await Tester.with { tester in
            let scenario = try await Scenario(tester, pages: 1)
            let needy = try await version(
                scenario, [field("needed", "int", ["required": true]), field("size", "int", ["required": true, "default": 4])])
            let process = try await scenario.emptyProcess()
            _ = try await tester.post("/api/v1/process/\(process)/workers/", ["worker_version_id": .string(needy)]).created()
            let start = try await tester.post("/api/v1/process/\(process)/start/", [:])
            #expect(start.status == 400 && start.codes == ["required"], "\(start)")
            #expect(start.places == ["worker_runs.0.configuration_id"] && start.text.contains("needed"))
            let made = try await tester.post(
                "/api/v1/workers/\(scenario.worker)/configurations/",
                ["name": "A", "worker_version": .string(needy), "configuration": ["needed": 1]]
            ).created()
            let run = try await tester.get("/api/v1/process/\(process)/workers/").ids
            _ = try await tester.patch("/api/v1/process/workers/\(run.first ?? "")/", ["configuration_id": .string(made)]).expect()
            _ = try await tester.post("/api/v1/process/\(process)/start/", [:]).created()
        }
    }

    @Test func anotherWorkersConfigurationIsNoneOfThisOne() async throws {
        try await Tester.with { tester in
            let scenario = try await Scenario(tester, pages: 1)
            let other = try await tester.post("/api/v1/workers/", ["name": "Other", "slug": "other", "type": "recognizer"]).created()
            _ = try await tester.version(of: other, Scenario.yaml)
            let made = try await tester.configuration(of: other, "Large", ["size": 8])
            let answer = try await select(scenario, scenario.version, made)
            #expect(answer.status == 400 && answer.codes == ["does_not_exist"], "\(answer)")
        }
    }

    /// What Swift lets into a field, PostgreSQL finds to fit, and the other way round.
    @Test func swiftAndPostgresAgreeOnWhatFits() async throws {
        let values = [
            "true", "0", "1", "-1", "1.0", "1.5", "1e2", "9007199254740993", "\"\"", "\"a\"", "\"red\"", "\"e\u{301}\"", "\"Red\"", "[]",
            "[1]", "[1.0, 2]", "[\"a\"]",
            "[1, \"a\"]", "[[1]]", "{}", "{\"a\": \"b\"}", "{\"a\": 1}", "{\"a\": {}}", "\"\(ValueTests.uuid)\"",
            "\"\(ValueTests.uuid.uppercased())\"", "[\"\(ValueTests.uuid)\"]",
        ]
        let fields = try WorkerFile(yaml: ValueTests.yaml).fields.filter { $0.type != .group }
        try await TestDatabase.with { database in
            try await database.connected(to: database.owner) { lease in
                for field in fields {
                    for value in values {
                        let datum = try DatumReader.read(Array(value.utf8))
                        let rows = try await lease.run(
                            Call(
                                "SELECT value_fits($1::jsonb, $2::jsonb), value_fits(value_typed($1::jsonb, $2::jsonb), $2::jsonb)",
                                [.text(value), .text(field.datum.written)]))
                        let fits = field.typed(datum) != nil
                        #expect(rows.text(0, 0) == (fits ? "t" : "f") && rows.text(0, 1) == rows.text(0, 0), "\(field.key) \(value)")
                    }
                }
            }
        }
    }
}
