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
        let above = try await visit.ask("ListElementParents", ["id": visit.id, "recursive": true, "page_size": 100])
        let mayWrite = element["rights"]?.items.contains("write") == true
        let classes = mayWrite ? try await visit.ask("ListCorpusMLClasses", ["id": corpus, "page_size": 100])["results"] : nil
        let isFolder = project["types"]?.items.contains { $0["slug"] == element["type"] && $0["folder"] == true } == true
        let results = try await ElementResults(of: element, visit)
        let zones = try await Picture.zones(on: element, among: children, filter, visit)
        return [
            "title": element["name"] ?? .null, "in_projects": true,
            "element": element.adding(["percent": element["confidence"]?.percent ?? .null]),
            "project": project, "above": above["results"] ?? [], "picture": Picture(of: element, with: zones)?.json ?? .null,
            "filter": try await filter.bar(project), "list": filter.list(children), "selected": try await selected,
            "groups": results.groups, "place": .string("/elements/\(visit.path["id"] ?? "")"), "may_write": .boolean(mayWrite),
            "may_delete": .boolean(project["rights"]?.items.contains("admin") == true), "here_id": visit.id,
            "classes": classes ?? [], "takes_pages": .boolean(mayWrite && isFolder),
            "more_readings": .boolean(results.hasMore), "no_results": .boolean(results.groups.items.isEmpty),
            "holds_anything": .boolean((children["count"]?.int ?? 0) > 0 || !filter.isEmpty),
        ]
    }
}

/// An element's image, cut to what it covers, and its children's outlines on it.
struct Picture {
    let json: JSONValue
    /// In pixels: enough for a column of a wide screen.
    private static let greatestWidth = 1200
    private static let mostZones = 500

    /// What the list below names, and more of it than one page of the list has.
    static func zones(on element: JSONValue, among children: JSONValue, _ filter: ElementFilter, _ visit: Visit) async throws -> JSONValue {
        guard element["zone"]?["image"] != nil, (children["count"]?.int ?? 0) > (children["results"]?.items.count ?? 0) else {
            return children
        }
        let input = filter.input.adding(["id": visit.id, "recursive": .boolean(filter.isDeep), "page": 1, "page_size": .integer(mostZones)])
        return try await visit.ask("ListElementChildren", input)
    }

    init?(of element: JSONValue, with children: JSONValue) {
        guard let zone = element["zone"], let url = zone["url"]?.string, let box = Box(zone["polygon"]) else { return nil }
        let outlines = (children["results"]?.items ?? []).compactMap { child -> JSONValue? in
            guard let polygon = child["zone"]?["polygon"], child["zone"]?["image"]?["id"] == zone["image"]?["id"] else { return nil }
            let points = polygon.items.map { "\($0.items[0].int ?? 0),\($0.items[1].int ?? 0)" }.joined(separator: " ")
            return ["points": .string(points), "id": child["id"] ?? .null, "name": child["name"] ?? .null, "type": child["type"] ?? .null]
        }
        json = [
            "image": zone["image"]?["url"] ?? .null, "image_width": zone["image"]?["width"] ?? .null,
            "image_height": zone["image"]?["height"] ?? .null,
            "source": .string(url.replacing("/full/0/", with: "/\(min(box.width, Self.greatestWidth)),/0/")),
            "whole": .string(url), "width": .integer(box.width), "height": .integer(box.height),
            "view": .string("\(box.left) \(box.top) \(box.width) \(box.height)"), "outlines": .array(outlines),
        ]
    }

    /// The rectangle around a polygon.
    private struct Box {
        let left: Int, top: Int, width: Int, height: Int

        init?(_ polygon: JSONValue?) {
            let points = (polygon?.items ?? []).map { ($0.items.first?.int ?? 0, $0.items.last?.int ?? 0) }
            guard let left = points.map(\.0).min(), let right = points.map(\.0).max(), let top = points.map(\.1).min(),
                let bottom = points.map(\.1).max()
            else { return nil }
            (self.left, self.top, width, height) = (left, top, max(right - left, 1), max(bottom - top, 1))
        }
    }
}
