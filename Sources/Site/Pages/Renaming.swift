import Shapes
import Web

extension Form {
    static let changeProject = Form("/projects/{id}/change", on: .browser) { visit, fields in
        // What was emptied is meant to be empty.
        let body = fields.json("name").adding(["description": .string(fields["description"] ?? "")])
        _ = try await visit.ask("PartialUpdateCorpus", ["id": visit.id, "body": body])
        return Done(location: "/projects/\(visit.path["id"] ?? "")")
    }

    static let changeDataset = Form("/datasets/{id}/change", on: .dataset) { visit, fields in
        let body = fields.json("name").adding(["description": .string(fields["description"] ?? "")])
        _ = try await visit.ask("PartialUpdateDataset", ["id": visit.id, "body": body])
        return Done(location: "/datasets/\(visit.path["id"] ?? "")")
    }

    static let changeSet = Form("/datasets/{id}/sets/change", on: .dataset) { visit, fields in
        let input = fields.json("set").adding(["dataset": visit.id, "body": ["name": .string(fields["set_name"] ?? "")]])
        let set = try await visit.ask("PartialUpdateDatasetSet", input)
        return Done(location: "/datasets/\(visit.path["id"] ?? "")?set=\((set["name"]?.string ?? "").inQuery)")
    }
}

extension Page {
    /// A process's name, and what it works on as long as it has not been started.
    static let editProcess = Page("/processes/{id}/edit", "edit_process", about: .process) { visit in
        let process = try await visit.ask("RetrieveProcess", ["id": visit.id])
        let project = try await visit.askIfAllowed("RetrieveCorpus", ["id": process["corpus"] ?? .null])
        let canChoose = process["state"]?.string == "unstarted" && ["workers", "export", "dataset"].contains(process["mode"]?.string)
        let page: JSONValue = [
            "title": process["name"] ?? .string(visit.shell.word("untitled")), "in_processes": true, "process": process, "project": project,
            "may_change": .boolean(project["rights"]?.items.contains("admin") == true),
            "name": .string(visit.refused?.fields["name"] ?? process["name"]?.string ?? ""),
        ]
        guard canChoose else { return page }
        return page.adding(
            process["mode"]?.string == "dataset" ? try await sets(visit, project) : try await filters(visit, process, project))
    }

    private static func filters(_ visit: Visit, _ process: JSONValue, _ project: JSONValue) async throws -> JSONValue {
        let corpus = project["id"] ?? .null
        let classes = try await visit.ask("ListCorpusMLClasses", ["id": corpus, "page_size": 500])["results"]?.items ?? []
        let given = visit.refused?.fields
        let type = given?["element_type"] ?? process["element_type"]?.string
        let chosen = given?["ml_class"] ?? process["ml_class"]?["id"]?.string
        return [
            "by_filter": true, "any_classes": .boolean(!classes.isEmpty),
            "types": (project["types"]?.items ?? []).choosing(type, by: "slug"),
            "classes": classes.choosing(chosen, by: "id"),
            "name_contains": .string(given?["name_contains"] ?? process["name_contains"]?.string ?? ""),
            "deep": .boolean(given.map { $0["load_children"] != nil } ?? (process["load_children"]?.isTrue == true)),
            "selected": try await visit.selected(in: corpus),
        ]
    }

    private static func sets(_ visit: Visit, _ project: JSONValue) async throws -> JSONValue {
        let input: JSONValue = ["id": project["id"] ?? .null, "page_size": 100]
        let datasets = try await visit.ask("ListCorpusDatasets", input)["results"]?.items ?? []
        let own = try await visit.ask("ListProcessSets", ["id": visit.id, "page_size": 100])["results"]?.items ?? []
        let chosen = visit.refused?.fields.values["sets"] ?? own.compactMap { $0["id"]?.string }
        let shown = datasets.map { dataset in
            dataset.adding(["sets": (dataset["sets"]?.items ?? []).choosing(chosen, by: "id")])
        }
        return ["by_sets": true, "datasets": .array(shown)]
    }
}

extension Form {
    static let changeProcess = Form("/processes/{id}/edit", on: .editProcess) { visit, fields in
        var body = fields.json("name")
        switch fields["from"] {
        case "filter":
            // What was left empty is no filter any more.
            for name in ["element_type", "name_contains", "ml_class"] {
                body = body.adding([name: fields[name].map(JSONValue.string) ?? .null])
            }
            body = body.adding(["load_children": .boolean(fields["load_children"] != nil)])
            if fields["selection"] != nil { body = body.adding(["selection": true, "element": .null]) }
        case "sets": body = body.adding(["dataset_sets": .array((fields.values["sets"] ?? []).map(JSONValue.string))])
        default: break
        }
        _ = try await visit.ask("PartialUpdateProcess", ["id": visit.id, "body": body])
        return Done(location: "/processes/\(visit.path["id"] ?? "")")
    }
}
