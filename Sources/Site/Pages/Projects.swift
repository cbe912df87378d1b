import Shapes
import Web

extension Page {
    static let projects = Page("/projects", "projects") { visit in
        let wanted = visit.query("name") ?? ""
        let all = try await visit.ask("ListCorpus").items
        let found = all.filter { wanted.isEmpty || $0["name"]?.string?.lowercased().contains(wanted.lowercased()) == true }
        return [
            "title": .string(visit.shell.word("projects")), "in_projects": true, "name": .string(wanted),
            "projects": .array(found), "none": .boolean(all.isEmpty), "none_found": .boolean(found.isEmpty && !all.isEmpty),
        ]
    }
}

extension Form {
    static let createProject = Form("/projects", on: .projects) { visit, fields in
        let made = try await visit.ask("CreateCorpus", ["body": fields.json("name", "description")])
        return Done(location: "/projects/\(made["id"]?.string ?? "")")
    }
}
