import Postgres
import Shapes
import Tenancy
import Testing

/// What the tests of models begin with.
extension Tester {
    func model(_ name: String, as caller: Caller = .administrator) async throws -> String {
        try await post("/api/v1/models/", ["name": .string(name)], as: caller).created()
    }

    func modelVersion(of model: String, _ body: JSONValue = [:], as caller: Caller = .administrator) async throws -> String {
        try await post("/api/v1/model/\(model)/versions/", body, as: caller).created()
    }

    /// A version whose archive counts as uploaded.
    func availableVersion(of model: String, tag: String? = nil) async throws -> String {
        let version = try await modelVersion(of: model, tag.map { ["tag": .string($0)] } ?? [:])
        try await asOwner("UPDATE model_version SET state = 'available' WHERE id = $1", [.text(version)])
        return version
    }

    /// Somebody with this level on a model, or none.
    func member(_ email: String, of model: String, level: Int?) async throws -> Caller {
        let person = try await person(email)
        if let level {
            try await asOwner(
                "INSERT INTO membership (tenant_id, id, user_id, model_id, level) VALUES ($1, uuid7(), $2, $3, $4)",
                [tenant.parameter, person.parameter, .text(model), .text("\(level)")])
        }
        return .token(try await token(of: person))
    }
}

extension Scenario {
    static let modelYAML = Scenario.yaml.replacing("type: recognizer", with: "type: recognizer\nmodel_usage: supported")

    /// A process with one run of the version and a model version.
    func process(with modelVersion: String) async throws -> (process: String, run: String) {
        let process = try await emptyProcess()
        let body: JSONValue = ["worker_version_id": .string(version), "model_version_id": .string(modelVersion)]
        return (process, try await tester.post("/api/v1/process/\(process)/workers/", body).created())
    }
}
