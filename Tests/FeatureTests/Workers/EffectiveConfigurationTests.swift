import Postgres
import Shapes
import Tenancy
import Testing

@testable import Server

/// Rule 4.7: defaults, then the model's, then the chosen values; secrets reach the run's own task alone.
@Suite struct EffectiveConfigurationTests {
    static let yaml = """
        slug: reader
        display_name: Reader
        type: recognizer
        description: Reads
        model_usage: supported
        docker: {command: read}
        configuration:
          - {key: size, display_name: A, type: int, default: 4}
          - {key: ratio, display_name: A, type: float, default: 1}
          - {key: deep, display_name: A, type: bool}
          - {key: paper, display_name: A, type: group, children: [
              {key: width, display_name: A, type: int, default: 10}, {key: height, display_name: A, type: int, default: 20},
              {key: pass, display_name: A, type: secret}]}
          - {key: password, display_name: A, type: secret}
          - {key: unset, display_name: A, type: secret}
        """

    private func modelVersion(_ tester: Tester, _ configuration: String) async throws -> String {
        let made = try await tester.value(
            """
            WITH m AS (INSERT INTO model (tenant_id, id, name) VALUES ($1, uuid7(), 'Model') RETURNING id)
            INSERT INTO model_version (tenant_id, id, model_id, state, tag, configuration) SELECT $1, uuid7(), m.id, 'available', 'v1', $2::jsonb FROM m
            RETURNING id
            """, [tester.tenant.parameter, .text(configuration)])
        return try #require(made)
    }

    private func items(_ answer: Answer) throws -> [String] {
        try answer.expect()["configuration"]?.list.map { "\($0["key"]?.string ?? "")=\($0["value"]?.text ?? "")" } ?? []
    }

    @Test func theModelStandsBetweenDefaultsAndValues() async throws {
        try await Tester.with { tester in
            let scenario = try await Scenario(tester, yaml: Self.yaml)
            let model = try await modelVersion(
                tester, #"{"size": 6, "ratio": 3, "deep": null, "paper": {"width": 11}, "paper.height": 21, "extra": [1]}"#)
            let made = try await tester.configuration(
                of: scenario.worker, "Large", ["size": 8, "paper": ["height": 30, "pass": "hidden"], "password": "hidden"])
            let process = try await scenario.emptyProcess()
            let run = try await tester.post(
                "/api/v1/process/\(process)/workers/",
                ["worker_version_id": .string(scenario.version), "model_version_id": .string(model), "configuration_id": .string(made)]
            ).created()
            let path = "/api/v1/workers/runs/\(run)/configuration/"
            let stars = "\"********\""
            #expect(
                try items(await tester.get(path)) == [
                    "size=8", "ratio=3", "deep=null", "paper.width=11", "paper.height=30", "paper.pass=\(stars)", "password=\(stars)",
                    "unset=null",
                    "extra=[1]",
                ])
            // A float stays one on the wire, although the model wrote an integer.
            #expect(try await tester.get(path).text.contains(": 3.0"))
            let task = try #require(try await scenario.start(process, run).first)
            let read = try await tester.get(path, as: task.caller)
            #expect(try items(read).contains("password=\"hidden\"") && items(read).contains("paper.pass=\"hidden\""))
            #expect(try read.expect()["configuration"]?.list.filter { $0["secret"] == true }.count == 3)
            // Another task of the same worker sees stars.
            let (second, other) = try await scenario.process()
            let stranger = try #require(try await scenario.start(second, other).first)
            #expect(try items(await tester.get(path, as: stranger.caller)).contains("password=\(stars)"))
        }
    }

    /// Rule 4.7: whoever reads the project and has no access to the worker learns nothing of it.
    @Test func withoutAccessToTheWorkerNothingIsRead() async throws {
        try await Tester.with(.enterprise) { tester in
            let scenario = try await Scenario(tester, yaml: Self.yaml)
            let made = try await tester.configuration(of: scenario.worker, "Large", ["size": 8])
            let (_, run) = try await scenario.process()
            _ = try await tester.patch("/api/v1/process/workers/\(run)/", ["configuration_id": .string(made)]).expect()
            let person = try await tester.person("reader@example.org")
            try await tester.asOwner(
                "INSERT INTO membership (tenant_id, id, user_id, corpus_id, level) VALUES ($1, uuid7(), $2, $3, 100)",
                [tester.tenant.parameter, person.parameter, .text(scenario.corpus)])
            let reader = Tester.Caller.token(try await tester.token(of: person))
            let answer = try await tester.get("/api/v1/workers/runs/\(run)/configuration/", as: reader)
            #expect(answer.status == 403 && !answer.text.contains("size"), "\(answer)")
            let details = try await tester.get("/api/v1/process/workers/\(run)/", as: reader).expect()
            #expect(
                details["configuration"]?["name"] == "Large" && details["configuration"]?["configuration"] == [:]
                    && details["warnings"] == [])
        }
    }

    /// Fault 44: a secret is in no answer but the one to its task: not in lists, refusals, records of what happened, nor after the version that
    /// declared it is gone.
    @Test func secretsAppearNowhere() async throws {
        try await Tester.with { tester in
            let scenario = try await Scenario(tester, yaml: Self.yaml)
            let secret = "s3cr3t-Value"
            let values: JSONValue = ["password": .string(secret), "paper": ["pass": .string(secret), "width": 1]]
            let path = "/api/v1/workers/\(scenario.worker)/configurations/"
            let first = try await tester.post(path, ["name": "A", "configuration": values])
            let made = try first.created()
            let twin = try await tester.post(path, ["name": "B", "configuration": values])
            let wrong = try await tester.post(path, ["name": "B", "configuration": ["password": [.string(secret)], secret: 1]])
            #expect(twin.codes == ["configuration_exists"] && wrong.status == 400)
            let process = try await scenario.emptyProcess()
            let run = try await tester.post(
                "/api/v1/process/\(process)/workers/", ["worker_version_id": .string(scenario.version), "configuration_id": .string(made)])
            // For another version the same keys are no secrets.
            let plain = try await tester.post(
                "/api/v1/workers/\(scenario.worker)/versions/",
                ["command": "read", "configuration": [["key": "password", "display_name": "P", "type": "string"]]]
            ).created()
            let other = try await tester.post(
                "/api/v1/process/\(process)/workers/", ["worker_version_id": .string(plain), "configuration_id": .string(made)])
            let renamed = try await tester.patch("/api/v1/workers/configurations/\(made)/", ["name": "C"])
            _ = try await tester.delete("/api/v1/process/workers/\(run.created())/")
            #expect(try await tester.delete("/api/v1/workers/versions/\(scenario.version)/").status == 204)
            let answers = [
                first, twin, run, other, renamed, try await tester.get(path),
                try await tester.get("/api/v1/workers/configurations/\(made)/"),
                try await tester.get("/api/v1/process/\(process)/workers/"),
                try await tester.get("/api/v1/workers/runs/\(other.created())/configuration/"),
            ]
            for answer in answers { #expect(!answer.text.contains(secret), "\(answer)") }
            #expect(try answers[6].expect()["configuration"]?["password"] == "********")
            #expect(try answers[6].expect()["configuration"]?["paper"] == ["pass": "********", "width": 1])
            #expect(
                try await tester.value("SELECT count(*) FROM audit_event WHERE detail::text LIKE '%' || $1 || '%'", [.text(secret)]) == "0")
            #expect(try await tester.value("SELECT summary FROM worker_run LIMIT 1")?.contains(secret) == false)
        }
    }
}
