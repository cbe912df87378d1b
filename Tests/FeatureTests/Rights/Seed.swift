import Postgres
import Shapes
import Tenancy
import Testing
import Web

/// One thing of every kind, all named with the same mark, so that an answer that shows any of them is recognised.
struct Seed: Sendable {
    let mark: String
    /// What is asked for when an operation wants a level on this kind.
    let identifiers: [Access.Kind: String]
    /// What the names in paths, queries and bodies mean.
    let words: [String: String]
    let task: Claimed?

    /// Nothing of it exists.
    static let nowhere = Seed(
        mark: "zqnowhere", identifiers: Dictionary(Access.Kind.allCases.map { ($0, ID<Corpus>().text) }) { $1 }, words: [:], task: nil)

    private init(mark: String, identifiers: [Access.Kind: String], words: [String: String], task: Claimed?) {
        self.mark = mark
        self.identifiers = identifiers
        self.words = words
        self.task = task
    }

    /// Makes it through the API, as the tester's administrator.
    init(_ tester: Tester, _ mark: String, in tenant: ID<Tenant>? = nil) async throws {
        let tenant = tenant ?? tester.tenant
        self.mark = mark
        let corpus = try await tester.post("/api/v1/corpus/", ["name": .string("Parish \(mark)")]).created()
        let image = try await tester.image(String(mark.reversed()))
        let folder = try await tester.element(corpus, "folder", "Volume \(mark)")
        let inFolder: JSONValue = ["parent": .string(folder), "image": .string(image)]
        let page = try await tester.element(corpus, "page", "Page \(mark)", inFolder)
        let below: JSONValue = ["parent": .string(page), "image": .string(image)]
        let leaf = try await tester.element(corpus, "page", "Leaf \(mark)", below)
        let text = try await tester.post("/api/v1/element/\(page)/transcription/", ["text": .string("Text \(mark)")]).created()
        let mlClass = try await tester.post("/api/v1/corpus/\(corpus)/classes/", ["name": .string("Class \(mark)")]).created()
        let entityType = try await tester.post(
            "/api/v1/entity/types/", ["corpus": .string(corpus), "name": .string("Entity \(mark)")]
        ).created()
        let classified: JSONValue = ["element": .string(page), "ml_class": .string(mlClass), "confidence": 1]
        let classification = try await tester.post("/api/v1/classifications/", classified).created()

        let sets: JSONValue = ["name": .string("Dataset \(mark)"), "set_names": ["train"]]
        let dataset = try await tester.post("/api/v1/corpus/\(corpus)/datasets/", sets).created()
        _ = try await tester.post("/api/v1/datasets/\(dataset)/elements/", ["set": "train", "element_id": .string(page)]).expect(201)

        let called: JSONValue = ["name": .string("Reader \(mark)"), "slug": .string("reader-\(mark)"), "type": .string("type-\(mark)")]
        let worker = try await tester.post("/api/v1/workers/", called).created()
        let version = try await tester.version(of: worker, Scenario.modelYAML)
        let configuration = try await tester.configuration(of: worker, "Setting \(mark)", ["title": .string("Title \(mark)")])
        let newcomer = try await tester.person("newcomer@\(mark).org", in: tenant).text
        let member = try await tester.person("member@\(mark).org", in: tenant).text
        let admitted: JSONValue = ["user": .string(member), "corpus": .string(corpus), "level": 10]
        let membership = try await tester.post("/api/v1/memberships/", admitted).created()
        let group = try await tester.post("/api/v1/groups/", ["name": .string("Group \(mark)")]).created()
        let (model, modelVersion) = try await tester.model("Model \(mark)", for: worker, in: tenant)

        let whole: JSONValue = ["corpus": .string(corpus), "element": .string(folder), "element_type": "page"]
        let process = try await tester.post("/api/v1/process/corpus/", whole.adding(["name": .string("Process \(mark)")])).created()
        let wanted: JSONValue = [
            "worker_version_id": .string(version), "configuration_id": .string(configuration), "model_version_id": .string(modelVersion),
        ]
        let run = try await tester.post("/api/v1/process/\(process)/workers/", wanted).created()
        let task = try await tester.startAndClaim(process, run)
        self.task = task

        identifiers = [
            .corpus: corpus, .element: page, .transcription: text, .classification: classification, .process: process, .task: task.task,
            .worker: worker, .workerVersion: version, .workerConfiguration: configuration, .workerRun: run, .model: model,
            .modelVersion: modelVersion, .image: image, .dataset: dataset,
            .user: member, .group: group, .membership: membership,
            .job: try await tester.job("Job \(mark)", in: tenant, on: corpus),
        ]
        words = [
            "corpus": corpus, "corpus_id": corpus, "element": page, "element_id": page, "parent": page, "child": leaf, "to": folder,
            "ml_class": mlClass, "type_id": entityType, "image": image, "transcription": text, "worker": worker,
            "worker_version": version, "worker_version_id": version, "configuration": configuration, "configuration_id": configuration,
            "model": model, "model_id": model, "model_version": modelVersion, "model_version_id": modelVersion, "process": process,
            "process_id": process, "worker_run": run, "worker_run_id": run, "task": task.task, "type": "page", "element_type": "page",
            "dataset": dataset, "dataset_id": dataset, "set": "train",
            "user": newcomer, "group": group,
        ]
    }

    /// An example of an operation's input that is about these things.
    func input(of operation: Web.Operation) -> JSONValue {
        let kind = operation.decision.kind ?? operation.decision.demands.first?.kind
        var words = words
        if let kind { words["id"] = identifiers[kind] }
        return fill(operation.example, operation.input, words)
    }

    private func fill(_ value: JSONValue, _ shape: Shape, _ words: [String: String]) -> JSONValue {
        switch (value, shape.unwrapped) {
        case (.object(let members), _):
            .object(
                Dictionary(
                    members.map { name, member in
                        let inner = shape.unwrapped[name]?.unwrapped ?? .any
                        guard let word = words[name], inner.isPlainText else { return (name, fill(member, inner, self.words)) }
                        return (name, .string(word))
                    }
                ) { $1 })
        case (.array(let items), .array(let item, _, _)): .array(items.map { fill($0, item, self.words) })
        default: value
        }
    }
}

extension Shape {
    /// Text that is not chosen from a list.
    fileprivate var isPlainText: Bool {
        if case .string(let rules) = self { rules.choices == nil } else { false }
    }
}

extension Tester {
    /// A model with a version that can be used, and a worker that it is meant for.
    fileprivate func model(_ name: String, for worker: String, in tenant: ID<Tenant>) async throws -> (model: String, version: String) {
        let model = ID<Model>()
        let version = ID<ModelVersion>()
        try await asOwner(
            "INSERT INTO model (tenant_id, id, name) VALUES ($1, $2, $3)", [tenant.parameter, model.parameter, .text(name)])
        try await asOwner(
            "INSERT INTO model_version (tenant_id, id, model_id, state, tag) VALUES ($1, $2, $3, 'available', $4)",
            [tenant.parameter, version.parameter, model.parameter, .text("tag of \(name)")])
        try await asOwner(
            "INSERT INTO model_worker (tenant_id, model_id, worker_id) VALUES ($1, $2, $3)",
            [tenant.parameter, model.parameter, .text(worker)])
        return (model.text, version.text)
    }

    /// A piece of background work that waits, and that nobody asked for.
    fileprivate func job(_ description: String, in tenant: ID<Tenant>, on corpus: String) async throws -> String {
        let job = ID<Corpus>()
        try await asOwner(
            """
            INSERT INTO job (tenant_id, id, kind, description, corpus_id, run_at)
            VALUES ($1, $2, 'matrix', $3, $4, now() + interval '1 day')
            """, [tenant.parameter, job.parameter, .text(description), .text(corpus)])
        return job.text
    }

    /// Starts a process and claims its task for as long as the test may last.
    func startAndClaim(_ process: String, _ run: String) async throws -> Claimed {
        _ = try await post("/api/v1/process/\(process)/start/", [:]).created()
        let task = try await post("/api/v1/agent/claim/", ["process": .string(process)]).expect()
        let claimed = Claimed(
            process: process, run: run, task: try #require(task["id"]?.string), token: try #require(task["token"]?.string))
        try await asOwner("UPDATE task SET lease_until = now() + interval '1 hour' WHERE id = $1", [.text(claimed.task)])
        return claimed
    }
}
