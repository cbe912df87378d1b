import Shapes
import Web

extension Page {
    /// The worker runs that have results in a project. The filter bars pick from it.
    static let projectRuns = Page("/projects/{id}/runs", "runs", about: .corpus) { visit in
        let project = try await visit.ask("RetrieveCorpus", ["id": visit.id])
        let answer = try await visit.ask("ListCorpusWorkerRuns", ["id": visit.id, "page": .integer(visit.page), "page_size": 500])
        let runs = (answer["results"]?.items ?? []).map { line($0, in: visit) }
        return [
            "title": .string(visit.shell.word("worker_runs")), "in_projects": true, "project": project, "runs": .array(runs),
            "none": .boolean(runs.isEmpty), "pages": visit.pages(answer),
        ]
    }

    private static func line(_ run: JSONValue, in visit: Visit) -> JSONValue {
        let id = run["id"]?.string ?? ""
        return run.adding([
            "tally": Tally(run["results"], visit.shell).json,
            "show_only": .string(RunPlace.address(of: id, in: visit.path["id"] ?? "", run["results"])),
        ])
    }
}
