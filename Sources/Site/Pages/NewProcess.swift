import Shapes
import Web

/// What a process is to work on; each has a form of its own.
private enum Choice: String {
    case filter, selection, sets

    init(_ visit: Visit) {
        self = (visit.query("from") ?? visit.refused?.fields["from"]).flatMap(Choice.init) ?? .filter
    }
}

extension Page {
    /// Which elements of a project a process is to work on: by filters, those that are selected, or sets of datasets.
    static let newProcess = Page("/projects/{id}/process", "new_process", about: .corpus) { visit in
        let choice = Choice(visit)
        let project = try await visit.ask("RetrieveCorpus", ["id": visit.id])
        let page: JSONValue = [
            "title": .string(visit.shell.word("new_process")), "in_processes": true, "project": project, "from": .string(choice.rawValue),
            "from_filter": .boolean(choice == .filter), "from_selection": .boolean(choice == .selection),
            "from_sets": .boolean(choice == .sets), "here": .string(visit.here),
            "can_change": .boolean(project["rights"]?.items.contains("admin") == true),
        ]
        return page.adding(choice == .sets ? try await sets(visit) : try await elements(choice, of: project, visit))
    }

    private static func elements(_ choice: Choice, of project: JSONValue, _ visit: Visit) async throws -> JSONValue {
        let element = choice == .filter ? visit.query("element") ?? visit.refused?.fields["element"] : nil
        let within = try await element.asyncMap { try await visit.ask("RetrieveElement", ["id": .string($0)]) }
        let selected =
            choice == .selection ? try await visit.ask("ListSelection", ["corpus": visit.id, "page_size": 1])["count"]?.int ?? 0 : 0
        let classes = try await visit.ask("ListCorpusMLClasses", ["id": visit.id, "page_size": 500])["results"]?.items ?? []
        let type = visit.refused.map { $0.fields["element_type"] } ?? "page"
        return [
            "within": within ?? .null, "selected": .string(selected.grouped), "nothing_selected": .boolean(selected == 0),
            "one_selected": .boolean(selected == 1), "any_classes": .boolean(!classes.isEmpty),
            "types": (project["types"]?.items ?? []).choosing(type, by: "slug"),
            "classes": classes.choosing(visit.refused?.fields["ml_class"], by: "id"),
            "exports": .boolean(visit.refused?.fields["mode"] == "export"),
            "deep": .boolean(visit.refused.map { $0.fields["load_children"] != nil } ?? true),
        ]
    }

    private static func sets(_ visit: Visit) async throws -> JSONValue {
        let datasets = try await visit.ask("ListCorpusDatasets", ["id": visit.id, "page_size": 100])["results"]?.items ?? []
        let models = try await visit.ask("ListModels", ["archived": false, "page_size": 200])["results"]?.items ?? []
        let chosen = visit.refused?.fields.values["sets"] ?? []
        let trainable = models.filter { $0["rights"]?.items.contains("write") == true }
        return [
            "datasets": .array(
                datasets.map { dataset in
                    let isAsked = visit.query("dataset") == dataset["id"]?.string
                    let sets = (dataset["sets"]?.items ?? []).map {
                        $0.adding(["chosen": .boolean(isAsked || chosen.contains($0["id"]?.string ?? ""))])
                    }
                    return dataset.adding(["sets": .array(sets)])
                }),
            "no_datasets": .boolean(datasets.isEmpty),
            "models": trainable.choosing(visit.refused?.fields["model_id"], by: "id"),
        ]
    }
}

extension Form {
    static let createProcess = Form("/projects/{id}/process", on: .newProcess) { visit, fields in
        let made = try await visit.ask("CreateProcess", ["body": body(fields).adding(["corpus": visit.id])])
        return Done(location: "/processes/\(made["id"]?.string ?? "")")
    }

    private static func body(_ fields: Fields) -> JSONValue {
        if fields["from"] == Choice.sets.rawValue {
            let sets = fields.values["sets"] ?? []
            return fields.json("name", "model_id").adding(["mode": "dataset", "dataset_sets": .array(sets.map(JSONValue.string))])
        }
        let filter = fields.json("name", "element_type", "name_contains", "ml_class", "mode")
            .adding(["load_children": .boolean(fields["load_children"] != nil)])
        return fields["from"] == Choice.selection.rawValue ? filter.adding(["selection": true]) : filter.adding(fields.json("element"))
    }
}
