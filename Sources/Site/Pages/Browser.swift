import Shapes
import Web

extension Page {
    /// What is in a project: its top level, or whatever the filter finds anywhere.
    static let browser = Page("/projects/{id}", "browser", about: .corpus) { visit in
        let project = try await visit.ask("RetrieveCorpus", ["id": visit.id])
        let filter = ElementFilter(visit)
        let runs = try await visit.ask("ListCorpusWorkerRuns", ["id": visit.id, "page_size": 500])
        let input = filter.input.adding(["corpus": visit.id]).adding(filter.isDeep ? nil : ["top_level": true])
        return [
            "title": project["name"] ?? .null, "in_projects": true, "project": project,
            "filter": filter.bar(types: project["types"], runs: runs), "list": filter.list(try await visit.ask("ListElements", input)),
        ]
    }
}
