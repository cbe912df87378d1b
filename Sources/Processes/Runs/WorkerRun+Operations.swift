import HTTPTypes
import Postgres
import Shapes
import Tenancy
import Web

extension WorkerRunRow {
    static let operations: [Operation] = [
        Operation(
            "ListWorkerRuns", "/api/v1/process/{id}/workers/", "The worker runs of a process",
            rule: .level(.guest, on: .process, \.id), page: list, count: count),
        Operation(
            "CreateWorkerRun", .post, "/api/v1/process/{id}/workers/", "Add a worker run to a process",
            rule: .level(.admin, on: .process, \.id), status: .created
        ) { (input: CreateWorkerRun, scope: Scope) -> Reply<WorkerRunRow> in
            guard let made = try await scope.first(create, input) else { throw Problem.notFound }
            return try .row(await scope.rows(retrieve, made))
        },
        Operation(
            "RetrieveWorkerRun", .get, "/api/v1/process/workers/{id}/", "A worker run: version, model, configuration, process, counts",
            rule: .level(.guest, on: .workerRun, \.id), one: retrieve),
        Operation(
            "UpdateWorkerRun", .put, "/api/v1/process/workers/{id}/",
            "Give a worker run of a process that has not started another model version, configuration and parents",
            rule: .level(.admin, on: .workerRun, \.id)
        ) { (input: UpdateWorkerRun, scope: Scope) -> Reply<WorkerRunRow> in
            let rows = try await scope.run([scope.call(replace, input), scope.call(retrieve, OnlyRunID(id: input.id))])
            return try .row(rows[1])
        },
        Operation(
            "PartialUpdateWorkerRun", .patch, "/api/v1/process/workers/{id}/", "Change a worker run of a process that has not started",
            rule: .level(.admin, on: .workerRun, \.id)
        ) { (input: PartialUpdateWorkerRun, scope: Scope) -> Reply<WorkerRunRow> in
            let rows = try await scope.run([scope.call(update, input), scope.call(retrieve, OnlyRunID(id: input.id))])
            return try .row(rows[1])
        },
        Operation(
            "DestroyWorkerRun", .delete, "/api/v1/process/workers/{id}/", "Take a worker run out of a process that has not started",
            rule: .level(.admin, on: .workerRun, \.id), nothing: destroy),
        Operation(
            "RetrieveWorkerRunConfiguration", .get, "/api/v1/workers/runs/{id}/configuration/",
            "What a worker run really works with: defaults, then the model's, then the chosen configuration's values",
            rule: .level(.guest, on: .workerRun, \.id), one: configuration),
        Operation(
            "ListCorpusWorkerRuns", "/api/v1/corpus/{id}/worker-runs/", "The worker runs that have results in a project",
            rule: .level(.guest, on: .corpus, \.id), page: corpusList, count: corpusCount),
        Operation(
            "ListCorpusWorkerVersions", "/api/v1/corpus/{id}/worker-versions/",
            "The worker versions whose runs have results in a project; for filters, worker runs say more",
            rule: .level(.guest, on: .corpus, \.id), page: corpusVersions, count: corpusVersionCount),
        Operation(
            "ListElementWorkerRuns", "/api/v1/element/{id}/worker-runs/", "The worker runs that have results on an element",
            rule: .level(.guest, on: .element, \.id), page: elementList, count: elementCount),
    ]
}
