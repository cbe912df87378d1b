import HTTPTypes
import Postgres
import Shapes
import Testing
import Web

@testable import Server

/// What the server answers is what its OpenAPI document says. Lists and single things come from PostgreSQL's bytes, past the types.
@Suite struct ConformanceTests {
    @Test func answersHaveTheShapeThatIsDeclared() async throws {
        try await Tester.with { tester in
            let scenario = try await Scenario(tester)
            let ids = try await scenario.everything()
            var seen = 0
            // SecretTests are about those of the Enterprise edition.
            for operation in Compose.operations
            where operation.method == .get && !operation.isStream && !operation.decision.isEnterpriseOnly {
                let input = operation.path.names.reduce(operation.example) { input, name in
                    input.adding([name: .string(name == "set" ? "train" : operation.identifier(of: ids))])
                }
                for further in [[:], Self.switches(of: operation)] as [JSONValue] {
                    let answer = try await tester.call(operation, input.adding(further))
                    guard answer.status == 200 else {
                        // Files are elsewhere, and what is not there is not found.
                        #expect(
                            ["RetrieveWorkerBySlug", "DownloadArtifact", "DownloadExport"].contains(operation.id),
                            "\(operation.id): \(answer)")
                        continue
                    }
                    seen += 1
                    let output = try #require(operation.output, "\(operation.id)")
                    let faults = output.faults(in: answer.json)
                    #expect(faults == [], "\(operation.id): \(answer)")
                    #expect(output.strangers(in: answer.json) == [], "\(operation.id)")
                    if operation.listing == .pages {
                        #expect(answer.json["results"]?.list.isEmpty == false, "\(operation.id) shows nothing")
                    }
                }
            }
            #expect(seen > 40)
        }
    }

    /// Everything that may be asked for beside.
    private static func switches(of operation: Web.Operation) -> JSONValue {
        let names = operation.input.properties.filter { $0.name.hasPrefix("with_") || ["recursive", "load_parents"].contains($0.name) }
        return .object(Dictionary(names.map { ($0.name, true) }) { $1 })
    }
}

extension Shape {
    /// Keys that an answer has and its shape does not.
    func strangers(in value: JSONValue, at path: String = "") -> [String] {
        switch (self, value) {
        case (.nullable(let shape), _): shape.strangers(in: value, at: path)
        case (.array(let item, _, _), .array(let items)): items.flatMap { item.strangers(in: $0, at: path + "[]") }
        case (.object(let properties), .object(let members)):
            members.keys.filter { key in !properties.contains { $0.name == key } }.map { "\(path).\($0)" }
                + properties.flatMap { $0.shape.strangers(in: members[$0.name] ?? .null, at: "\(path).\($0.name)") }
        default: []
        }
    }
}

extension Scenario {
    /// Adds one of each kind of thing, the rarer fields filled.
    func everything() async throws -> [String: String] {
        let configuration = try await tester.configuration(of: worker, "small", ["size": 2, "password": "a"])
        let process = try await emptyProcess(["name": "First"])
        let body: JSONValue = ["worker_version_id": .string(version), "configuration_id": .string(configuration)]
        let run = try await tester.post("/api/v1/process/\(process)/workers/", body).created()
        let task = try #require(try await start(process, run).first)
        let page = pages[0]
        let line = try #require(try await lines(2, below: page, by: task).first)
        let text = try await text("Jeanne", on: page, by: task)
        _ = try await self.text("by hand", on: line)
        let person = try await tester.post("/api/v1/entity/types/", ["name": "person", "corpus": .string(corpus)]).created()
        let entity: JSONValue = ["type_id": .string(person), "offset": 0, "length": 2, "confidence": .number(0.25)]
        _ = try await tester.post("/api/v1/transcription/\(text)/entities/", entity.signed(task), as: task.caller).expect(201)
        let kind = try await tester.post("/api/v1/corpus/\(corpus)/classes/", ["name": "letter"]).created()
        let classification: JSONValue = ["element": .string(page), "ml_class": .string(kind), "confidence": 1]
        _ = try await tester.post("/api/v1/classifications/", classification.signed(task), as: task.caller).expect(201)
        let metadata: JSONValue = ["type": "numeric", "name": "number", "value": .number(1.5)]
        _ = try await tester.post("/api/v1/element/\(page)/metadata/", metadata.signed(task), as: task.caller).expect(201)
        let vector: JSONValue = ["value": [.number(0.5), .number(-1)]]
        _ = try await tester.post("/api/v1/element/\(page)/embedding/", vector.signed(task), as: task.caller).expect(201)
        _ = try await tester.post("/api/v1/process/start-activity/", as: task.caller).expect()
        let model = try await tester.model("Letters")
        let parent = try await tester.modelVersion(of: model, ["size": 5, "archive_hash": .string(String(repeating: "a", count: 32))])
        let modelVersion = try await tester.modelVersion(of: model, ["tag": "1", "parent": .string(parent), "configuration": ["size": 3]])
        _ = try await tester.post("/api/v1/model/\(model)/compatible-workers/\(worker)/").expect(201)
        let archive = try await tester.stored("an archive")
        _ = try await tester.published(archive, of: model)
        let artifact = try await announce("log.txt", 5, by: task).expect(201)
        _ = try await tester.follow(.put, artifact["s3_put_url"]?.string, Array("hello".utf8))
        let dataset = try await dataset(["train", "dev"])
        try await put(page, into: "train", of: dataset)
        try await tester.asOwner(
            "INSERT INTO process_set (tenant_id, process_id, set_id) SELECT tenant_id, $1, id FROM dataset_set", [.text(process)])
        _ = try await tester.userRun("By a script")
        _ = try await tester.post("/api/v1/elements/selection/", ["ids": [.string(page)]]).expect(204)
        let group = try await tester.post("/api/v1/groups/", ["name": "Readers"]).created()
        return [
            "group": group,
            "deletion": try await tester.deleted(corpus, "worker_run_id=\(try await finished().run)").deletion,
            "job": try await tester.job("nobodys_kind", in: corpus, by: task.run), "export": try await export(),
            "dataset": dataset, "model": model, "model_version": modelVersion,
            "corpus": corpus, "element": page, "process": process, "task": task.task, "worker": worker, "run": run, "image": image,
            "configuration": configuration, "version": version, "transcription": text,
        ]
    }
}
