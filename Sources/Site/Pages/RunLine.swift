import Shapes
import Web

/// A worker run among those of its process.
struct RunLine {
    let json: JSONValue
    /// What somebody may do with a worker.
    enum Access {
        case none, seen, used
    }

    /// It cannot start before a model is chosen.
    let needsModel: Bool
    /// Something that it is made of can no longer be used.
    let hasTrouble: Bool

    /// - Parameters:
    ///   - index: its place in the process, by which refusals name it.
    ///   - runs: all of the process.
    ///   - access: whether the visitor may run its worker, and sees it; asked of runs that have not been started.
    ///   - activities: what the process says of its progress.
    init(_ run: JSONValue, at index: Int, among runs: [JSONValue], access: Access?, _ activities: [JSONValue], _ visit: Visit) {
        let isOpen = run["process"]?["state"]?.string == "unstarted"
        let usage = run["worker_version"]?["model_usage"]?.string
        let parents = run["parents"]?.items ?? []
        let refused = visit.refused.map { Self.reasons(in: $0.problem, at: index) } ?? []
        let troubles = isOpen ? Self.troubles(run, access, visit.shell) : []
        needsModel = isOpen && usage == "required" && run["model_version"] == .null
        hasTrouble = !troubles.isEmpty
        json = run.adding([
            "label": .string(Self.label(run)), "takes_model": .boolean(usage != "disabled"), "sees_worker": .boolean(access != Access.none),
            "needs_model": .boolean(needsModel),
            "model_label": run["model_version"].flatMap { Self.label(ofModelVersion: $0) }.map(JSONValue.string) ?? .null,
            "parent_runs": .array(
                runs.filter { parents.contains($0["id"] ?? .null) }.map {
                    ["id": $0["id"] ?? .null, "label": .string(Self.label($0)), "parts": .string(Self.parts($0))]
                }),
            "reasons": .array((refused.isEmpty ? troubles : refused).map(JSONValue.string)),
            "progress": Self.bars(activities.first { $0["worker_run"]?["id"] == run["id"] }, visit.shell),
        ])
    }

    /// Worker and version.
    static func label(_ run: JSONValue) -> String {
        let version = run["worker_version"]
        let number = version?["version"]?.int.map(String.init) ?? String((version?["id"]?.string ?? "").prefix(6))
        return "\(version?["worker"]?["name"]?.string ?? "") @ \(number)"
    }

    /// Model and configuration, which tell runs of one version apart.
    static func parts(_ run: JSONValue) -> String {
        [run["model_version"]?["model"]?["name"]?.string, run["configuration"]?["name"]?.string].compactMap(\.self).joined(separator: " · ")
    }

    static func label(ofModelVersion version: JSONValue) -> String? {
        guard let id = version["id"]?.string else { return nil }
        let name = version["tag"]?.string ?? String(id.prefix(6))
        return version["model"]?["name"]?.string.map { "\($0) @ \(name)" } ?? name
    }

    /// Why the process did not start, as far as it is this run's fault.
    private static func reasons(in problem: Problem, at index: Int) -> [String] {
        problem.items.filter { $0.attr?.starts(with: [.key("worker_runs"), .index(index)]) == true }.map(\.detail)
    }

    /// What has become of its parts since they were chosen.
    private static func troubles(_ run: JSONValue, _ access: Access?, _ shell: Shell) -> [String] {
        let model = run["model_version"]
        return [
            (access != nil && access != .used, "trouble_worker"),
            (run["worker_version"]?["state"]?.string != "available", "trouble_version"),
            (model != .null && model?["state"]?.string != "available", "trouble_model"),
            (run["configuration"]?["archived"]?.isTrue == true, "trouble_configuration"),
        ].filter(\.0).map { shell.word($0.1) }
    }

    /// Shares of a hundred, for the bar, and numbers for those who read.
    private static func bars(_ progress: JSONValue?, _ shell: Shell) -> JSONValue {
        let states = ["processed", "started", "error", "queued"]
        let counts = states.map { progress?[$0]?.int ?? 0 }
        let total = counts.reduce(0, +)
        guard total > 0 else { return .null }
        var place = 0.0
        let parts = zip(states, counts).filter { $0.1 > 0 }.map { state, count -> JSONValue in
            let share = Double(count) * 100 / Double(total)
            defer { place += share }
            return [
                "state": .string(state), "x": .number(place), "width": .number(share), "count": .string(count.grouped),
                "word": .string(shell.word("activity_\(state)")),
            ]
        }
        return ["parts": .array(parts), "total": .string(total.grouped), "one": .boolean(total == 1)]
    }
}
