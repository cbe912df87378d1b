import HTTPTypes
import Postgres
import Shapes
import Tenancy
import Web

extension ProcessRow {
    static let operations: [Operation] = [
        Operation("ListProcesses", "/api/v1/process/", "Processes, newest first", rule: .signedIn.own, page: list, count: count),
        Operation(
            "CreateProcess", .post, "/api/v1/process/corpus/", "Make a process over elements of a project",
            rule: .level(.admin, on: .corpus, \.body.corpus), status: .created
        ) { (input: CreateProcess, scope: Scope) -> Reply<ProcessRow> in
            guard let made = try await scope.first(create, input) else { throw Problem.notFound }
            return try .row(await scope.rows(retrieve, made))
        },
        Operation(
            "RetrieveProcess", .get, "/api/v1/process/{id}/", "A process with the tasks of its last round",
            rule: .level(.guest, on: .process, \.id), one: retrieve),
        Operation(
            "PartialUpdateProcess", .patch, "/api/v1/process/{id}/", "Rename a process, or before its start choose other elements",
            rule: .level(.admin, on: .process, \.id)
        ) { (input: PartialUpdateProcess, scope: Scope) -> Reply<ProcessRow> in
            try await changed(scope.call(update, input), input.id, scope)
        },
        Operation(
            "DestroyProcess", .delete, "/api/v1/process/{id}/", "Delete a process that has no results",
            rule: .level(.admin, on: .process, \.id), nothing: destroy),
        Operation(
            "StartProcess", .post, "/api/v1/process/{id}/start/", "Turn the worker runs of a process into tasks",
            rule: .level(.admin, on: .process, \.id), status: .created
        ) { (input: StartProcess, scope: Scope) -> Reply<ProcessRow> in
            try await changed(scope.call(start, input), input.id, scope)
        },
        Operation(
            "StopProcess", .post, "/api/v1/process/{id}/stop/", "Stop a process", rule: .level(.admin, on: .process, \.id)
        ) { (input: OnlyProcessID, scope: Scope) -> Reply<ProcessRow> in
            try await changed(scope.call(stop, input), input.id, scope)
        },
        Operation(
            "RetryProcess", .post, "/api/v1/process/{id}/retry/", "Run a process again that has ended",
            rule: .level(.admin, on: .process, \.id)
        ) { (input: OnlyProcessID, scope: Scope) -> Reply<ProcessRow> in
            try await changed(scope.call(retry, input), input.id, scope)
        },
    ]

    private static func changed(_ change: Call, _ id: ID<Process>, _ scope: Scope) async throws -> Reply<ProcessRow> {
        try .row(await scope.run([change, scope.call(retrieve, OnlyProcessID(id: id))])[1])
    }
}
