import HTTPTypes
import Shapes
import Web

/// What the filter bar says, which is what the page's address says.
struct ElementFilter: Sendable {
    private let visit: Visit
    static let pageSize = 100

    init(_ visit: Visit) {
        self.visit = visit
    }

    /// Those that always are in the bar, and those that are there when more is wanted.
    private static let first = ["name", "type", "worker_run"]
    private static let further = ["by", "ml_class", "metadata_name", "metadata_value", "confidence"]
    private static let arrangement = ["within", "order"]
    /// What is meant by the run: what it made, or else what carries something of it.
    private static let meanings = ["results": "results_of", "text": "transcription_worker_run"]

    /// Whether anything narrows the list.
    var isEmpty: Bool { (Self.first + Self.further).allSatisfy { visit.query($0) == nil } }

    /// Whether the whole bar is shown.
    private var isWhole: Bool { (Self.further + Self.arrangement + ["more"]).contains { visit.query($0) != nil } }

    /// For `ListElements` and `ListElementChildren`.
    var input: JSONValue {
        var members: [String: JSONValue] = ["page_size": .integer(Self.pageSize), "page": .integer(visit.page), "with_has_children": true]
        for name in ["name", "type", "ml_class", "metadata_name", "metadata_value", "order"] {
            members[name] = visit.query(name).map(JSONValue.string)
        }
        // People say 80 where the API says 0.8; what is no number is told by the operation.
        members["confidence"] = visit.query("confidence").map { text in Double(text).map { .number($0 / 100) } ?? .string(text) }
        if let run = visit.query("worker_run") {
            members[visit.query("carrying").flatMap { Self.meanings[$0] } ?? "worker_run"] = .string(run)
        }
        if members["worker_run"] == nil, let by = visit.query("by") { members["worker_run"] = .string(by == "hand" ? "False" : "True") }
        return .object(members)
    }

    /// Whether everything below is wanted, not only what is directly there: said, or else when something is looked for.
    var isDeep: Bool { visit.query("within").map { $0 == "all" } ?? !isEmpty }

    var view: String { visit.query("view") == "list" ? "list" : "grid" }
}

// MARK: The bar

extension ElementFilter {
    /// What the bar shows. The runs to pick from come when somebody is about to: there may be many.
    /// - Parameters:
    ///   - project: whose types can be picked, and classes where the whole bar is shown.
    ///   - found: what fits the filter.
    func bar(_ project: JSONValue, found: JSONValue) async throws -> JSONValue {
        let classes =
            isWhole
            ? try await visit.ask("ListCorpusMLClasses", ["id": project["id"] ?? .null, "page_size": 500])["results"]?.items ?? [] : []
        let types = project["types"]?.items ?? []
        return [
            "action": .string(visit.here), "given": .object(given), "types": types.choosing(visit.query("type"), by: "slug"),
            "classes": classes.choosing(visit.query("ml_class"), by: "id"),
            "all_runs": .string("/projects/\(project["id"]?.string ?? "")/runs"),
            "whole": .boolean(isWhole),
            "carrying": choice("carrying"), "by": choice("by"), "within": choice("within"), "order": choice("order"),
            "list": .boolean(view == "list"), "to_grid": .string(visit.address(replacing: ["view": nil])),
            "to_list": .string(visit.address(replacing: ["view": "list"])), "filtered": .boolean(!isEmpty),
            "clear": .string(view == "list" ? "\(visit.here)?view=list" : visit.here),
            "chips": .array(chips(types: types, classes: classes, run: try await summary(found))),
        ]
    }

    private var given: [String: JSONValue] {
        Dictionary((Self.first + Self.further).map { ($0, visit.query($0).map(JSONValue.string) ?? .null) }) { first, _ in first }
    }

    /// Which word of a menu is chosen, as a name that a template can ask for.
    private func choice(_ name: String) -> JSONValue {
        visit.query(name).map { [$0: true] } ?? .null
    }

    /// That of the run which is looked for; nothing where it is not to be seen, or no run at all, which the list will tell. Nearly always
    /// what was found bears it.
    private func summary(_ found: JSONValue) async throws -> String? {
        guard let run = visit.query("worker_run") else { return nil }
        if let maker = found["results"]?.items.first?["worker_run"], maker["id"]?.string == run { return maker["summary"]?.string }
        do {
            return try await visit.ask("RetrieveWorkerRun", ["id": .string(run)])["summary"]?.string
        } catch let problem as Problem where [.badRequest, .forbidden, .notFound].contains(problem.status) {
            return nil
        }
    }

    /// What narrows the list, in words, each with the address where it does not.
    private func chips(types: [JSONValue], classes: [JSONValue], run: String?) -> [JSONValue] {
        (Self.first + Self.further).compactMap { (name: String) -> JSONValue? in
            guard let value = visit.query(name) else { return nil }
            let words: String? =
                switch name {
                case "type": types.first { $0["slug"]?.string == value }?["display_name"]?.string
                case "ml_class": classes.first { $0["id"]?.string == value }?["name"]?.string
                case "worker_run": run
                case "by": visit.shell.word(value == "hand" ? "by_hand" : "by_machine")
                case "confidence": "\(value)\u{202F}%"
                default: nil
                }
            return chip(name, value, words)
        }
    }

    private func chip(_ name: String, _ value: String, _ words: String?) -> JSONValue {
        let isRun = name == "worker_run"
        let label =
            isRun
            ? visit.query("carrying").map { "carrying_\($0)" } ?? "made_by"
            : ["by": "made_by", "confidence": "confidence_from"][name] ?? name
        var without: [String: String?] = [name: nil, "page": nil]
        if isRun { without["carrying"] = .some(nil) }
        return [
            "label": .string(visit.shell.word(label)), "value": .string(words ?? value),
            "without": .string(visit.address(replacing: without)), "run": isRun && words != nil ? .string(value) : .null,
        ]
    }
}

// MARK: What it finds

extension ElementFilter {
    /// A page of what an operation lists; what it holds against the filter is told in the list's place.
    func found(_ operation: String, _ more: JSONValue) async throws -> JSONValue {
        do {
            return try await visit.ask(operation, input.adding(more))
        } catch let problem as Problem where problem.status == .badRequest && !isEmpty {
            return ["count": 0, "results": [], "problem": problem.page(visit.shell)]
        }
    }

    /// A page of elements with the way to the next and the one before: as a table, or else as a grid.
    func list(_ answer: JSONValue, asTable: Bool? = nil) -> JSONValue {
        let count = answer["count"]?.int ?? 0
        let first = (visit.page - 1) * Self.pageSize
        let found = answer["results"]?.items ?? []
        let isTable = asTable ?? (view == "list")
        return [
            "elements": isTable ? .array(found.map(Self.line)) : .null,
            "cards": isTable ? .null : .string(Cards(found, visit.shell).html), "any": .boolean(!found.isEmpty),
            "count": .string(count.grouped), "one": .boolean(count == 1),
            "first": .string((first + 1).grouped), "last": .string((first + found.count).grouped), "problem": answer["problem"] ?? .null,
            "several_pages": .boolean(count > Self.pageSize), "as_list": .boolean(isTable),
            "back": .string(visit.address(replacing: [:])),
            "next": first + found.count < count ? .string(visit.address(replacing: ["page": "\(visit.page + 1)"])) : .null,
            "previous": visit.page > 1
                ? .string(visit.address(replacing: ["page": visit.page == 2 ? nil : "\(visit.page - 1)"])) : .null,
        ]
    }

    private static func line(_ element: JSONValue) -> JSONValue {
        element.adding(["by_machine": element["worker_run"] ?? .null, "percent": element["confidence"]?.percent ?? .null])
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
