import Shapes
import Web

extension Page {
    /// Which runs of its process a worker run waits for.
    static let orderRun = Page("/worker-runs/{id}/parents", "order_run", dialog: "order_run_dialog", about: .workerRun) { visit in
        let run = try await visit.ask("RetrieveWorkerRun", ["id": visit.id])
        let process = run["process"]?["id"] ?? .null
        let all = try await visit.ask("ListWorkerRuns", ["id": process, "page_size": 500])["results"]?.items ?? []
        let parents = visit.refused?.fields.values["parent"]?.map(JSONValue.string) ?? run["parents"]?.items ?? []
        let others = all.filter { $0["id"] != run["id"] }.map { other in
            other.adding([
                "label": .string(RunLine.label(other)), "parts": .string(RunLine.parts(other)),
                "chosen": .boolean(parents.contains(other["id"] ?? .null)),
            ])
        }
        return [
            "title": .string(visit.shell.word("what_comes_first")), "in_processes": true, "run": run, "label": .string(RunLine.label(run)),
            "others": .array(others), "no_others": .boolean(others.isEmpty), "can_change": .boolean(try await visit.mayChange(run)),
        ]
    }
}

extension Form {
    static let orderRun = Form("/worker-runs/{id}/parents", on: .orderRun) { visit, fields in
        let parents = fields.values["parent"] ?? []
        let body: JSONValue = ["parents": .array(parents.map(JSONValue.string))]
        return .run(try await visit.ask("PartialUpdateWorkerRun", ["id": visit.id, "body": body]))
    }
}
