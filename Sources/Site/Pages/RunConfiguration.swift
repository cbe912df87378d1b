import Shapes
import Web

extension Page {
    /// Which worker, and which of its versions, is to be added to a process.
    static let addWorker = Page("/processes/{id}/workers", "add_worker", about: .process) { visit in
        let process = try await visit.ask("RetrieveProcess", ["id": visit.id])
        let types = try await visit.ask("ListWorkerTypes").items
        let filter: [String: JSONValue?] = [
            "name": visit.query("name").map(JSONValue.string), "type": visit.query("type").map(JSONValue.string),
        ]
        let found = try await visit.ask(
            "ListWorkers", .object(filter.compactMapValues(\.self).merging(["page_size": 50]) { first, _ in first }))
        var workers: [JSONValue] = []
        for worker in found["results"]?.items ?? [] {
            let versions =
                try await visit.ask("ListWorkerVersions", ["id": worker["id"] ?? .null, "page_size": 20])["results"]?.items ?? []
            let mayUse = worker["rights"]?.items.contains("write") == true
            workers.append(
                worker.adding([
                    "versions": .array(versions.filter { $0["state"]?.string == "available" }.map(named)), "may_use": .boolean(mayUse),
                ]))
        }
        return [
            "title": .string(visit.shell.word("add_worker")), "in_processes": true, "process": process, "workers": .array(workers),
            "none": .boolean(workers.isEmpty), "name": .string(visit.query("name") ?? ""),
            "can_change": .boolean(
                process["state"]?.string == "unstarted" ? try await visit.administers(process["corpus"] ?? .null) : false),
            "more": .boolean((found["count"]?.int ?? 0) > workers.count),
            "types": types.choosing(visit.query("type"), by: "slug"),
        ]
    }

    /// What people call a version in a list to choose from.
    private static func named(_ version: JSONValue) -> JSONValue {
        let name = version["version"]?.int.map(String.init) ?? version["revision_url"]?.string ?? version["id"]?.string ?? ""
        return version.adding([
            "needs_model": .boolean(version["model_usage"]?.string == "required"),
            "label": .string([name, version["tag"]?.string].compactMap(\.self).joined(separator: " · ")),
        ])
    }

    /// The configuration of a worker run: those that the worker has, and a form for a new one.
    static let configureRun = Page("/worker-runs/{id}/configuration", "configure_run", about: .workerRun) { visit in
        let run = try await visit.ask("RetrieveWorkerRun", ["id": visit.id])
        let worker = try await visit.askIfAllowed("RetrieveWorker", ["id": run["worker_version"]?["worker"]?["id"] ?? .null])
        let version = try await visit.askIfAllowed("RetrieveWorkerVersion", ["id": run["worker_version"]?["id"] ?? .null])
        let archived = visit.query("archived") != nil
        let named = visit.query("name").map { ["name": .string($0)] as JSONValue }
        let all = worker == .null ? .null : try await configurations(of: worker, named, archived: archived, visit)
        let mayChange = try await visit.mayChange(run)
        let corpus = run["process"]?["corpus"] ?? .null
        let types = try await visit.askIfAllowed("RetrieveCorpus", ["id": corpus])["types"]?.items ?? []
        let fields = FieldForm(version["fields"]?.items ?? [], types: types)
        let chosen = run["configuration"]?["id"]
        let shown = (all["results"]?.items ?? []).map { configuration in
            configuration.adding([
                "chosen": .boolean(configuration["id"] == chosen),
                "values": .array(leaves(configuration["configuration"], below: "").map { compared($0, version["default_configuration"]) }),
            ])
        }
        return [
            "title": .string(visit.shell.word("choose_configuration")), "in_processes": true, "run": run, "configurations": .array(shown),
            "none": .boolean(shown.isEmpty), "archived": .boolean(archived), "default_chosen": .boolean(chosen == nil),
            "fields": fields.json(after: visit.refused), "any_fields": .boolean(!fields.isEmpty),
            "can_change": .boolean(mayChange), "hides_worker": .boolean(worker == .null),
            "can_make": .boolean(mayChange && worker["rights"]?.items.contains("admin") == true), "twin": twin(in: visit.refused),
            "name": .string(visit.query("name") ?? ""),
            "named": .boolean(named != nil), "here": .string(visit.here),
        ]
    }

    private static func configurations(of worker: JSONValue, _ named: JSONValue?, archived: Bool, _ visit: Visit) async throws -> JSONValue
    {
        let input: JSONValue = ["id": worker["id"] ?? .null, "archived": .string(archived ? "true" : "false"), "page_size": 500]
        return try await visit.ask("ListWorkerConfigurations", input.adding(named))
    }

    /// The values of a configuration by `group.child`.
    static func leaves(_ configuration: JSONValue?, below prefix: String) -> [JSONValue] {
        (configuration?.members ?? [:]).sorted { $0.key < $1.key }.flatMap { key, value -> [JSONValue] in
            if case .object = value, prefix.isEmpty { return leaves(value, below: key + ".") }
            return [["key": .string(prefix + key), "value": value]]
        }
    }

    /// The configuration that means the same as the one that was refused.
    private static func twin(in refused: Visit.Refused?) -> JSONValue {
        guard let problem = refused?.problem, problem.items.contains(where: { $0.code == "configuration_exists" }) else { return .null }
        return .object(["existing_id", "name", "archived"].reduce(into: [:]) { $0[$1] = problem.extra[$1] })
    }
}

extension Form {
    static let addRun = Form("/processes/{id}/workers", on: .addWorker) { visit, fields in
        let body: JSONValue = ["worker_version_id": .string(fields["version"] ?? "")]
        let run = try await visit.ask("CreateWorkerRun", ["id": visit.id, "body": body])
        // What has to be chosen before the start is chosen at once.
        let needsModel = run["worker_version"]?["model_usage"]?.string == "required"
        return needsModel ? Done(location: "/worker-runs/\(run["id"]?.string ?? "")/model") : .run(run)
    }

    static let removeRun = Form("/worker-runs/{id}/delete", on: .configureRun) { visit, fields in
        _ = try await visit.ask("DestroyWorkerRun", ["id": visit.id])
        return Done(location: "/processes/\(fields["process"] ?? "")")
    }

    /// An existing configuration, or none.
    static let chooseConfiguration = Form("/worker-runs/{id}/configuration", on: .configureRun) { visit, fields in
        try await choose(fields["configuration"].map(JSONValue.string) ?? .null, visit)
    }

    /// A new one, which the run then has.
    static let createConfiguration = Form("/worker-runs/{id}/configurations", on: .configureRun) { visit, fields in
        let run = try await visit.ask("RetrieveWorkerRun", ["id": visit.id])
        let version = try await visit.ask("RetrieveWorkerVersion", ["id": run["worker_version"]?["id"] ?? .null])
        let values = FieldForm(version["fields"]?.items ?? [], types: []).values(of: fields)
        let body: JSONValue = [
            "name": .string(fields["name"] ?? ""), "configuration": values, "worker_version": version["id"] ?? .null,
            "corpus": run["process"]?["corpus"] ?? .null,
        ]
        let made = try await visit.ask("CreateWorkerConfiguration", ["id": version["worker"]?["id"] ?? .null, "body": body])
        return try await choose(made["id"] ?? .null, visit)
    }

    private static func choose(_ configuration: JSONValue, _ visit: Visit) async throws -> Done {
        .run(try await visit.ask("PartialUpdateWorkerRun", ["id": visit.id, "body": ["configuration_id": configuration]]))
    }
}
