import HTTPTypes
import Postgres
import Shapes
import Tenancy
import Web

extension WorkerConfigurationRow {
    static let operations: [Operation] = [
        Operation(
            "ListWorkerConfigurations", "/api/v1/workers/{id}/configurations/", "The configurations of a worker",
            rule: .level(.guest, on: .worker, \.id), page: list, count: count),
        Operation(
            "CreateWorkerConfiguration", .post, "/api/v1/workers/{id}/configurations/", "Save values for a worker's fields",
            rule: .level(.admin, on: .worker, \.id), status: .created
        ) { (input: CreateWorkerConfiguration, scope: Scope) -> Reply<WorkerConfigurationRow> in
            guard let id = try await scope.first(save, try await checked(input, scope)) else { throw Problem.notFound }
            return try .row(await scope.rows(retrieve, id))
        },
        Operation(
            "RetrieveWorkerConfiguration", .get, "/api/v1/workers/configurations/{id}/", "A configuration",
            rule: .level(.guest, on: .workerConfiguration, \.id), one: retrieve),
        Operation(
            "PartialUpdateWorkerConfiguration", .patch, "/api/v1/workers/configurations/{id}/",
            "Rename or archive a configuration; instance administrators also un-archive it",
            rule: .level(.admin, on: .workerConfiguration, \.id)
        ) { (input: PartialUpdateWorkerConfiguration, scope: Scope) -> Reply<WorkerConfigurationRow> in
            if let faults = input.body.name?.faults, !faults.isEmpty { throw Problem.invalid(faults) }
            let changed = ChangedConfiguration(id: input.id, name: input.body.name?.spelled, archived: input.body.archived)
            let rows = try await scope.run([scope.call(change, changed), scope.call(retrieve, OnlyConfigurationID(id: input.id))])
            return try .row(rows[1])
        },
        Operation(
            "DestroyWorkerConfiguration", .delete, "/api/v1/workers/configurations/{id}/",
            "Delete a configuration of which no results exist", rule: .level(.admin, on: .workerConfiguration, \.id), nothing: destroy),
    ]

    /// - Throws: 400 with everything that is wrong with the request, or for the default configuration.
    private static func checked(_ input: CreateWorkerConfiguration, _ scope: Scope) async throws -> NewConfiguration {
        let body = try ExactBody(input.body, largest: "configuration")
        // Faults of the values can be told only when it is known whose fields they are for.
        let asked = body.datum["worker_version"].flatMap(\.text)
        let named = asked.flatMap { ID<WorkerVersion>($0) }
        if asked != nil, named == nil { _ = try body.content() }
        guard let version = try await scope.first(fields, WantedFields(worker: input.id, version: named)) else {
            throw Problem.invalid(
                "worker_version", code: "does_not_exist", "This worker has no such version, or none that is available.")
        }
        let corpus = body.datum["corpus"].flatMap(\.text).flatMap { ID<Corpus>($0) }
        let (sparse, wrong) = SparseForm.read(body.datum["configuration"] ?? .empty, try [Field](written: version.fields))
        let faults = try await wrong + missing(sparse.references, corpus, input.id, scope)
        let name = body.datum["name"].flatMap(\.text).map(ConfigurationName.init(value:))
        let nameFaults = name?.value.isEmpty == false ? name?.faults ?? [] : []
        let content = try body.content(nameFaults + ConfigurationFaults(faults: faults).below("configuration"))
        guard !sparse.isDefault else {
            throw Problem.invalid(
                "configuration", code: "equals_default",
                "These are the default values: a worker run without a configuration uses them already.")
        }
        let values = sparse.values.written
        guard values.utf8.count <= greatestSize else {
            throw Problem.invalid("configuration", code: "too_large", "The values must have at most \(greatestSize >> 10) kB of JSON.")
        }
        return NewConfiguration(
            worker: input.id, name: content.name.spelled, values: values, meaning: sparse.meaning,
            secrets: Datum.list(sparse.secrets.map { .list($0.map(Datum.string)) }).written, version: version.id, corpus: corpus)
    }

    /// In bytes, half of what the column holds: PostgreSQL writes a space after each comma and colon.
    private static let greatestSize = 512 << 10

    private static func missing(
        _ references: [Reference], _ corpus: ID<Corpus>?, _ worker: ID<Worker>, _ scope: Scope
    ) async throws -> [Fault] {
        guard !references.isEmpty else { return [] }
        let wanted = references.enumerated().map { index, reference in
            Datum.keyed([
                ("path", .integer("\(index)")), ("type", .string(reference.type.rawValue)), ("value", .string(reference.value)),
            ])
        }
        let answer = try await scope.first(
            missingReferences, WantedReferences(references: Datum.list(wanted).written, corpus: corpus, worker: worker))
        return (answer?.faults ?? []).compactMap { fault in
            guard case .integer(let index) = fault["attr"] else { return nil }
            return Fault(path: references[index].path, code: "does_not_exist", detail: fault["detail"]?.string ?? "")
        }
    }
}
