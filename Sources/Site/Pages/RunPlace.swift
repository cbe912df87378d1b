import Shapes
import Web

/// A project in which a worker run has results: where they are looked at, and deleted.
struct RunPlace {
    let json: JSONValue

    /// - Parameter isNamed: there are several, or it is not said elsewhere which it is.
    private init(_ project: JSONValue, _ run: String, _ results: JSONValue?, isNamed: Bool) {
        let id = project["id"]?.string ?? ""
        let mayDelete = project["rights"]?.items.contains("admin") == true && Self.total(results) > 0
        json = [
            "project": isNamed ? project : .null, "show_only": .string(Self.address(of: run, in: id, results)),
            "delete": mayDelete ? .string("/projects/\(id)/deletion?worker_run=\(run)") : .null,
        ]
    }

    /// The run's project. One of user worker runs is not of any: those that the visitor sees and that have results of it.
    static func all(of run: JSONValue, _ visit: Visit) async throws -> [RunPlace] {
        let id = run["id"]?.string ?? ""
        let corpus = run["process"]?["corpus"] ?? .null
        if corpus != .null {
            let project = try await visit.askIfAllowed("RetrieveCorpus", ["id": corpus])
            return project == .null ? [] : [RunPlace(project, id, run["results"], isNamed: false)]
        }
        var places: [RunPlace] = []
        for project in try await visit.ask("ListCorpus", ["worker_run": .string(id)]).items {
            // How much is in each is not told; that there are elements tells what is to be looked for.
            let elements = try await visit.ask(
                "ListElements", ["corpus": project["id"] ?? .null, "worker_run": .string(id), "page_size": 1])
            places.append(RunPlace(project, id, ["elements": elements["count"] ?? 0, "results": 1], isNamed: true))
        }
        return places
    }

    /// Shows the elements that it made, or else those that carry what it made.
    static func address(of run: String, in project: String, _ results: JSONValue?) -> String {
        let carrying = results?["elements"]?.int ?? 0 == 0 && total(results) > 0 ? "&carrying=results" : ""
        return "/projects/\(project)?worker_run=\(run)\(carrying)"
    }

    private static func total(_ results: JSONValue?) -> Int { (results?.members ?? [:]).values.compactMap(\.int).reduce(0, +) }
}
