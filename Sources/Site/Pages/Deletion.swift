import FoundationEssentials
import Shapes
import Web

extension Page {
    /// What deleting a run's results, everywhere or below one element, would take and leave. Nothing is deleted by looking.
    static let deleteResults = Page("/projects/{id}/deletion", "delete_results", about: .corpus) { visit in
        let project = try await visit.ask("RetrieveCorpus", ["id": visit.id])
        let run = visit.query("worker_run") ?? visit.refused?.fields["worker_run"] ?? ""
        let keeps = visit.query("keep_manual") != "false" && visit.refused?.fields["keep_manual"] != "false"
        let element = visit.query("element") ?? visit.refused?.fields["element"]
        let within = try await element.asyncMap { try await visit.ask("RetrieveElement", ["id": .string($0)]) }
        let body = (["worker_run_id": .string(run), "keep_manual": .boolean(keeps)] as JSONValue)
            .adding(element.map { ["element_id": .string($0)] })
        let preview = try await visit.ask("PreviewWorkerResultsDeletion", ["id": visit.id, "body": body])
        let asked =
            "/projects/\(visit.path["id"] ?? "")/deletion?worker_run=\(run.inQuery)" + (element.map { "&element=\($0.inQuery)" } ?? "")
        let total = Tally(preview["results"], visit.shell).total
        return [
            "title": .string(visit.shell.word("delete_results")), "in_projects": true, "project": project, "preview": preview,
            "worker_run": .string(run), "within": within ?? .null, "keeps": .boolean(keeps),
            "results": Tally(preview["results"], visit.shell).json, "manual": Tally(preview["manual"], visit.shell).json,
            "others": .array(
                (preview["other_runs"]?.items ?? []).map { $0.adding(["tally": Tally($0["results"], visit.shell).json]) }),
            "total": .integer(total), "is_large": .boolean(total >= DeletionForm.large), "nothing": .boolean(total == 0),
            "undoable": .boolean(try await visit.keepsDeletions), "to_keep": .string(asked),
            "to_take": .string("\(asked)&keep_manual=false"),
        ]
    }

    /// The deletions of a project: what can still be undone, and what is being purged.
    static let deletions = Page("/projects/{id}/deletions", "deletions", about: .corpus.administered) { visit in
        let project = try await visit.ask("RetrieveCorpus", ["id": visit.id])
        let answer = try await visit.ask("ListDeletions", ["id": visit.id, "page": .integer(visit.page), "page_size": 50])
        var lines: [JSONValue] = []
        for deletion in answer["results"]?.items ?? [] { lines.append(try await line(deletion, visit)) }
        return [
            "title": .string(visit.shell.word("deletions")), "in_projects": true, "project": project, "deletions": .array(lines),
            "none": .boolean(lines.isEmpty), "every": every(lines),
            "here": .string(visit.address(replacing: [:])), "pages": visit.pages(answer),
        ]
    }

    /// How often the page asks again: what waits changes by the minute only.
    private static func every(_ lines: [JSONValue]) -> JSONValue {
        if lines.contains(where: { ["preparing", "purging"].contains($0["state"]?.string) }) { return "2s" }
        return lines.contains { $0["state"] == "hidden" } ? "30s" : .null
    }

    private static func line(_ deletion: JSONValue, _ visit: Visit) async throws -> JSONValue {
        let state = deletion["state"]?.string
        var job = JSONValue.null
        if ["preparing", "purging"].contains(state), let id = deletion["job"], id != .null {
            job = try await visit.askIfAllowed("RetrieveJob", ["id": id])
        }
        let end = try deletion["undo_until"]?.string.map(time)
        // What is in preparation hides nothing yet, and can be called off at any time.
        let canUndo = state == "preparing" || state == "hidden" && end.map { $0 > Date() } == true
        return deletion.adding([
            "of_runs": .boolean(deletion["worker_runs"]?.items.isEmpty == false),
            "tally": Tally(deletion["counts"]?["results"], visit.shell).json,
            "can_undo": .boolean(canUndo),
            "left": end.map { timeLeft(until: $0, visit.shell) } ?? .null, "progress": job,
        ])
    }
}

extension Page {
    /// How long something can still be undone, in the greatest units that tell it: `23 h 59 min`.
    static func timeLeft(until end: Date, _ shell: Shell, now: Date = Date()) -> JSONValue {
        let minutes = Int(end.timeIntervalSince(now) / 60)
        guard minutes > 0 else { return .string(shell.word("less_than_a_minute")) }
        return .string(minutes < 60 ? "\(minutes)\u{202F}min" : "\(minutes / 60)\u{202F}h \(minutes % 60)\u{202F}min")
    }

    /// A time of the API.
    static func time(_ text: String) throws -> Date {
        try Date(text, strategy: Date.ISO8601FormatStyle(includingFractionalSeconds: text.contains(".")))
    }
}

extension Visit {
    /// Whether what is deleted now can be brought back.
    var keepsDeletions: Bool {
        get async throws { (try await ask("RetrieveEdition")["purge_horizon"]?.int ?? 0) > 0 }
    }

    /// Until when what was just deleted can be brought back, in seconds since 1970: told on the page that its deletion led to.
    var deleted: JSONValue {
        guard let seconds = query("deleted").flatMap(Int.init) else { return .null }
        let end = Date(timeIntervalSince1970: TimeInterval(seconds))
        return ["until": end > Date() ? .string(end.formatted(.iso8601)) : .null]
    }
}

enum DeletionForm {
    /// From this many results on, the number has to be typed.
    static let large = 1000
}

extension Form {
    static let deleteResults = Form("/projects/{id}/deletion", on: .deleteResults) { visit, fields in
        if let total = fields["total"].flatMap(Int.init), total >= DeletionForm.large, fields["typed"].flatMap(Int.init) != total {
            throw Problem.invalid("typed", visit.shell.word("type_the_number"))
        }
        let input = fields.json("token", "keep_manual").adding(["id": visit.id, "worker_run_id": .string(fields["worker_run"] ?? "")])
            .adding(fields["element"].map { ["element_id": .string($0)] })
        _ = try await visit.ask("DestroyWorkerResults", input)
        return Done(location: "/projects/\(visit.path["id"] ?? "")/deletions")
    }

    static let restoreResults = Form("/projects/{id}/deletions", on: .deletions) { visit, fields in
        _ = try await visit.ask("RestoreWorkerResults", ["id": visit.id, "body": fields.json("deletion")])
        return Done(location: "/projects/\(visit.path["id"] ?? "")/deletions")
    }
}

/// Counts by kind, for people: only kinds of which there are any.
struct Tally {
    let total: Int
    let json: JSONValue

    init(_ counts: JSONValue?, _ shell: Shell) {
        let kinds = (counts?.members ?? [:]).mapValues { $0.int ?? 0 }.filter { $0.value > 0 }
        total = kinds.values.reduce(0, +)
        json = [
            "kinds": .array(
                kinds.sorted { $0.key < $1.key }.map { kind, count in
                    ["kind": .string(shell.word(count == 1 ? "one_\(kind)" : kind)), "count": .string(count.grouped)]
                }),
            "total": .string(total.grouped), "any": .boolean(total > 0),
        ]
    }
}
