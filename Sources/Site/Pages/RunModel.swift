import Shapes
import Web

extension Page {
    /// Which model version a worker run is to use: of those that the visitor may use.
    static let chooseModel = Page("/worker-runs/{id}/model", "choose_model", dialog: "choose_model_dialog", about: .workerRun) { visit in
        let run = try await visit.ask("RetrieveWorkerRun", ["id": visit.id])
        let name = visit.query("name")
        let (found, areMeant) = try await models(for: run["worker_version"]?["worker"]?["id"] ?? .null, called: name, visit)
        var models: [JSONValue] = []
        for model in found["results"]?.items ?? [] {
            let versions = try await usable(of: model, visit)
            if !versions.isEmpty { models.append(model.adding(["versions": .array(versions.map { shown($0, chosenBy: run) })])) }
        }
        let usage = run["worker_version"]?["model_usage"]?.string
        return [
            "title": .string(visit.shell.word("choose_model")), "in_processes": true, "run": run, "label": .string(RunLine.label(run)),
            "models": .array(models), "no_models": .boolean(models.isEmpty), "name": .string(name ?? ""), "named": .boolean(name != nil),
            "is_required": .boolean(usage == "required"), "is_optional": .boolean(usage == "supported"),
            "none_chosen": .boolean(run["model_version"] == .null), "in_dialog": .boolean(visit.wantsDialog),
            "can_change": .boolean(try await visit.mayChange(run)), "are_meant": .boolean(areMeant),
            "offers_all": .boolean(areMeant || visit.query("all") != nil),
            "more": .boolean((found["count"]?.int ?? 0) > (found["results"]?.items ?? []).count),
        ]
    }

    /// Those that are meant for the worker; all where there is none such, or all are asked for.
    private static func models(for worker: JSONValue, called name: String?, _ visit: Visit) async throws -> (JSONValue, areMeant: Bool) {
        let input = (["archived": false, "page_size": 20] as JSONValue).adding(name.map { ["name": .string($0)] })
        if visit.query("all") == nil {
            let meant = try await visit.askIfAllowed("ListModels", input.adding(["compatible_worker": worker]))
            if meant["count"]?.int ?? 0 > 0 { return (meant, true) }
        }
        return (try await visit.ask("ListModels", input), false)
    }

    /// Guests of a model may only use what has a tag.
    private static func usable(of model: JSONValue, _ visit: Visit) async throws -> [JSONValue] {
        let answer = try await visit.ask("ListModelVersions", ["id": model["id"] ?? .null, "state": "available", "page_size": 50])
        let contributes = model["rights"]?.items.contains("write") == true
        return (answer["results"]?.items ?? []).filter { contributes || $0["tag"] != .null }
    }

    private static func shown(_ version: JSONValue, chosenBy run: JSONValue) -> JSONValue {
        version.adding([
            "label": .string(RunLine.label(ofModelVersion: version) ?? ""),
            "chosen": .boolean(version["id"] == run["model_version"]?["id"]),
            "size": version["size"]?.int.map { .string($0.asBytes) } ?? .null,
        ])
    }
}

extension Form {
    /// A model version, or none.
    static let chooseModel = Form("/worker-runs/{id}/model", on: .chooseModel) { visit, fields in
        let body: JSONValue = ["model_version_id": fields["model_version"].map(JSONValue.string) ?? .null]
        return .run(try await visit.ask("PartialUpdateWorkerRun", ["id": visit.id, "body": body]))
    }
}

extension Form.Done {
    /// The page of its process, at a run.
    static func run(_ run: JSONValue) -> Form.Done {
        Form.Done(location: "/processes/\(run["process"]?["id"]?.string ?? "")#run-\(run["id"]?.string ?? "")")
    }
}

extension Visit {
    /// Whether a worker run may be offered for changing.
    func mayChange(_ run: JSONValue) async throws -> Bool {
        guard run["process"]?["state"]?.string == "unstarted" else { return false }
        return try await administers(run["process"]?["corpus"] ?? .null)
    }

    /// Whether what only administrators of a project may do is to be offered. The operations check it again.
    func administers(_ corpus: JSONValue) async throws -> Bool {
        try await askIfAllowed("RetrieveCorpus", ["id": corpus])["rights"]?.items.contains("admin") == true
    }
}

extension Int {
    /// A size in bytes, as people read it.
    var asBytes: String {
        var size = Double(self)
        for unit in ["B", "kB", "MB", "GB"] {
            if size < 1000 { return "\(Int(size.rounded())) \(unit)" }
            size /= 1000
        }
        return "\(Int(size.rounded()).grouped) TB"
    }
}
