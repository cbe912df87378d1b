import HTTPTypes
import Shapes
import Web

extension Page {
    /// A project or its datasets as files: what was exported, and how far the next one is.
    static let exports = Page("/projects/{id}/exports", "exports", about: .corpus) { visit in
        let project = try await visit.ask("RetrieveCorpus", ["id": visit.id])
        let answer = try await visit.ask("ListExports", ["id": visit.id, "page": .integer(visit.page), "page_size": 50])
        let datasets = try await visit.ask("ListCorpusDatasets", ["id": visit.id, "page_size": 200])["results"]?.items ?? []
        let exports = answer["results"]?.items ?? []
        let names = Dictionary(datasets.map { ($0["id"]?.string ?? "", $0["name"] ?? .null) }) { first, _ in first }
        return [
            "title": .string(visit.shell.word("exports")), "in_projects": true, "project": project,
            "exports": .array(exports.map { shown($0, names) }), "none": .boolean(exports.isEmpty),
            "datasets": datasets.choosing(visit.query("dataset"), by: "id"),
            "live": .boolean(exports.contains { ["created", "running"].contains($0["state"]?.string) }),
            "contributes": .boolean(project["rights"]?.items.contains("write") == true),
            "here": .string(visit.here),
            "pages": visit.pages(answer),
        ]
    }

    private static func shown(_ export: JSONValue, _ datasets: [String: JSONValue]) -> JSONValue {
        let isDone = export["state"]?.string == "done"
        return export.adding([
            "size_text": export["size"]?.int.map { .string($0.asBytes) } ?? .null, "of_dataset": .boolean(export["dataset_id"] != .null),
            "dataset_name": export["dataset_id"]?.string.flatMap { datasets[$0] } ?? .null,
            "can_fetch": .boolean(isDone && export["outdated"]?.isTrue != true),
        ])
    }
}

extension Form {
    static let startExport = Form("/projects/{id}/exports", on: .exports) { visit, fields in
        _ = try await visit.ask("StartExport", ["id": visit.id, "body": fields.json("dataset_id")])
        return Done(location: "/projects/\(visit.path["id"] ?? "")/exports")
    }

    /// Leads to the file, whose address is good for a while only.
    static let fetchExport = Form("/projects/{id}/exports/file", on: .exports) { visit, fields in
        let answer = try await visit.api.call(
            "DownloadExport", ["id": .string(fields["export"] ?? "")], by: visit.visitor.caller, in: visit.request, logger: visit.logger)
        return Done(location: answer.headers[.location] ?? "/projects/\(visit.path["id"] ?? "")/exports")
    }
}
