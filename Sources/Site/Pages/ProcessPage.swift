import Shapes
import Web

extension Page {
    /// A process: its worker runs while they can be changed, and how far they have come afterwards.
    static let process = Page("/processes/{id}", "process", about: .process) { visit in
        let process = try await visit.ask("RetrieveProcess", ["id": visit.id])
        let runs = try await visit.ask("ListWorkerRuns", ["id": visit.id, "page_size": 500])["results"]?.items ?? []
        let activities = try await visit.ask("ProcessActivityStats", ["id": visit.id]).items
        let state = process["state"]
        let project = try await visit.askIfAllowed("RetrieveCorpus", ["id": process["corpus"] ?? .null])
        let names = Dictionary(runs.map { ($0["id"]?.string ?? "", $0["summary"] ?? .null) }) { first, _ in first }
        return [
            "title": process["name"] ?? .string(visit.shell.word("untitled")), "in_processes": true, "process": process, "project": project,
            "runs": .array(runs.map { RunLine($0, names, activities).json }), "no_runs": .boolean(runs.isEmpty),
            "can_change": .boolean(state?.string == "unstarted"), "live": .boolean(state.isUnderWay),
            "can_stop": .boolean(["pending", "running"].contains(state?.string)),
            "can_retry": .boolean(["completed", "failed", "stopped"].contains(state?.string)),
            "many_chunks": .boolean((process["chunks"]?.int ?? 1) > 1), "here": .string(visit.here),
            "any_tasks": .boolean(!(process["tasks"]?.items ?? []).isEmpty),
        ]
    }
}

/// A worker run in the table of its process.
private struct RunLine {
    let json: JSONValue

    /// - Parameters:
    ///   - names: the summaries of all runs of the process, by id.
    ///   - activities: what the process says of its progress.
    init(_ run: JSONValue, _ names: [String: JSONValue], _ activities: [JSONValue]) {
        let parents = (run["parents"]?.items ?? []).compactMap { $0.string.flatMap { names[$0] } }
        let progress = activities.first { $0["worker_run"]?["id"] == run["id"] }
        json = run.adding([
            "parent_names": .array(parents), "takes_model": .boolean(run["worker_version"]?["model_usage"]?.string != "disabled"),
            "needs_model": .boolean(run["worker_version"]?["model_usage"]?.string == "required" && run["model_version"] == .null),
            "progress": Self.bars(progress),
        ])
    }

    /// Shares of a hundred, for the bar, and numbers for those who read.
    private static func bars(_ progress: JSONValue?) -> JSONValue {
        let states = ["processed", "started", "error", "queued"]
        let counts = states.map { progress?[$0]?.int ?? 0 }
        let total = counts.reduce(0, +)
        guard total > 0 else { return .null }
        var place = 0.0
        let parts = zip(states, counts).map { state, count -> JSONValue in
            let share = Double(count) * 100 / Double(total)
            defer { place += share }
            return ["state": .string(state), "x": .number(place), "width": .number(share), "count": .string(count.grouped)]
        }
        return ["parts": .array(parts), "total": .string(total.grouped)]
    }
}
