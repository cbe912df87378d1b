import HTTPTypes
import Shapes
import Web

/// What people and groups can be members of, each with a page of its members.
struct Membered: Sendable {
    /// In addresses.
    let folder: String
    /// As `ListMemberships` and `CreateMembership` call it.
    let parameter: String
    /// Says what it is called, and whether the visitor administers it.
    let retrieve: @Sendable (Visit) async throws -> JSONValue
    let subject: Subject
    let section: String

    static let project = Membered(
        folder: "projects", parameter: "corpus", retrieve: { try await $0.ask("RetrieveCorpus", ["id": $0.id]) }, subject: .corpus,
        section: "projects")
    static let worker = Membered(
        folder: "workers", parameter: "worker", retrieve: { try await $0.ask("RetrieveWorker", ["id": $0.id]) }, subject: .worker,
        section: "workers")
    static let model = Membered(
        folder: "models", parameter: "model", retrieve: { try await $0.ask("RetrieveModel", ["id": $0.id]) }, subject: .model,
        section: "models")
    static let all = [project, worker, model]

    var forms: [Form] { Roster.forms(on: page, at: "/\(folder)/{id}/members", parameter) }

    var page: Page {
        Page("/\(folder)/{id}/members", "members", for: .ofEnterprise, about: subject) { [folder, parameter, retrieve, section] visit in
            let object = try await retrieve(visit)
            let administers = object["rights"]?.items.contains("admin") == true
            let members = try await visit.ask("ListMemberships", .object([parameter: visit.id, "page_size": 500]))["results"]?.items ?? []
            let groups = administers ? try await visit.ask("ListGroups", ["page_size": 500])["results"]?.items ?? [] : []
            let place = "/\(folder)/\(visit.path["id"] ?? "")"
            return try await Roster(members, of: "\(place)/members", visit).json.adding([
                "title": object["name"] ?? .null, "in_\(section)": true, "object": object, "back": .string(place),
                "administers": .boolean(administers), "groups": groups.choosing(visit.refused?.fields["group"], by: "id"),
                "offers_groups": true,
            ])
        }
    }
}

/// Members with their levels, and the forms to change them.
struct Roster {
    let json: JSONValue

    /// - Parameter place: where the forms are sent to.
    init(_ members: [JSONValue], of place: String, _ visit: Visit) async throws {
        let own = visit.user["id"]
        let given = visit.refused?.fields["level"].flatMap(Int.init)
        // What was refused may have been somebody's admission, or the change of one membership.
        let changed = visit.refused?.fields["membership"]
        json = [
            "place": .string(place), "none": .boolean(members.isEmpty),
            "levels": Self.levels(changed == nil ? given ?? 10 : 10, visit.shell),
            "members": .array(
                members.map { member in
                    member.adding([
                        "rank": .string(visit.shell.rank(member["level"])),
                        "levels": Self.levels(
                            (changed == member["id"]?.string ? given : nil) ?? member["level"]?.int ?? 0, visit.shell),
                        "called": .string(
                            member["user"]?["display_name"]?.string ?? member["group"]?["name"]?.string
                                ?? visit.shell.word("a_hidden_group")),
                        "is_oneself": .boolean(member["user"]?["id"] == own),
                    ])
                }),
        ]
    }

    private static func levels(_ chosen: Int, _ shell: Shell) -> JSONValue {
        .array(
            [10, 50, 100].map {
                ["level": .integer($0), "rank": .string(shell.rank(.integer($0))), "chosen": .boolean($0 == chosen)]
            })
    }

    static let groupForms = forms(on: .group, at: "/groups/{id}/members", "group_target")

    /// To admit somebody, to change a level, and to take somebody out.
    static func forms(on page: Page, at address: String, _ parameter: String) -> [Form] {
        [
            Form(address, on: page) { visit, fields in
                let who = fields.json("user", "group").adding([parameter: visit.id])
                _ = try await visit.ask("CreateMembership", ["body": who.adding(level(fields))])
                return Form.Done(location: back(visit))
            },
            Form("\(address)/change", on: page) { visit, fields in
                _ = try await visit.ask("PartialUpdateMembership", ["id": .string(fields["membership"] ?? ""), "body": level(fields)])
                return Form.Done(location: back(visit))
            },
            Form("\(address)/remove", on: page) { visit, fields in
                _ = try await visit.ask("DestroyMembership", ["id": .string(fields["membership"] ?? "")])
                return Form.Done(location: try await shows(page, visit) ? back(visit) : list(visit))
            },
        ]
    }

    private static func level(_ fields: Fields) -> JSONValue {
        fields["level"].flatMap(Int.init).map { ["level": .integer($0)] } ?? [:]
    }

    /// Whether the visitor, who may have left, still sees a page.
    private static func shows(_ page: Page, _ visit: Visit) async throws -> Bool {
        do {
            _ = try await page.content(visit.seeing(page))
            return true
        } catch let problem as Problem where [.forbidden, .notFound].contains(problem.status) {
            return false
        }
    }

    /// Where the things of this kind are that the visitor still sees.
    private static func list(_ visit: Visit) -> String { "/\(visit.here.split(separator: "/").first ?? "")" }

    /// The page that the form stands on: of a group its own, of anything else that of its members.
    private static func back(_ visit: Visit) -> String {
        let parts = visit.here.split(separator: "/").prefix(3)
        return "/" + (parts.first == "groups" ? parts.prefix(2) : parts).joined(separator: "/")
    }
}

extension Shell {
    /// What a level is called.
    func rank(_ level: JSONValue?) -> String { level?.int.map { word("level_\($0)") } ?? "" }
}
