import Shapes
import Web

extension Page {
    static let processes = Page("/processes", "processes") { visit in
        let input: JSONValue = .object(
            ["state": visit.query("state"), "name": visit.query("name"), "page": String(visit.page)].compactMapValues {
                $0.map(JSONValue.string)
            })
        let answer = try await visit.ask("ListProcesses", input)
        return [
            "title": .string(visit.shell.word("processes")), "in_processes": true, "processes": answer["results"] ?? [],
            "none": .boolean((answer["results"]?.items ?? []).isEmpty), "name": .string(visit.query("name") ?? ""),
            "pages": visit.pages(answer),
        ]
    }

    static let task = Page("/tasks/{id}", "task", about: .task) { visit in
        let task = try await visit.ask("RetrieveTask", ["id": visit.id])
        return [
            "title": task["slug"] ?? .null, "in_processes": true, "task": task, "live": .boolean(task["state"].isUnderWay),
            "here": .string(visit.here),
        ]
    }
}

extension Form {
    static let startProcess = onProcess("start") { visit, fields in
        let chunks = fields["chunks"].flatMap(Int.init).map { ["chunks": .integer($0)] as JSONValue }
        _ = try await visit.ask("StartProcess", ["id": visit.id, "body": ([:] as JSONValue).adding(chunks)])
    }
    static let stopProcess = onProcess("stop") { visit, _ in _ = try await visit.ask("StopProcess", ["id": visit.id]) }
    static let retryProcess = onProcess("retry") { visit, _ in _ = try await visit.ask("RetryProcess", ["id": visit.id]) }

    static let destroyProcess = Form("/processes/{id}/delete", on: .process) { visit, _ in
        _ = try await visit.ask("DestroyProcess", ["id": visit.id])
        return Done(location: "/processes")
    }

    /// Something done to a process, after which its page is shown.
    private static func onProcess(_ verb: String, _ act: @escaping @Sendable (Visit, Fields) async throws -> Void) -> Form {
        Form("/processes/{id}/\(verb)", on: .process) { visit, fields in
            try await act(visit, fields)
            return Done(location: "/processes/\(visit.path["id"] ?? "")")
        }
    }
}

extension JSONValue? {
    /// Whether a task or process of this state may still change by itself.
    var isUnderWay: Bool { ["pending", "running", "stopping", "unscheduled"].contains(self?.string ?? "") }
}

extension String? {
    func asyncMap<Result>(_ body: (String) async throws -> Result) async throws -> Result? {
        guard let self else { return nil }
        return try await body(self)
    }
}
