import Shapes
import Web

extension Page {
    static let models = Page("/models", "models") { visit in
        let archived = visit.query("archived") != nil
        let input: JSONValue = ["page": .integer(visit.page), "page_size": 50, "archived": .boolean(archived)]
        let answer = try await visit.ask("ListModels", input.adding(visit.query("name").map { ["name": .string($0)] }))
        let models = answer["results"]?.items ?? []
        return [
            "title": .string(visit.shell.word("models")), "in_models": true, "models": .array(models),
            "nothing_found": .boolean(models.isEmpty && (visit.query("name") != nil || archived)),
            "none": .boolean(models.isEmpty && visit.query("name") == nil && !archived), "name": .string(visit.query("name") ?? ""),
            "archived": .boolean(archived), "existing_model": visit.refused?.problem.extra["id"] ?? .null,
            "pages": visit.pages(answer),
        ]
    }

    /// A model with its versions: which was trained from which, and what each brings to a worker.
    static let model = Page("/models/{id}", "model", about: .model) { visit in
        let model = try await visit.ask("RetrieveModel", ["id": visit.id])
        let input: JSONValue = ["id": visit.id, "page": .integer(visit.page), "page_size": 50]
        let answer = try await visit.ask("ListModelVersions", input)
        let versions = answer["results"]?.items ?? []
        var names = Dictionary(versions.map { ($0["id"]?.string ?? "", RunLine.label(ofModelVersion: $0)) }) { first, _ in first }
        // Those that are on another page, or another model's.
        for parent in versions.compactMap({ $0["parent"]?.string }) where names[parent] == nil {
            names[parent] = RunLine.label(ofModelVersion: try await visit.askIfAllowed("RetrieveModelVersion", ["id": .string(parent)]))
        }
        let administers = model["rights"]?.items.contains("admin") == true
        let meant = (model["compatible_workers"]?.items ?? []).map { $0["id"] ?? .null }
        let workers = administers ? try await visit.ask("ListWorkers", ["page_size": 500])["results"]?.items ?? [] : []
        let others = workers.filter { !meant.contains($0["id"] ?? .null) }
        return [
            "others": .array(others), "any_others": .boolean(!others.isEmpty),
            "title": model["name"] ?? .null, "in_models": true, "model": model, "versions": .array(versions.map { shown($0, names) }),
            "no_versions": .boolean(versions.isEmpty), "administers": .boolean(administers),
            "contributes": .boolean(model["rights"]?.items.contains("write") == true),
            "pages": visit.pages(answer),
        ]
    }

    private static func shown(_ version: JSONValue, _ names: [String: String?]) -> JSONValue {
        let parent = version["parent"]?.string.flatMap { names[$0] ?? nil }
        let values = leaves(version["configuration"], below: "").map { compared($0, nil) }
        return version.adding([
            "label": .string(RunLine.label(ofModelVersion: version) ?? ""),
            "size_text": version["size"]?.int.map { .string($0.asBytes) } ?? .null,
            "parent_label": parent.map(JSONValue.string) ?? .null, "values": .array(values), "any_values": .boolean(!values.isEmpty),
        ])
    }
}

extension Form {
    static let createModel = Form("/models", on: .models) { visit, fields in
        let body = fields.json("name", "description").adding(["public": .boolean(fields["public"] != nil)])
        let made = try await visit.ask("CreateModel", ["body": body])
        return Done(location: "/models/\(made["id"]?.string ?? "")")
    }

    /// Archives a model, or takes it back.
    static let archiveModel = Form("/models/{id}", on: .model) { visit, fields in
        let body: JSONValue = ["archived": .boolean(fields["archived"] == "true")]
        _ = try await visit.ask("PartialUpdateModel", ["id": visit.id, "body": body])
        return Done(location: "/models/\(visit.path["id"] ?? "")")
    }

    static let addCompatibleWorker = Form("/models/{id}/workers", on: .model) { visit, fields in
        _ = try await visit.ask("CreateModelCompatibleWorker", fields.json("worker").adding(["model": visit.id]))
        return Done(location: "/models/\(visit.path["id"] ?? "")")
    }

    static let removeCompatibleWorker = Form("/models/{id}/workers/remove", on: .model) { visit, fields in
        _ = try await visit.ask("DestroyModelCompatibleWorker", fields.json("worker").adding(["model": visit.id]))
        return Done(location: "/models/\(visit.path["id"] ?? "")")
    }

    /// Gives a version another tag, or none.
    static let tagModelVersion = Form("/models/{id}/tag", on: .model) { visit, fields in
        let body: JSONValue = ["tag": fields["tag"].map(JSONValue.string) ?? .null]
        _ = try await visit.ask("PartialUpdateModelVersion", ["id": .string(fields["version"] ?? ""), "body": body])
        return Done(location: "/models/\(visit.path["id"] ?? "")")
    }
}
