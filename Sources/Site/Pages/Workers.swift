import Shapes
import Web

extension Form {
    /// Archives a configuration, or takes it back; only instance administrators may do that.
    static let archiveConfiguration = Form("/workers/{id}", on: .worker) { visit, fields in
        let body: JSONValue = ["archived": .boolean(fields["archived"] == "true")]
        _ = try await visit.ask("PartialUpdateWorkerConfiguration", ["id": .string(fields["configuration"] ?? ""), "body": body])
        return Done(location: "/workers/\(visit.path["id"] ?? "")")
    }
}

extension Page {
    static let workers = Page("/workers", "workers") { visit in
        let archived = visit.query("archived") != nil
        var input: [String: JSONValue] = ["page": .integer(visit.page), "page_size": 50, "archived": .boolean(archived)]
        for name in ["name", "type"] { input[name] = visit.query(name).map(JSONValue.string) }
        let answer = try await visit.ask("ListWorkers", .object(input))
        let types = try await visit.ask("ListWorkerTypes").items
        return [
            "title": .string(visit.shell.word("workers")), "in_workers": true,
            "workers": .array((answer["results"]?.items ?? []).map { $0.adding(["beginning": $0.markdown { $0.beginning }]) }),
            "none": .boolean((answer["results"]?.items ?? []).isEmpty), "name": .string(visit.query("name") ?? ""),
            "archived": .boolean(archived),
            "types": types.choosing(visit.query("type"), by: "slug"),
            "pages": visit.pages(answer), "may_create": .boolean(visit.mayMakeWorkers),
        ]
    }

    /// A worker with its versions and its configurations.
    static let worker = Page("/workers/{id}", "worker", about: .worker) { visit in
        let worker = try await visit.ask("RetrieveWorker", ["id": visit.id])
        let administers = worker["rights"]?.items.contains("admin") == true
        let versions = try await visit.ask("ListWorkerVersions", ["id": visit.id, "page_size": 100])
        let configurations = try await visit.ask("ListWorkerConfigurations", ["id": visit.id, "archived": "all", "page_size": 500])
        let shown = (configurations["results"]?.items ?? []).map {
            let archived = $0["archived"]?.isTrue == true
            return $0.adding([
                "values": .array(leaves($0["configuration"], below: "").map { compared($0, nil) }),
                "can_archive": .boolean(administers && !archived),
                "can_unarchive": .boolean(visit.user["is_admin"]?.isTrue == true && archived),
            ])
        }
        return [
            "title": worker["name"] ?? .null, "in_workers": true, "worker": worker.adding(["prose": worker.markdown { $0.html }]),
            "versions": versions["results"] ?? [], "may_import": .boolean(visit.mayMakeWorkers && administers),
            "configurations": .array(shown), "no_configurations": .boolean(shown.isEmpty),
            "no_versions": .boolean((versions["results"]?.items ?? []).isEmpty),
        ]
    }
}
