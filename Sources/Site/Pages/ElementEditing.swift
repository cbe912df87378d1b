import FoundationEssentials
import Shapes
import Web

extension Page {
    /// Where an element is renamed, gets zones, is moved and deleted.
    static let editElement = Page("/elements/{id}/edit", "edit_element", about: .element) { visit in
        let element = try await visit.ask("RetrieveElement", ["id": visit.id])
        let corpus = element["corpus"]?["id"] ?? .null
        let project = try await visit.ask("RetrieveCorpus", ["id": corpus])
        let parents = try await visit.ask("ListElementParents", ["id": visit.id, "page_size": 100])
        let folders = try await visit.ask(
            "ListElements", ["corpus": corpus, "folder": true, "order": "name", "page_size": 500, "with_zone": false])
        let types = project["types"]?.items ?? []
        return [
            "title": element["name"] ?? .null, "in_projects": true, "element": element, "project": project,
            "may_write": .boolean(element["rights"]?.items.contains("write") == true),
            "types": types.choosing(element["type"]?.string, by: "slug"),
            "zone_types": types.choosing(visit.refused?.fields["zone_type"] ?? "text_line", by: "slug"),
            "parents": parents["results"] ?? [],
            "undoable": .boolean(try await visit.keepsDeletions),
            "several_parents": .boolean((parents["count"]?.int ?? 0) > 1),
            "folders": .array((folders["results"]?.items ?? []).filter { $0["id"] != element["id"] }),
        ]
    }
}

// MARK: The element

extension Form {
    static let changeElement = Form("/elements/{id}/edit", on: .editElement) { visit, fields in
        _ = try await visit.ask("PartialUpdateElement", ["id": visit.id, "body": fields.json("name", "type")])
        return .element(visit)
    }

    /// A rectangle on the image that the element is on.
    static let addZone = Form("/elements/{id}/zones", on: .editElement) { visit, fields in
        let element = try await visit.ask("RetrieveElement", ["id": visit.id])
        guard let image = element["zone"]?["image"]?["id"] else { throw Problem.invalid("zone", visit.shell.word("no_image_for_zones")) }
        var body = fields.json("zone_name", "zone_type").members
        let sides = try ["left", "top", "wide", "high"].map { name in
            guard let number = fields[name].flatMap(Int.init), number >= (["left", "top"].contains(name) ? 0 : 1) else {
                throw Problem.invalid(name, visit.shell.word("whole_pixels"))
            }
            return number
        }
        let (left, top, right, bottom) = (sides[0], sides[1], sides[0] + sides[2], sides[1] + sides[3])
        body["name"] = body.removeValue(forKey: "zone_name")
        body["type"] = body.removeValue(forKey: "zone_type")
        body["corpus"] = element["corpus"]?["id"]
        body["parent"] = visit.id
        body["image"] = image
        body["polygon"] = [
            [.integer(left), .integer(top)], [.integer(right), .integer(top)], [.integer(right), .integer(bottom)],
            [.integer(left), .integer(bottom)],
        ]
        _ = try await visit.ask("CreateElement", ["body": .object(body)])
        return .element(visit)
    }

    static let moveElement = Form("/elements/{id}/move", on: .editElement) { visit, fields in
        _ = try await visit.ask("MoveElement", ["id": visit.id, "body": fields.json("from", "to")])
        return .element(visit)
    }

    static let destroyElement = Form("/elements/{id}/removal", on: .editElement) { visit, _ in
        let element = try await visit.ask("RetrieveElement", ["id": visit.id])
        let parent = try await visit.ask("ListElementParents", ["id": visit.id, "page_size": 1])["results"]?.items.first?["id"]?.string
        let until = try await visit.ask("DestroyElement", ["id": visit.id])["undo_until"]?.string.map(Page.time) ?? Date()
        let place = parent.map { "/elements/\($0)" } ?? "/projects/\(element["corpus"]?["id"]?.string ?? "")"
        return Done(location: "\(place)?deleted=\(Int(until.timeIntervalSince1970))")
    }
}

// MARK: What is said of it

extension Form {
    static let addTranscription = onElement("transcriptions") { visit, fields in
        _ = try await visit.ask("CreateTranscription", ["id": visit.id, "body": fields.json("text", "orientation")])
    }
    static let changeTranscription = onElement("transcriptions/change") { visit, fields in
        let id = JSONValue.string(fields["transcription"] ?? "")
        if fields["remove"] != nil {
            _ = try await visit.ask("DestroyTranscription", ["id": id])
        } else {
            guard let text = fields["text"] else { throw Problem.invalid("text", visit.shell.word("text_or_remove")) }
            _ = try await visit.ask("PartialUpdateTranscription", ["id": id, "body": ["text": .string(text.withLineFeeds)]])
        }
    }
    static let addMetadata = onElement("metadata") { visit, fields in
        _ = try await visit.ask("CreateMetaData", ["id": visit.id, "body": fields.json("type", "name", "value")])
    }
    static let changeMetadata = onElement("metadata/change") { visit, fields in
        let id = JSONValue.string(fields["metadata"] ?? "")
        if fields["remove"] != nil {
            _ = try await visit.ask("DestroyMetaData", ["id": id])
        } else {
            _ = try await visit.ask("PartialUpdateMetaData", ["id": id, "body": fields.json("name", "value")])
        }
    }
    /// A class by its name; one that the project does not have yet is made.
    static let addClassification = onElement("classifications") { visit, fields in
        let element = try await visit.ask("RetrieveElement", ["id": visit.id])
        let corpus = element["corpus"]?["id"] ?? .null
        let name = fields["class"] ?? ""
        let known = try await visit.ask("ListCorpusMLClasses", ["id": corpus, "name": .string(name), "page_size": 500])
        let same = known["results"]?.items.first { $0["name"]?.string == name }
        let made: JSONValue
        if let same { made = same } else { made = try await visit.ask("CreateMLClass", ["id": corpus, "body": ["name": .string(name)]]) }
        _ = try await visit.ask("CreateClassification", ["body": ["element": visit.id, "ml_class": made["id"] ?? .null]])
    }
    static let judgeClassification = onElement("classifications/judgement") { visit, fields in
        let id = JSONValue.string(fields["classification"] ?? "")
        switch fields["verdict"] {
        case "validate": _ = try await visit.ask("ValidateClassification", ["id": id])
        case "reject": _ = try await visit.ask("RejectClassification", ["id": id])
        case "remove": _ = try await visit.ask("DestroyClassification", ["id": id])
        default: throw Problem.invalid("verdict", visit.shell.word("say_a_verdict"))
        }
    }

    /// Something done to what is said of an element. The element is asked for first: one that is hidden is not found, whatever else was sent.
    private static func onElement(_ path: String, _ act: @escaping @Sendable (Visit, Fields) async throws -> Void) -> Form {
        Form("/elements/{id}/\(path)", on: .element) { visit, fields in
            _ = try await visit.ask("RetrieveElement", ["id": visit.id])
            try await act(visit, fields)
            return .element(visit)
        }
    }
}

extension Form.Done {
    /// Back to the element.
    fileprivate static func element(_ visit: Visit) -> Form.Done { Form.Done(location: "/elements/\(visit.path["id"] ?? "")?saved=1") }
}

extension String {
    /// As everybody but HTML's forms writes lines.
    fileprivate var withLineFeeds: String { replacing("\r\n", with: "\n") }
}
