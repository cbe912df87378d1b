import Shapes
import Testing

@testable import Server

/// Rule 3.2: a version has a number or a revision, both unique in the worker, a branch that moves, a state, and the fields of its file.
@Suite struct VersionTests {
    private func imported(_ scenario: Scenario, _ more: JSONValue, yaml: String = Scenario.yaml) async throws -> Answer {
        try await scenario.tester.post(
            "/api/v1/workers/\(scenario.worker)/versions/import/",
            (["yaml": .string(yaml), "docker_image_iid": .null] as JSONValue).adding(more))
    }

    @Test func aVersionHasANumberOrARevision() async throws {
        try await Tester.with { tester in
            let scenario = try await Scenario(tester, pages: 0)
            let first = try await tester.get("/api/v1/workers/versions/\(scenario.version)/").expect()
            #expect(first["version"] == 1 && first["revision_url"] == .null && first["state"] == "available")
            let url = "https://git.example.org/reader/1"
            let revision = try await imported(scenario, ["revision_url": .string(url), "branch": "main", "tag": "1.0"]).expect(201)
            #expect(revision["version"] == .null && revision["revision_url"] == .string(url) && revision["branch"] == "main")
            let twin = try await imported(scenario, ["revision_url": .string(url)])
            #expect(twin.status == 409 && twin.json["existing_id"] == revision["id"], "\(twin)")
            let second = try await imported(scenario, ["branch": "main"]).expect(201)
            #expect(second["version"] == 2 && second["branch"] == "main")
            #expect(try await tester.get("/api/v1/workers/versions/\(revision["id"]?.string ?? "")/").expect()["branch"] == .null)
        }
    }

    @Test func aVersionWithNothingToExecuteIsNotAvailable() async throws {
        try await Tester.with { tester in
            let scenario = try await Scenario(tester, pages: 0)
            let bare = Scenario.yaml.replacing("docker:\n  command: read\n", with: "")
            #expect(try await imported(scenario, [:], yaml: bare).expect(201)["state"] == "created")
            let image = try await imported(
                scenario, ["docker_image_iid": "sha256:2"], yaml: bare + "\ngpu_usage: required\nmodel_usage: supported\n"
            ).expect(201)
            #expect(image["state"] == "available" && image["gpu_usage"] == "required" && image["model_usage"] == "supported")
        }
    }

    @Test func allFaultsOfAFileAreNamedWithTheirPlaces() async throws {
        try await Tester.with { tester in
            let scenario = try await Scenario(tester, pages: 0)
            let answer = try await imported(
                scenario, [:],
                yaml: """
                    slug: a b
                    type: recognizer
                    more: 1
                    description: ' '
                    configuration:
                      - {key: size, display_name: Size, type: int, default: x}
                      - {key: kind, display_name: Kind, type: enum}
                      - {display_name: Kind, type: what}
                    """)
            #expect(answer.status == 400)
            #expect(
                Set(answer.places) == [
                    "yaml.slug", "yaml.display_name", "yaml.more", "yaml.description", "yaml.configuration.size", "yaml.configuration.kind",
                    "yaml.configuration.2.key", "yaml.configuration.2.type",
                ], "\(answer)")
        }
    }
}

/// Rules 4.4 and 4.6.
@Suite struct DefaultConfigurationTests {
    /// Rule 4.4: no configuration is the default one.
    @Test func withoutAConfigurationTheDefaultsHold() async throws {
        try await Tester.with { tester in
            let scenario = try await Scenario(tester)
            let (_, run) = try await scenario.process()
            let effective = try await tester.get("/api/v1/workers/runs/\(run)/configuration/").expect()["configuration"]?.list ?? []
            #expect(effective.map { $0["key"] } == ["size", "ratio", "title", "languages", "deep", "password"])
            #expect(effective.map { $0["value"] } == [4, .number(0.5), .null, .null, false, .null])
            let version = try await tester.get("/api/v1/workers/versions/\(scenario.version)/").expect()
            #expect(version["default_configuration"] == ["size": 4, "ratio": .number(0.5), "deep": false])
            #expect(try await tester.get("/api/v1/process/workers/\(run)/").expect()["configuration"] == .null)
        }
    }

    /// Rule 4.6: in processes over elements, over datasets, and in templates, which keep what they were made from.
    @Test func everyModeUsesConfigurations() async throws {
        try await Tester.with { tester in
            let scenario = try await Scenario(tester)
            let made = try await tester.configuration(of: scenario.worker, "Large", ["size": 8])
            let body: JSONValue = ["worker_version_id": .string(scenario.version), "configuration_id": .string(made)]
            for mode in ["workers", "dataset"] {
                let process = try await tester.post("/api/v1/process/corpus/", ["corpus": .string(scenario.corpus), "mode": .string(mode)])
                    .created()
                let run = try await tester.post("/api/v1/process/\(process)/workers/", body).expect(201)
                #expect(run["configuration"]?["id"] == .string(made), "\(mode)")
                let template = try await tester.post("/api/v1/process/\(process)/template/", ["name": .string(mode)]).created()
                let kept = try await tester.get("/api/v1/process/\(template)/workers/").expect()["results"]?.list ?? []
                #expect(kept.map { $0["configuration"]?["id"] } == [.string(made)], "\(mode)")
            }
        }
    }
}
