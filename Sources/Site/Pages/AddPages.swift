import FoundationEssentials
import HTTPTypes
import Shapes
import Web

extension Page {
    /// Where image files become elements.
    static let addPages = Page("/projects/{id}/pages", "add_pages", about: .corpus) { visit in
        let project = try await visit.ask("RetrieveCorpus", ["id": visit.id])
        let wanted = visit.refused?.fields["folder"] ?? visit.made?["folder"]?.string ?? visit.query("folder")
        let folders = try await visit.folders(of: visit.id, with: wanted)
        let types = project["types"]?.items ?? []
        let type = visit.refused?.fields["type"] ?? visit.made?["type"]?.string ?? "page"
        let mayWrite = project["rights"]?.items.contains("write") == true
        let added = visit.made?["pages"] ?? visit.refused?.problem.extra["added"] ?? []
        return [
            "title": .string(visit.shell.word("add_pages")), "in_projects": true, "project": project,
            "types": types.filter { $0["folder"] != true }.choosing(type, by: "slug"), "folders": folders.choosing(wanted, by: "id"),
            "folder_types": .array(types.filter { $0["folder"] == true }),
            "folder": folders.first { $0["id"]?.string == wanted } ?? .null,
            "may_write": .boolean(mayWrite), "may_upload": .boolean(visit.mayUpload),
            "added": added, "any_added": .boolean(!added.items.isEmpty),
        ]
    }
}

extension Form {
    /// One element for each file. A file that is refused is named, and does not keep the others from coming in.
    static let addPages = Form(withFiles: "/projects/{id}/pages", on: .addPages) { visit, fields, files in
        let place = try await PagePlace(fields, visit)
        var added: [JSONValue] = []
        var refused: [Problem.Item] = []
        while let file = try await files.nextFile() {
            do {
                added.append(try await place.add(file, visit))
            } catch let problem as Problem {
                refused += problem.items.map { $0.named(file.name) }
            }
        }
        guard refused.isEmpty else { throw Problem(.badRequest, items: refused, extra: ["added": .array(added)]) }
        guard !added.isEmpty else { throw Problem.invalid("files", visit.shell.word("choose_a_file")) }
        let made: JSONValue = [
            "pages": .array(added), "folder": fields["folder"].map(JSONValue.string) ?? .null, "type": .string(place.type),
        ]
        return Done(location: "", made: made)
    }

    /// A folder for pages, in the project or in another folder.
    static let addFolder = Form("/projects/{id}/folders", on: .addPages) { visit, fields in
        var body = fields.json("name", "type").adding(["corpus": visit.id])
        if let parent = fields["folder"] { body = body.adding(["parent": .string(parent)]) }
        let made = try await visit.ask("CreateElement", ["body": body])
        return Done(location: "/projects/\(visit.path["id"] ?? "")/pages?folder=\(made["id"]?.string ?? "")")
    }
}

/// What pages are made as, and where. It is looked at before the first file is: what cannot become a page is not sent in vain.
private struct PagePlace {
    let corpus: JSONValue
    let type: String
    let folder: JSONValue?

    init(_ fields: Fields, _ visit: Visit) async throws {
        let project = try await visit.ask("RetrieveCorpus", ["id": visit.id])
        guard project["rights"]?.items.contains("write") == true else {
            throw Problem(.forbidden, "permission_denied", visit.shell.word("pages_need_contributors"))
        }
        let types = (project["types"]?.items ?? []).filter { $0["folder"] != true }.compactMap { $0["slug"]?.string }
        guard let type = fields["type"], types.contains(type) else { throw Problem.invalid("type", visit.shell.word("choose_a_type")) }
        self.type = type
        corpus = visit.id
        folder = fields["folder"].map(JSONValue.string)
        guard let folder else { return }
        let element = try await visit.askIfAllowed("RetrieveElement", ["id": folder])
        guard element["corpus"]?["id"]?.string?.lowercased() == corpus.string?.lowercased() else {
            throw Problem.invalid("folder", visit.shell.word("choose_a_folder"))
        }
    }

    /// The same operations as any client's: an image is announced, its file sent to the address that it gives, checked, and put in its place.
    func add(_ file: FormBody.File, _ visit: Visit) async throws -> JSONValue {
        let path = "\(corpus.string ?? "")/\(UUID().uuidString.lowercased())/\(file.name.prefix(1000))"
        let image = try await visit.ask("CreateImage", ["body": ["path": .string(path)]])
        let id = image["id"] ?? .null
        try await visit.send(file.body, to: "UploadImage", of: id.string ?? "", at: image["s3_put_url"]?.string ?? "")
        _ = try await visit.ask("PartialUpdateImage", ["id": id, "body": ["status": "checked"]])
        var element: JSONValue = ["corpus": corpus, "type": .string(type), "name": .string(file.name.title), "image": id]
        if let folder { element = element.adding(["parent": folder]) }
        let made = try await visit.ask("CreateElement", ["body": element])
        return ["id": made["id"] ?? .null, "name": made["name"] ?? .null]
    }
}

extension Problem.Item {
    /// The same, about this file.
    fileprivate func named(_ file: String) -> Problem.Item {
        var item = self
        item.attr = [.key(file)]
        return item
    }
}

extension Visit {
    /// Whether the visitor may bring in images at all; the project's own rights come on top.
    var mayUpload: Bool { user["can_upload_images"] == true || user["is_admin"] == true }

    /// The project's folders to choose from, and one that has been chosen.
    fileprivate func folders(of corpus: JSONValue, with chosen: String?) async throws -> [JSONValue] {
        let found = try await ask(
            "ListElements", ["corpus": corpus, "folder": true, "order": "name", "page_size": 500, "with_zone": false])
        let folders = found["results"]?.items ?? []
        guard let chosen, !folders.contains(where: { $0["id"]?.string == chosen }) else { return folders }
        let element = try await askIfAllowed("RetrieveElement", ["id": .string(chosen)])
        return element["corpus"]?["id"] == corpus ? folders + [element] : folders
    }
}

extension String {
    /// A file's name without its ending, as long as an element's may be.
    fileprivate var title: String {
        let end = lastIndex(of: ".").flatMap { $0 == startIndex ? nil : $0 } ?? endIndex
        return String(self[..<end].unicodeScalars.prefix(250))
    }
}
