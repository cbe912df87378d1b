import Shapes
import Web

extension Page {
    /// What is in a project: its top level, or whatever the filter finds anywhere.
    static let browser = Page("/projects/{id}", "browser", about: .corpus) { visit in
        let filter = ElementFilter(visit)
        async let asked = visit.ask("RetrieveCorpus", ["id": visit.id])
        async let found = filter.found(
            "ListElements", ["corpus": visit.id, "top_level": filter.isDeep ? .null : true, "with_zone": false])
        async let selected = visit.selected(in: visit.id)
        let project = try await asked
        let list = try await found
        let isAdministered = project["rights"]?.items.contains("admin") == true
        return [
            "title": project["name"] ?? .null, "in_projects": true, "project": project,
            "filter": try await filter.bar(project, found: list),
            "list": filter.list(list), "selected": try await selected,
            "deleted": visit.deleted, "may_delete": .boolean(isAdministered),
            "is_contributed": .boolean(project["rights"]?.items.contains("write") == true),
            "is_administered": .boolean(isAdministered),
        ]
    }
}
