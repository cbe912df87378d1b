import Shapes
import Web

extension Page {
    /// A process: its worker runs while they can be changed, how far they have come afterwards, and always what is to be done next.
    static let process = Page("/processes/{id}", "process", about: .process) { visit in
        let process = try await visit.ask("RetrieveProcess", ["id": visit.id])
        let runs = try await visit.ask("ListWorkerRuns", ["id": visit.id, "page_size": 500])["results"]?.items ?? []
        let activities = try await visit.ask("ProcessActivityStats", ["id": visit.id]).items
        let sets = try await visit.ask("ListProcessSets", ["id": visit.id, "page_size": 100])["results"]?.items ?? []
        let project = try await visit.askIfAllowed("RetrieveCorpus", ["id": process["corpus"] ?? .null])
        let administers = project["rights"]?.items.contains("admin") == true
        let state = process["state"]
        let isTemplate = process["mode"]?.string == "template"
        let allowed = state?.string == "unstarted" && administers ? try await access(to: runs, visit) : [:]
        let lines = runs.enumerated().map { index, run in
            RunLine(run, at: index, among: runs, access: allowed[run["worker_version"]?["worker"]?["id"]?.string ?? ""], activities, visit)
        }
        return [
            "title": process["name"] ?? .string(visit.shell.word("untitled")), "in_processes": true, "process": process, "project": project,
            "runs": .array(lines.map(\.json)), "no_runs": .boolean(runs.isEmpty), "sets": .array(sets),
            "graph": RunGraph(runs, visit.shell).json, "is_template": .boolean(isTemplate),
            "step": ProcessStep(process, lines, sets, administers: administers, visit.shell).json,
            "can_change": .boolean(state?.string == "unstarted" && administers), "live": .boolean(state.isUnderWay),
            "can_order": .boolean(state?.string == "unstarted" && administers && runs.count > 1),
            "can_stop": .boolean(administers && ["pending", "running"].contains(state?.string)),
            "administers": .boolean(administers), "can_delete": .boolean(administers && !state.isUnderWay),
            "can_keep": .boolean(administers && !isTemplate && !runs.isEmpty),
            "here": .string(visit.here), "any_tasks": .boolean(!(process["tasks"]?.items ?? []).isEmpty),
        ]
    }

    /// What the visitor may do with the workers of runs, by their ids: whoever starts a process needs a level on each.
    private static func access(to runs: [JSONValue], _ visit: Visit) async throws -> [String: RunLine.Access] {
        var found: [String: RunLine.Access] = [:]
        for worker in Set(runs.compactMap { $0["worker_version"]?["worker"]?["id"]?.string }) {
            let rights = try await visit.askIfAllowed("RetrieveWorker", ["id": .string(worker)])["rights"]?.items
            found[worker] = rights.map { $0.contains("write") ? .used : .seen } ?? RunLine.Access.none
        }
        return found
    }
}

/// What somebody who opens a process is to do now.
private struct ProcessStep {
    let json: JSONValue

    init(_ process: JSONValue, _ runs: [RunLine], _ sets: [JSONValue], administers: Bool, _ shell: Shell) {
        let state = process["state"]?.string ?? ""
        let mode = process["mode"]?.string
        let troubled = runs.first { $0.hasTrouble }
        let (word, offer): (String, String?) =
            switch state {
            case "unstarted" where mode == "template": ("next_template", nil)
            case "unstarted" where mode == "local": ("next_local", nil)
            case "unstarted" where !administers: ("next_not_yours", nil)
            case "unstarted" where runs.isEmpty: ("next_no_runs", "add")
            case "unstarted" where runs.contains { $0.needsModel }: ("next_model", "model")
            case "unstarted" where troubled != nil: ("next_trouble", "trouble")
            case "unstarted" where mode == "dataset" && sets.isEmpty: ("next_no_sets", nil)
            case "unstarted": ("next_ready", "start")
            case "failed", "stopped": ("next_\(state)", administers ? "retry" : nil)
            case "completed": ("next_completed", administers ? "retry_quietly" : nil)
            default: ("next_\(state)", nil)
            }
        json =
            ([
                "sentence": .string(shell.word(word)), "shares": .boolean(mode == "workers"),
                "run": runs.first { $0.needsModel }?.json ?? troubled?.json ?? .null,
            ] as JSONValue).adding(offer.map { .object(["offers_\($0)": true]) })
    }
}
