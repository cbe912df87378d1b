import Shapes
import Web

extension Page {
    /// Worker runs that are kept to be copied into processes.
    static let templates = Page("/templates", "templates") { visit in
        let found = try await templates(visit)
        return [
            "title": .string(visit.shell.word("templates")), "in_processes": true, "templates": found["results"] ?? [],
            "none": .boolean((found["results"]?.items ?? []).isEmpty), "name": .string(visit.query("name") ?? ""),
            "pages": visit.pages(found),
        ]
    }

    /// Which template's worker runs are to be copied into a process; afterwards, what was left out.
    static let applyTemplate = Page("/processes/{id}/template", "apply_template", about: .process) { visit in
        let process = try await visit.ask("RetrieveProcess", ["id": visit.id])
        let found = try await templates(visit)
        var shown: [JSONValue] = []
        for template in found["results"]?.items ?? [] where visit.made == nil {
            let runs = try await visit.ask("ListWorkerRuns", ["id": template["id"] ?? .null, "page_size": 50])
            shown.append(template.adding(["runs": runs["results"] ?? []]))
        }
        let administers = try await visit.administers(process["corpus"] ?? .null)
        return [
            "title": .string(visit.shell.word("apply_template")), "in_processes": true, "process": process, "templates": .array(shown),
            "none": .boolean(shown.isEmpty), "name": .string(visit.query("name") ?? ""), "told": visit.made ?? .null,
            "pages": visit.pages(found),
            "can_change": .boolean(process["state"]?.string == "unstarted" && administers),
        ]
    }

    private static func templates(_ visit: Visit) async throws -> JSONValue {
        let named = visit.query("name").map { ["name": .string($0)] as JSONValue }
        return try await visit.ask(
            "ListProcesses", (["mode": "template", "page": .integer(visit.page), "page_size": 20] as JSONValue).adding(named))
    }
}

extension Form {
    static let keepTemplate = Form("/processes/{id}/keep", on: .process) { visit, fields in
        let made = try await visit.ask("CreateProcessTemplate", ["id": visit.id, "body": fields.json("name")])
        return Done(location: "/processes/\(made["id"]?.string ?? "")")
    }

    /// What could not be copied is shown before going on.
    static let applyTemplate = Form("/processes/{id}/template", on: .applyTemplate) { visit, fields in
        let answer = try await visit.ask("ApplyProcessTemplate", ["id": visit.id, "body": fields.json("template_id")])
        let process = "/processes/\(visit.path["id"] ?? "")"
        let leftOut = answer["left_out"]?.items ?? []
        if leftOut.isEmpty { return Done(location: process) }
        return Done(
            location: process,
            made: ["copied": .integer((answer["worker_runs"]?.items ?? []).count), "left_out": .array(leftOut), "onward": .string(process)])
    }
}
