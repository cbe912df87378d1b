import Shapes
import Web

extension Page {
    /// An element: its image with what was found on it, what it holds, and every result by who made it.
    static let element = Page("/elements/{id}", "element", about: .element) { visit in
        let element = try await visit.ask("RetrieveElement", ["id": visit.id])
        let corpus = element["corpus"]?["id"] ?? .null
        let filter = ElementFilter(visit)
        async let selected = visit.selected(in: corpus)
        let project = try await visit.ask("RetrieveCorpus", ["id": corpus])
        let children = try await filter.found("ListElementChildren", ["id": visit.id, "recursive": .boolean(filter.isDeep)])
        // One way for each element that it is in: the first is shown whole, of the others where they end.
        let ways = try await visit.ask("ListElementNeighbors", ["id": visit.id]).items.map { $0["path"]?.items ?? [] }
        let also = ways.dropFirst().compactMap(\.last)
        let mayWrite = element["rights"]?.items.contains("write") == true
        let classes = mayWrite ? try await visit.ask("ListCorpusMLClasses", ["id": corpus, "page_size": 100])["results"] : nil
        let isFolder = project["types"]?.items.contains { $0["slug"] == element["type"] && $0["folder"] == true } == true
        let drafts = Drafts(visit)
        let results = try await ElementResults(of: element, drafts, visit)
        let isPlaced = mayWrite && (drafts.adding["refused"]?.isTrue == true || results.hasRefused)
        let zones = try await Picture.zones(on: element, among: children, filter, visit)
        let content: JSONValue = [
            "title": element["name"] ?? .null, "in_projects": true,
            "element": element.adding(["percent": element["confidence"]?.percent ?? .null]),
            "project": project, "above": .array(ways.first ?? []), "also": .array(also), "any_also": .boolean(!also.isEmpty),
            "picture": Picture(of: element, with: zones)?.json ?? .null,
            "filter": try await filter.bar(project, found: children), "list": filter.list(children), "selected": try await selected,
            "groups": results.groups, "adding": drafts.adding, "refusal_is_placed": .boolean(isPlaced),
            "place": .string("/elements/\(visit.path["id"] ?? "")"), "may_write": .boolean(mayWrite),
            "may_delete": .boolean(project["rights"]?.items.contains("admin") == true), "here_id": visit.id, "deleted": visit.deleted,
            "classes": classes ?? [], "takes_pages": .boolean(mayWrite && isFolder),
            "more_readings": .boolean(results.hasMore), "no_results": .boolean(results.groups.items.isEmpty),
            "holds_anything": .boolean((children["count"]?.int ?? 0) > 0 || !filter.isEmpty || isFolder), "is_folder": .boolean(isFolder),
        ]
        return content.adding(isPlaced ? nil : visit.refused?.fields.toCopy)
    }
}
