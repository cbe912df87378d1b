import HTTPTypes
import Postgres
import Storage
import Tenancy
import Web

/// The file of a model version: a tar archive, compressed by Zstandard. The server does not look into it.
enum Archive {
    /// The largest that is taken, in bytes.
    static let greatest = 64 << 30
    static let contentType = "application/zstd"

    struct Expected: Decodable, Sendable {
        var size: Int?
        var md5: String?
    }
    struct Found: Decodable, Sendable {
        var digest: String
        var name: String
    }
    struct Kept: Codable, Sendable {
        var id: ID<ModelVersion>
        var file: StoredFile
    }

    static let expected = Statement<OnlyModelVersionID, Expected>("expected_archive", "SELECT size, md5 FROM expected_archive($id)")
    static let keep = Statement<Kept, NoRow>(
        "keep_archive", "SELECT keep_archive($id, $file.digest, $file.md5, $file.size, false)")
    static let find = Statement<OnlyModelVersionID, Found>(
        "find_archive",
        """
        SELECT encode(v.archive_digest, 'hex') AS digest, m.name || '-' || coalesce(v.tag, left(v.id::text, 6)) AS name
        FROM model_version v JOIN model m ON m.tenant_id = $tenant AND m.id = v.model_id
        WHERE v.tenant_id = $tenant AND v.id = $id AND v.state = 'available' AND v.archive_digest IS NOT NULL AND v.tombstone IS NULL
        """)

    static let transfers: [Transfer] = [
        .upload(
            "UploadModelArchive", "/api/v1/modelversion/{id}/archive/", "Send the archive of a model version",
            gate: .capability(for: "model_archive", on: \.id.text),
            expecting: { (input: OnlyModelVersionID, scope: Scope) in
                guard let expected = try await scope.first(expected, input) else { throw Problem.notFound }
                return Expectation(limit: greatest, size: expected.size, md5: expected.md5)
            },
            keep: { input, file, scope in _ = try await scope.rows(keep, Kept(id: input.id, file: file)) }),
        .download(
            "DownloadModelArchive", "/api/v1/modelversion/{id}/archive/", "The archive of a model version",
            gate: .capability(for: "model_archive", on: \.id.text, or: .level(.guest, on: .modelVersion, \.id))
        ) { (input: OnlyModelVersionID, scope: Scope, _: FileStore) in
            guard let found = try await scope.first(find, input) else { throw Problem.notFound }
            return .stored(found.digest, contentType: contentType, fileName: "\(found.name).tar.zst")
        },
    ]
}
