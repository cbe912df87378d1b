import Shapes

/// The worker runs of a process drawn from left to right, each after those that it waits for.
struct RunGraph {
    /// Null where no run waits for another: a row of boxes would say nothing.
    let json: JSONValue

    private static let box = (width: 196.0, height: 52.0)
    private static let gap = (across: 56.0, down: 14.0)
    private static let head = 7.0
    /// In which a line goes down to the lane below its row, and up again.
    private static let turn = 40.0
    /// Letters that a box has room for.
    private static let room = 24

    init(_ runs: [JSONValue], _ shell: Shell) {
        let parents = Dictionary(runs.map { ($0["id"]?.string ?? "", ($0["parents"]?.items ?? []).compactMap(\.string)) }) { first, _ in
            first
        }
        guard parents.values.contains(where: { !$0.isEmpty }) else {
            json = .null
            return
        }
        let places = Self.places(of: runs.compactMap { $0["id"]?.string }, parents)
        let labels = Dictionary(runs.map { ($0["id"]?.string ?? "", Self.name(of: $0)) }) { first, _ in first }
        json = [
            "nodes": .array(runs.compactMap { run in places[run["id"]?.string ?? ""].map { Self.node(run, at: $0) } }),
            "edges": .array(
                parents.sorted { $0.key < $1.key }.flatMap { child, above in
                    above.compactMap { parent in
                        places[parent].flatMap { from in places[child].map { Self.edge(from, $0) } }
                    }
                }),
            "view": .string("0 0 \(Self.width(of: places.values)) \(Self.height(of: places.values))"),
            "width": .number(Self.width(of: places.values)), "height": .number(Self.height(of: places.values)),
            "told": .string(Self.told(runs, parents, labels, shell)),
        ]
    }

    private struct Place {
        var column: Int
        var row: Int
        var x: Double { 1 + Double(column) * (box.width + gap.across) }
        var y: Double { 1 + Double(row) * (box.height + gap.down) }
    }

    /// Each run stands one column behind the last of those that it waits for. There are no cycles; if there were, this would end all the same.
    private static func places(of ids: [String], _ parents: [String: [String]]) -> [String: Place] {
        var columns = Dictionary(ids.map { ($0, 0) }) { first, _ in first }
        for _ in ids {
            let before = columns
            for id in ids { columns[id] = (parents[id] ?? []).compactMap { before[$0].map { $0 + 1 } }.max() ?? 0 }
            if columns == before { break }
        }
        var rows: [Int: Int] = [:]
        return Dictionary(
            ids.map { id in
                let column = columns[id] ?? 0
                defer { rows[column, default: 0] += 1 }
                return (id, Place(column: column, row: rows[column, default: 0]))
            }
        ) { first, _ in first }
    }

    private static func node(_ run: JSONValue, at place: Place) -> JSONValue {
        [
            "x": .number(place.x), "y": .number(place.y), "width": .number(box.width), "height": .number(box.height),
            "text_x": .number(place.x + 12), "name_y": .number(place.y + 22), "parts_y": .number(place.y + 40),
            "label": .string(RunLine.label(run).cut(to: room)), "parts": .string(RunLine.parts(run).cut(to: room + 3)),
        ]
    }

    /// A curve with a head; one that passes other columns runs below its own row, so that no box hides it.
    private static func edge(_ from: Place, _ to: Place) -> JSONValue {
        let start = (x: from.x + box.width, y: from.y + box.height / 2)
        let end = (x: to.x - head, y: to.y + box.height / 2)
        let lane = from.y + box.height + gap.down / 2
        let line =
            to.column == from.column + 1
            ? "M\(start.x) \(start.y)\(curve(to: end, from: start))"
            : "M\(start.x) \(start.y)\(curve(to: (start.x + turn, lane), from: start))H\(end.x - turn)"
                + curve(to: end, from: (end.x - turn, lane))
        return ["line": .string(line), "head": .string("M\(end.x) \(end.y - 4)L\(to.x) \(end.y)L\(end.x) \(end.y + 4)Z")]
    }

    private static func curve(to end: (x: Double, y: Double), from start: (x: Double, y: Double)) -> String {
        let middle = (start.x + end.x) / 2
        return "C\(middle) \(start.y) \(middle) \(end.y) \(end.x) \(end.y)"
    }

    private static func width(of places: some Sequence<Place>) -> Double { (places.map(\.x).max() ?? 0) + box.width + 1 }
    private static func height(of places: some Sequence<Place>) -> Double { (places.map(\.y).max() ?? 0) + box.height + gap.down }

    private static func name(of run: JSONValue) -> String {
        let parts = RunLine.parts(run)
        return parts.isEmpty ? RunLine.label(run) : "\(RunLine.label(run)) (\(parts))"
    }

    /// The same in words.
    private static func told(_ runs: [JSONValue], _ parents: [String: [String]], _ labels: [String: String], _ shell: Shell) -> String {
        runs.map { run in
            let id = run["id"]?.string ?? ""
            let above = (parents[id] ?? []).compactMap { labels[$0] }
            return (labels[id] ?? "") + (above.isEmpty ? "" : " \(shell.word("comes_after")) \(above.joined(separator: ", "))")
        }.joined(separator: "; ")
    }
}

extension String {
    /// At most so many letters, the last an ellipsis where there were more.
    fileprivate func cut(to room: Int) -> String { count > room ? prefix(room - 1) + "…" : self }
}
