import Shapes
import Web

extension Page {
    /// What the visitor has selected in a project.
    static let selection = Page("/projects/{id}/selection", "selection", about: .corpus) { visit in
        let project = try await visit.ask("RetrieveCorpus", ["id": visit.id])
        let filter = ElementFilter(visit)
        let answer = try await visit.ask(
            "ListSelection", ["corpus": visit.id, "page": .integer(visit.page), "page_size": .integer(ElementFilter.pageSize)])
        return [
            "title": .string(visit.shell.word("selection")), "in_projects": true, "project": project,
            "list": filter.list(answer, asTable: true),
            "none": .boolean((answer["count"]?.int ?? 0) == 0),
        ]
    }
}

extension Visit {
    /// How many elements of a project are selected; nothing where none is.
    func selected(in corpus: JSONValue) async throws -> JSONValue {
        let answer = try await ask("ListSelection", ["corpus": corpus, "page_size": 1, "with_zone": false])
        guard let count = answer["count"]?.int, count > 0 else { return .null }
        return ["count": .string(count.grouped), "one": .boolean(count == 1)]
    }
}

extension Form {
    /// Selects what was ticked, or with `all` everything that was shown.
    static let select = onSelection("") { visit, fields in
        let ids = fields.values[fields["all"] == nil ? "element" : "shown"] ?? []
        guard !ids.isEmpty else {
            guard let back = ownAddress(fields["back"]) else { throw Problem.invalid("element", visit.shell.word("tick_something")) }
            return Done(location: back + (back.contains("?") ? "&" : "?") + "ticked=none")
        }
        _ = try await visit.ask("AddSelection", ["body": ["ids": .array(ids.map(JSONValue.string))]])
        return nil
    }

    /// Takes one element out, or without one all of the project's.
    static let unselect = onSelection("/removal") { visit, fields in
        let what: JSONValue = fields["element"].map { ["id": .string($0)] } ?? ["corpus": visit.id]
        _ = try await visit.ask("RemoveSelection", ["body": what])
        return nil
    }

    static let processSelection = Form("/projects/{id}/selection/process", on: .selection) { visit, fields in
        let made = try await visit.ask("CreateProcess", ["body": fields.json("name").adding(["corpus": visit.id, "selection": true])])
        return Done(location: "/processes/\(made["id"]?.string ?? "")")
    }

    /// Leads back to where the list is, or where `act` says. The project is asked for first: one that is hidden is not found, whatever else was sent.
    private static func onSelection(_ path: String, _ act: @escaping @Sendable (Visit, Fields) async throws -> Done?) -> Form {
        Form("/projects/{id}/selection\(path)", on: .selection) { visit, fields in
            _ = try await visit.ask("RetrieveCorpus", ["id": visit.id])
            if let elsewhere = try await act(visit, fields) { return elsewhere }
            return Done(location: ownAddress(fields["back"]) ?? "/projects/\(visit.path["id"] ?? "")/selection")
        }
    }
}
