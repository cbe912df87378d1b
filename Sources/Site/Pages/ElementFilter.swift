import Shapes

/// What the filter bar says, which is what the page's address says.
struct ElementFilter: Sendable {
    private let visit: Visit
    static let pageSize = 60

    init(_ visit: Visit) {
        self.visit = visit
    }

    private static let texts = ["type", "name"]
    private static let runs = ["worker_run", "transcription_worker_run"]

    /// Whether anything narrows the list.
    var isEmpty: Bool { (Self.texts + Self.runs).allSatisfy { visit.query($0) == nil } }

    /// For `ListElements` and `ListElementChildren`.
    var input: JSONValue {
        var members: [String: JSONValue] = ["page_size": .integer(Self.pageSize), "page": .integer(visit.page), "with_has_children": true]
        for name in Self.texts + Self.runs { members[name] = visit.query(name).map(JSONValue.string) }
        members["order"] = visit.query("order").map(JSONValue.string)
        return .object(members)
    }

    /// Whether everything below is wanted, not only what is directly there: said, or else when something is looked for.
    var isDeep: Bool { visit.query("within").map { $0 == "all" } ?? !isEmpty }

    /// What the bar shows.
    /// - Parameters:
    ///   - types: of the project.
    ///   - runs: that have results in it.
    func bar(types: JSONValue?, runs: JSONValue) -> JSONValue {
        let type = visit.query("type")
        return [
            "action": .string(visit.here), "name": .string(visit.query("name") ?? ""),
            "worker_run": .string(visit.query("worker_run") ?? ""),
            "transcription_worker_run": .string(visit.query("transcription_worker_run") ?? ""),
            "types": .array((types?.items ?? []).map { $0.adding(["chosen": .boolean($0["slug"]?.string == type)]) }),
            "runs": .array((runs["results"]?.items ?? []).map(Self.option)), "only_here": .boolean(visit.query("within") == "here"),
            "everywhere": .boolean(visit.query("within") == "all"),
            "by_name": .boolean(visit.query("order") == "name"), "list": .boolean(view == "list"),
            "to_grid": .string(visit.address(replacing: ["view": nil])), "to_list": .string(visit.address(replacing: ["view": "list"])),
            "filtered": .boolean(!isEmpty), "clear": .string(visit.here),
        ]
    }

    private var view: String { visit.query("view") ?? "grid" }

    /// A run to pick: its summary, and how much it made.
    private static func option(_ run: JSONValue) -> JSONValue {
        let made = (run["results"]?.members ?? [:]).values.compactMap(\.int).reduce(0, +)
        return ["id": run["id"] ?? .null, "summary": run["summary"] ?? .null, "made": .string(made.grouped)]
    }

    /// A page of elements with the way to the next and the one before.
    func list(_ answer: JSONValue) -> JSONValue {
        let count = answer["count"]?.int ?? 0
        let first = (visit.page - 1) * Self.pageSize
        let cards = (answer["results"]?.items ?? []).map(Self.card)
        return [
            "elements": .array(cards), "any": .boolean(!cards.isEmpty), "count": .string(count.grouped), "one": .boolean(count == 1),
            "first": .string((first + 1).grouped), "last": .string((first + cards.count).grouped),
            "several_pages": .boolean(count > Self.pageSize), "as_list": .boolean(view == "list"),
            "next": first + cards.count < count ? .string(visit.address(replacing: ["page": "\(visit.page + 1)"])) : .null,
            "previous": visit.page > 1
                ? .string(visit.address(replacing: ["page": visit.page == 2 ? nil : "\(visit.page - 1)"])) : .null,
        ]
    }

    private static func card(_ element: JSONValue) -> JSONValue {
        element.adding([
            "thumbnail": element["zone"] == .null ? .null : element["thumbnail_url"] ?? .null,
            "by_machine": element["worker_run"] ?? .null, "percent": element["confidence"]?.percent ?? .null,
        ])
    }
}

extension Int {
    /// With thin spaces between thousands.
    var grouped: String {
        var digits = String(magnitude)
        for place in stride(from: digits.count - 3, to: 0, by: -3) {
            digits.insert("\u{202F}", at: digits.index(digits.startIndex, offsetBy: place))
        }
        return (self < 0 ? "−" : "") + digits
    }
}

extension JSONValue {
    /// A confidence for people: `97 %`.
    var percent: JSONValue? {
        double.map { .string("\(Int(($0 * 100).rounded()))\u{202F}%") }
    }
}
