import HTTPTypes
import Postgres
import Shapes
import Storage
import Tenancy
import Testing
import Web

/// One thing of every kind, all named with the same mark, so that an answer that shows any of them is recognised.
struct Seed: Sendable {
    let mark: String
    /// What is asked for when an operation wants a level on this kind.
    private(set) var identifiers: [Access.Kind: String]
    /// What the names in paths, queries and bodies mean.
    private(set) var words: [String: String]
    let task: Claimed?
    /// A project that was deleted and can be brought back.
    let deletedCorpus: String

    /// Nothing of it exists.
    static let nowhere = Seed(
        mark: "zqnowhere", identifiers: Dictionary(Access.Kind.allCases.map { ($0, ID<Corpus>().text) }) { $1 }, words: [:], task: nil,
        deletedCorpus: ID<Corpus>().text)

    private init(mark: String, identifiers: [Access.Kind: String], words: [String: String], task: Claimed?, deletedCorpus: String) {
        self.mark = mark
        self.identifiers = identifiers
        self.words = words
        self.task = task
        self.deletedCorpus = deletedCorpus
    }

    /// Makes it through the API, as the tester's administrator.
    init(_ tester: Tester, _ mark: String, in tenant: ID<Tenant>? = nil) async throws {
        let tenant = tenant ?? tester.tenant
        let corpus = try await tester.post("/api/v1/corpus/", ["name": .string("Parish \(mark)")]).created()
        let image = try await tester.localImage("Image \(mark)", Samples.png(60, 40)).id
        let folder = try await tester.element(corpus, "folder", "Volume \(mark)")
        let inFolder: JSONValue = ["parent": .string(folder), "image": .string(image)]
        let page = try await tester.element(corpus, "page", "Page \(mark)", inFolder)
        let below: JSONValue = ["parent": .string(page), "image": .string(image)]
        let leaf = try await tester.element(corpus, "page", "Leaf \(mark)", below)
        let mlClass = try await tester.post("/api/v1/corpus/\(corpus)/classes/", ["name": .string("Class \(mark)")]).created()
        let entityType = try await tester.post(
            "/api/v1/entity/types/", ["corpus": .string(corpus), "name": .string("Entity \(mark)")]
        ).created()
        let sets: JSONValue = ["name": .string("Dataset \(mark)"), "set_names": ["train"]]
        let dataset = try await tester.post("/api/v1/corpus/\(corpus)/datasets/", sets).created()
        _ = try await tester.post("/api/v1/datasets/\(dataset)/elements/", ["set": "train", "element_id": .string(page)]).expect(201)

        let called: JSONValue = ["name": .string("Reader \(mark)"), "slug": .string("reader-\(mark)"), "type": .string("type-\(mark)")]
        let worker = try await tester.post("/api/v1/workers/", called).created()
        let version = try await tester.version(of: worker, Scenario.modelYAML)
        let secret = try await tester.secret("secret-\(mark)", for: worker)
        let values: JSONValue = ["title": .string("Title \(mark)"), "password": .string("secret-\(mark)")]
        let configuration = try await tester.configuration(of: worker, "Setting \(mark)", values)
        let newcomer = try await tester.person("newcomer@\(mark).org", in: tenant).text
        let member = try await tester.person("member@\(mark).org", in: tenant).text
        let admitted: JSONValue = ["user": .string(member), "corpus": .string(corpus), "level": 10]
        let membership = try await tester.post("/api/v1/memberships/", admitted).created()
        let group = try await tester.post("/api/v1/groups/", ["name": .string("Group \(mark)")]).created()
        let model = try await tester.model("Model \(mark)")
        let modelVersion = try await tester.published(model, tag: "tag of \(mark)")
        _ = try await tester.post("/api/v1/model/\(model)/compatible-workers/\(worker)/").expect(201)

        let whole: JSONValue = ["corpus": .string(corpus), "element": .string(folder), "element_type": "page"]
        let process = try await tester.post("/api/v1/process/corpus/", whole.adding(["name": .string("Process \(mark)")])).created()
        let wanted: JSONValue = [
            "worker_version_id": .string(version), "configuration_id": .string(configuration), "model_version_id": .string(modelVersion),
        ]
        let run = try await tester.post("/api/v1/process/\(process)/workers/", wanted).created()
        let task = try await tester.startAndClaim(process, run)

        self.mark = mark
        self.task = task
        deletedCorpus = try await tester.deletedCorpus("Gone \(mark)")
        identifiers = [
            .corpus: corpus, .element: page, .process: process, .task: task.task, .worker: worker, .workerVersion: version,
            .workerConfiguration: configuration, .workerRun: run, .model: model, .modelVersion: modelVersion, .image: image,
            .dataset: dataset, .user: member, .group: group, .membership: membership,
            .job: try await tester.job("Job \(mark)", in: tenant, on: corpus),
            .export: try await tester.export(of: corpus, in: tenant), .secret: secret,
        ]
        words = [
            "corpus": corpus, "corpus_id": corpus, "element": page, "element_id": page, "parent": page, "child": leaf, "to": folder,
            "ids": page, "ml_class": mlClass, "type_id": entityType, "image": image, "worker": worker, "worker_version": version,
            "worker_version_id": version, "configuration": configuration, "configuration_id": configuration, "model": model,
            "model_id": model, "model_version": modelVersion, "model_version_id": modelVersion, "process": process, "process_id": process,
            "worker_run": run, "worker_run_id": run, "task": task.task, "type": "page", "element_type": "page", "dataset": dataset,
            "dataset_id": dataset, "set": "train", "user": newcomer, "group": group, "path": "result.txt",
            "deletion": try await tester.deletion(in: corpus, "Gone \(mark)"), "template_id": try await tester.template(of: process, mark),
        ]
        try await addResults(tester, on: page)
        try await addUpload(tester)
        try await tester.artifact("result.txt", of: task)
    }

    /// One result of each kind on a page, made by hand.
    private mutating func addResults(_ tester: Tester, on page: String) async throws {
        let text = try await tester.post("/api/v1/element/\(page)/transcription/", ["text": .string("Text \(mark)")]).created()
        let classified: JSONValue = ["element": .string(page), "ml_class": .string(words["ml_class"] ?? ""), "confidence": 1]
        let named: JSONValue = ["type": "text", "name": .string("Metadata \(mark)"), "value": .string("Value \(mark)")]
        let marked: JSONValue = ["type_id": .string(words["type_id"] ?? ""), "offset": 0, "length": 4]
        identifiers[.transcription] = text
        identifiers[.classification] = try await tester.post("/api/v1/classifications/", classified).created()
        identifiers[.metadata] = try await tester.post("/api/v1/element/\(page)/metadata/", named).created()
        words["transcription"] = text
        words["entity"] = try await tester.post("/api/v1/transcription/\(text)/entities/", marked).created()
    }

    /// A version whose archive is still on its way, in parts.
    private mutating func addUpload(_ tester: Tester) async throws {
        let draft = try await tester.modelVersion(of: identifiers[.model] ?? "")
        let object: JSONValue = ["object_type": "model_version", "object_id": .string(draft)]
        words["object_id"] = draft
        words["upload_id"] = try await tester.post("/api/v1/multipart/create/", object).expect(201)["upload_id"]?.string
    }

    /// An example of an operation's input that is about these things.
    func input(of operation: Web.Operation) -> JSONValue { filled(operation, operation.example) }

    /// The same with whatever may be left out and names something, and with one item in each list.
    func wholeInput(of operation: Web.Operation) -> JSONValue {
        filled(operation, operation.input.example(items: 1, optional: { $0.names }).adding(operation.example))
    }

    private func filled(_ operation: Web.Operation, _ example: JSONValue) -> JSONValue {
        let kind = operation.decision.kind ?? operation.decision.demands.first?.kind
        var words = words
        if let kind { words["id"] = identifiers[kind] }
        if operation.id == "RestoreCorpus" { words["id"] = deletedCorpus }
        if operation.id == "RetrieveSecret" { words["name"] = "secret-\(mark)" }
        return fill(example, operation.input, words)
    }

    /// The same for a transfer, whose path names the object of its gate.
    func input(of transfer: Transfer) -> JSONValue {
        var words = words
        if let kind = transfer.decision?.kind { words["id"] = identifiers[kind] }
        words.merge(["region": "full", "size": "full", "rotation": "0", "file": "default.jpg", "md5": "-"]) { first, _ in first }
        return fill(transfer.input.example, transfer.input, words)
    }

    private func fill(_ value: JSONValue, _ shape: Shape, _ words: [String: String]) -> JSONValue {
        switch (value, shape.unwrapped) {
        case (.object(let members), _):
            .object(
                Dictionary(
                    members.map { name, member in
                        let inner = shape.unwrapped[name]?.unwrapped ?? .any
                        guard let word = words[name] else { return (name, fill(member, inner, self.words)) }
                        if inner.isPlainText { return (name, .string(word)) }
                        if case .array(let item, _, _) = inner, item.unwrapped.isPlainText { return (name, [.string(word)]) }
                        return (name, fill(member, inner, self.words))
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
    /// A version whose archive has come.
    fileprivate func published(_ model: String, tag: String) async throws -> String {
        let archive = try await stored("an archive of a model")
        let made = try await post("/api/v1/model/\(model)/versions/", archive.announcement.adding(["tag": .string(tag)])).expect(201)
        try #require(try await follow(.put, made["s3_put_url"]?.string, archive.bytes).status == 200)
        return try #require(made["id"]?.string)
    }

    /// A secret's id; nobody's where the edition has none.
    fileprivate func secret(_ name: String, for worker: String) async throws -> String {
        let body: JSONValue = ["name": .string(name), "content": "open sesame", "worker": .string(worker)]
        let answer = try await post("/api/v1/secrets/", body)
        return answer.codes == ["not_in_this_edition"] ? ID<StoredSecret>().text : try answer.created()
    }

    /// A project that can be brought back.
    fileprivate func deletedCorpus(_ name: String) async throws -> String {
        let corpus = try await post("/api/v1/corpus/", ["name": .string(name)]).created()
        _ = try await delete("/api/v1/corpus/\(corpus)/").expect(202)
        return corpus
    }

    /// The deletion of an element, which can be undone.
    fileprivate func deletion(in corpus: String, _ name: String) async throws -> String {
        let element = try await element(corpus, "page", name)
        return try #require(try await delete("/api/v1/element/\(element)/").expect(202)["deletion"]?.string)
    }

    fileprivate func template(of process: String, _ mark: String) async throws -> String {
        try await post("/api/v1/process/\(process)/template/", ["name": .string("Template \(mark)")]).created()
    }

    /// A file that a task has left.
    fileprivate func artifact(_ path: String, of task: Claimed) async throws {
        let announced: JSONValue = ["path": .string(path), "content_type": "text/plain", "size": 4]
        let made = try await post("/api/v1/task/\(task.task)/artifacts/", announced, as: task.caller).expect(201)
        try #require(try await follow(.put, made["s3_put_url"]?.string, Array("left".utf8)).status == 200)
    }

    /// An export that is done; any file will do.
    fileprivate func export(of corpus: String, in tenant: ID<Tenant>) async throws -> String {
        let export = ID<Export>()
        try await asOwner(
            """
            INSERT INTO corpus_export (tenant_id, id, corpus_id, digest, size)
            SELECT f.tenant_id, $2, $3, f.digest, f.size FROM stored_file f WHERE f.tenant_id = $1 LIMIT 1
            """, [tenant.parameter, export.parameter, .text(corpus)])
        return export.text
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
