import HTTPTypes
import Postgres
import Storage
import Tenancy
import Web

extension ArtifactRow {
    static let operations: [Operation] = [
        Operation(
            "ListArtifacts", .get, "/api/v1/task/{id}/artifacts/", "The files that a task has left", rule: .level(.guest, on: .task, \.id),
            list: list),
        Operation(
            "CreateArtifact", .post, "/api/v1/task/{id}/artifacts/", "Get the address that takes a file of the task",
            rule: .level(.contributor, on: .task, \.id), status: .created
        ) { (input: CreateArtifact, scope: Scope) -> Reply<ArtifactRow> in
            guard let artifact = try await scope.first(create, input) else { throw Problem.notFound }
            return try .row(await scope.rows(retrieve, artifact))
        },
        Operation(
            "DownloadArtifact", .get, "/api/v1/task/{id}/artifact/{path}", "The address of a file that a task has left",
            rule: .level(.guest, on: .task, \.id), status: .found
        ) { (input: ArtifactOfTask, scope: Scope) -> Reply<Nothing> in
            guard let address = try await scope.first(locate, input) else { throw Problem.notFound }
            return Reply(.found, headers: [.location: address.url])
        },
    ]

    static let transfers: [Transfer] = [
        .upload(
            "UploadArtifact", "/api/v1/artifact/{id}/", "Send a file of a task", gate: .capability(for: "artifact", on: \.id.text),
            expecting: { (input: OnlyArtifactID, scope: Scope) in
                Expectation(limit: ArtifactSize.greatest, size: try await scope.first(expected, input)?.size)
            },
            keep: { input, file, scope in _ = try await scope.rows(keep, Kept(id: input.id, file: file)) }),
        // Never of the type that the uploader has named: the worker library takes JSON and text apart, and a browser would show it.
        .download(
            "GiveArtifact", "/api/v1/artifact/{id}/", "A file that a task has left", gate: .capability(for: "artifact", on: \.id.text)
        ) { (input: OnlyArtifactID, scope: Scope, _: FileStore) in
            guard let found = try await scope.first(find, input) else { throw Problem.notFound }
            let name = found.name.split(separator: "/").last.map(String.init)
            return .stored(found.digest, contentType: "application/octet-stream", fileName: name)
        },
    ]
}
