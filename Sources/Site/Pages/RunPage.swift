import Shapes
import Web

extension Page {
    /// A worker run: what it was made of, and what it made. Also as a dialog over whatever page names it.
    static let run = Page("/runs/{id}", "run", dialog: "run_dialog", about: .workerRun) { visit in
        let run = try await visit.ask("RetrieveWorkerRun", ["id": visit.id])
        let version = try await visit.askIfAllowed("RetrieveWorkerVersion", ["id": run["worker_version"]?["id"] ?? .null])
        let values = try await visit.ask("RetrieveWorkerRunConfiguration", ["id": visit.id])["configuration"]?.items ?? []
        let corpus = run["process"]?["corpus"] ?? .null
        let project = corpus == .null ? .null : try await visit.askIfAllowed("RetrieveCorpus", ["id": corpus])
        let results = (run["results"]?.members ?? [:]).values.compactMap(\.int).reduce(0, +)
        return [
            "title": run["summary"] ?? .null, "run": run, "values": .array(values.map { compared($0, version["default_configuration"]) }),
            "any_values": .boolean(!values.isEmpty), "counts": .array(counts(run, visit.shell)),
            "show_only": corpus == .null ? .null : .string("/projects/\(corpus.string ?? "")?worker_run=\(visit.path["id"] ?? "")"),
            "delete": project["rights"]?.items.contains("admin") == true && results > 0
                ? .string("/projects/\(corpus.string ?? "")/deletion?worker_run=\(visit.path["id"] ?? "")") : .null,
        ]
    }

    private static func counts(_ run: JSONValue, _ shell: Shell) -> [JSONValue] {
        (run["results"]?.members ?? [:]).sorted { $0.key < $1.key }.map { kind, count in
            ["kind": .string(shell.word(kind)), "count": .string((count.int ?? 0).grouped)]
        }
    }

    /// A value beside the default of its field. Children of groups are called `group.child`.
    static func compared(_ item: JSONValue, _ defaults: JSONValue?) -> JSONValue {
        let usual = (item["key"]?.string ?? "").split(separator: ".").reduce(defaults) { $0?[String($1)] } ?? .null
        let value = item["value"] ?? .null
        return [
            "key": item["key"] ?? .null, "value": .string(value.forPeople), "usual": .string(usual.forPeople),
            "differs": .boolean(value != usual && !(item["secret"]?.isTrue ?? false)),
        ]
    }
}

extension JSONValue {
    /// A value as people write it.
    var forPeople: String {
        switch self {
        case .null, .string(""): "–"
        case .string(let text): text
        case .array(let items): items.map(\.forPeople).joined(separator: ", ")
        default: text
        }
    }
}
