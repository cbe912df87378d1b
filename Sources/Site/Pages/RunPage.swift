import Shapes
import Web

extension Page {
    /// A worker run: what it was made of, and what it made. Also as a dialog over whatever page names it.
    static let run = Page("/runs/{id}", "run", dialog: "run_dialog", about: .workerRun) { visit in
        let run = try await visit.ask("RetrieveWorkerRun", ["id": visit.id])
        let version = try await visit.askIfAllowed("RetrieveWorkerVersion", ["id": run["worker_version"]?["id"] ?? .null])
        // Whoever reads a result is told by which run it was made; what that was set to, only those who have access to its worker.
        let effective = try await visit.askIfAllowed("RetrieveWorkerRunConfiguration", ["id": visit.id])
        let values = effective["configuration"]?.items ?? []
        return [
            "title": run["summary"] ?? .null, "run": run, "values": .array(values.map { compared($0, version["default_configuration"]) }),
            "any_values": .boolean(!values.isEmpty), "hides_values": .boolean(effective == .null),
            "counts": .array(counts(run, visit.shell)), "places": .array(try await RunPlace.all(of: run, visit).map(\.json)),
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
