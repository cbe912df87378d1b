import HTTPTypes
import Postgres
import Storage
import Tenancy
import Web

extension Multipart {
    /// The largest part that is taken, in bytes.
    private static let greatestPart = 1 << 30

    static func operations(_ files: FileStore) -> [Operation] {
        [
            Operation(
                "CreateMultipartUpload", .post, "/api/v1/multipart/create/", "Begin to send an archive in parts",
                rule: .level(.contributor, on: .modelVersion, \.body.object_id), status: .created, one: create),
            Operation(
                "CreateMultipartUploadPart", .post, "/api/v1/multipart/part/", "Get the address that takes one part",
                rule: .level(.contributor, on: .modelVersion, \.body.object_id), one: createPart),
            Operation(
                "CompleteMultipartUpload", .post, "/api/v1/multipart/complete/", "Put the parts together, and publish the version",
                rule: .level(.contributor, on: .modelVersion, \.body.object_id)
            ) { (input: CompleteMultipartUpload, scope: Scope) -> Reply<ModelVersionRow> in
                guard let pieces = try await scope.first(pieces, input) else { throw Problem.notFound }
                let expected = Expectation(limit: Archive.greatest, size: pieces.size, md5: pieces.md5)
                let file = try await files.concatenate(pieces.digests, in: scope.caller.tenant, as: expected)
                let whole = Whole(version: input.body.object_id, upload: input.body.upload_id, file: file)
                let version = OnlyModelVersionID(id: input.body.object_id)
                return try .row(await scope.run([scope.call(complete, whole), scope.call(ModelVersionRow.retrieve, version)])[1])
            },
            Operation(
                "AbortMultipartUpload", .post, "/api/v1/multipart/abort/", "Throw away what has come of an archive",
                rule: .level(.contributor, on: .modelVersion, \.body.object_id), nothing: abort),
        ]
    }

    static let transfers: [Transfer] = [
        .upload(
            "UploadPart", "/api/v1/multipart/{upload}/{number}/{md5}/", "Send one part of an archive",
            gate: .capability(for: "multipart_part", on: \.object),
            expecting: { (input: PartOfUpload, scope: Scope) in
                let received = try await scope.first(expected, input)?.received ?? 0
                return Expectation(
                    limit: min(greatestPart, Archive.greatest - received), md5: input.md5.value == "-" ? nil : input.md5.value)
            },
            keep: { input, file, scope in _ = try await scope.rows(keep, KeptPart(part: input, file: file)) })
    ]
}
