import HummingbirdCore
import Shapes
import Web

extension Page {
    /// The datasets of a project, with their sets.
    static let datasets = Page("/projects/{id}/datasets", "datasets", about: .corpus) { visit in
        let project = try await visit.ask("RetrieveCorpus", ["id": visit.id])
        let named = visit.query("name").map { ["name": .string($0)] as JSONValue }
        let input: JSONValue = ["id": visit.id, "page": .integer(visit.page), "page_size": 50]
        let answer = try await visit.ask("ListCorpusDatasets", input.adding(named))
        let datasets = answer["results"]?.items ?? []
        return [
            "title": .string(visit.shell.word("datasets")), "in_projects": true, "project": project, "datasets": .array(datasets),
            "none": .boolean(datasets.isEmpty && named == nil), "none_found": .boolean(datasets.isEmpty && named != nil),
            "name": .string(visit.query("name") ?? ""), "contributes": .boolean(project["rights"]?.items.contains("write") == true),
            "given_sets": .string(visit.refused?.fields["set_names"] ?? "train\nvalidation\ntest"),
            "pages": visit.pages(answer),
        ]
    }

    /// A dataset: its sets, and what is in one of them.
    static let dataset = Page("/datasets/{id}", "dataset", about: .dataset) { visit in
        let dataset = try await visit.ask("RetrieveDataset", ["id": visit.id])
        let project = try await visit.ask("RetrieveCorpus", ["id": dataset["corpus_id"] ?? .null])
        let sets = (dataset["sets"]?.items ?? []).compactMap { $0["name"]?.string }
        let chosen = visit.query("set").flatMap { sets.contains($0) ? $0 : nil } ?? visit.refused?.fields["set"] ?? sets.first
        let elements = try await chosen.asyncMap { try await content(of: $0, visit) }
        let selected = try await visit.ask("ListSelection", ["corpus": dataset["corpus_id"] ?? .null, "page_size": 1])["count"]?.int ?? 0
        let found = elements?["results"]?.items ?? []
        return [
            "title": dataset["name"] ?? .null, "in_projects": true, "dataset": dataset, "project": project,
            "tabs": .array(sets.map { ["name": .string($0), "query": .string($0.inQuery), "chosen": .boolean($0 == chosen)] }),
            "set": chosen.map(JSONValue.string) ?? .null, "told": visit.made ?? .null,
            "elements": .array(found.map { $0["element"] ?? .null }),
            "no_elements": .boolean(found.isEmpty), "count": .string((elements?["count"]?.int ?? 0).grouped),
            "one": .boolean(elements?["count"]?.int == 1), "selected": .string(selected.grouped), "any_selected": .boolean(selected > 0),
            "contributes": .boolean(project["rights"]?.items.contains("write") == true),
            "administers": .boolean(project["rights"]?.items.contains("admin") == true),
            "pages": ["next": cursor(of: elements).map { .string(visit.address(replacing: ["cursor": $0, "set": chosen])) } ?? .null],
        ]
    }

    private static func content(of set: String, _ visit: Visit) async throws -> JSONValue {
        let place = visit.query("cursor").map { ["cursor": .string($0)] as JSONValue }
        let input: JSONValue = ["id": visit.id, "set": .string(set), "page_size": 50, "with_count": true]
        return try await visit.ask("ListDatasetElements", input.adding(place))
    }

    /// What the address of the next page has as its cursor.
    private static func cursor(of answer: JSONValue?) -> String? {
        (answer?["next"]?.string).flatMap { URI($0).parameters.first { $0.name == "cursor" }?.value }
    }
}

extension Form {
    static let createDataset = Form("/projects/{id}/datasets", on: .datasets) { visit, fields in
        let names = (fields["set_names"] ?? "").split(whereSeparator: \.isNewline).filter { !$0.allSatisfy(\.isWhitespace) }
        let body = fields.json("name", "description").adding([
            "set_names": .array(names.map { .string(String($0)) }), "unique_elements": .boolean(fields["unique_elements"] != nil),
        ])
        let made = try await visit.ask("CreateDataset", ["id": visit.id, "body": body])
        return Done(location: "/datasets/\(made["id"]?.string ?? "")")
    }

    static let destroyDataset = Form("/datasets/{id}/delete", on: .dataset) { visit, _ in
        let dataset = try await visit.ask("RetrieveDataset", ["id": visit.id])
        _ = try await visit.ask("DestroyDataset", ["id": visit.id])
        return Done(location: "/projects/\(dataset["corpus_id"]?.string ?? "")/datasets")
    }

    static let createSet = Form("/datasets/{id}/sets", on: .dataset) { visit, fields in
        let made = try await visit.ask("CreateDatasetSet", ["id": visit.id, "body": fields.json("name")])
        return set(made["name"]?.string, visit)
    }

    /// Puts what is selected in the project into a set, and tells what could not be put there.
    static let fillSet = Form("/datasets/{id}/elements", on: .dataset) { visit, fields in
        let dataset = try await visit.ask("RetrieveDataset", ["id": visit.id])
        let input: JSONValue = ["corpus": dataset["corpus_id"] ?? .null, "page_size": 500]
        var leftOut: [JSONValue] = []
        var number = 1
        var selected: JSONValue
        repeat {
            selected = try await visit.ask("ListSelection", input.adding(["page": .integer(number)]))
            for element in selected["results"]?.items ?? [] {
                let reason = try await put(element, into: fields["set"], visit)
                if let reason { leftOut.append(["element": element, "reason": .string(reason)]) }
            }
            number += 1
        } while selected["next"] != .null
        var done = set(fields["set"], visit)
        if !leftOut.isEmpty { done.made = ["left_out": .array(leftOut)] }
        return done
    }

    /// - Returns: why the element is not put there, where it is in this set or another already.
    private static func put(_ element: JSONValue, into set: String?, _ visit: Visit) async throws -> String? {
        let body: JSONValue = ["element_id": element["id"] ?? .null, "set": .string(set ?? "")]
        do {
            _ = try await visit.ask("CreateDatasetElement", ["id": visit.id, "body": body])
            return nil
        } catch let problem as Problem where problem.items.contains(where: { $0.code == "unique" }) {
            return problem.items.map(\.detail).joined(separator: " ")
        }
    }

    static let emptySet = Form("/datasets/{id}/remove", on: .dataset) { visit, fields in
        let input = fields.json("element", "set").adding(["dataset": visit.id])
        _ = try await visit.ask("DestroyDatasetElement", input)
        return set(fields["set"], visit)
    }

    private static func set(_ name: String?, _ visit: Visit) -> Done {
        Done(location: "/datasets/\(visit.path["id"] ?? "")\(name.map { "?set=\($0.inQuery)" } ?? "")")
    }
}
