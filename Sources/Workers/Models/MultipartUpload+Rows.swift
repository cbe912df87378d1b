import Postgres
import Storage
import Tenancy

enum Multipart {
    struct Started: Decodable, Sendable {
        var upload_id: ID<MultipartUpload>
    }
    struct Address: Decodable, Sendable {
        var url: String
    }
    struct Received: Decodable, Sendable {
        var received: Int
    }
    struct KeptPart: Codable, Sendable {
        var part: PartOfUpload
        var file: StoredFile
    }
    /// The files of the listed parts, and what they have to make together.
    struct Pieces: Decodable, Sendable {
        var digests: [String]
        var size: Int?
        var md5: String?
    }
    struct Whole: Codable, Sendable {
        var version: ID<ModelVersion>
        var upload: ID<MultipartUpload>
        var file: StoredFile
    }

    static let create = Statement<CreateMultipartUpload, Started>(
        "create_multipart_upload", "SELECT create_multipart_upload($body.object_id) AS upload_id")
    static let createPart = Statement<CreateMultipartUploadPart, Address>(
        "create_multipart_upload_part",
        "SELECT multipart_part_url($body.object_id, $body.upload_id, $body.part_number, $body.md5_hash) AS url")
    static let expected = Statement<PartOfUpload, Received>("expected_part", "SELECT expected_part($upload, $number) AS received")
    static let keep = Statement<KeptPart, NoRow>(
        "keep_part", "SELECT keep_part($part.upload, $part.number, $file.digest, $file.md5, $file.size)")
    static let pieces = Statement<CompleteMultipartUpload, Pieces>(
        "parts_to_complete",
        "SELECT to_jsonb(p.digests) AS digests, p.size, p.md5 FROM parts_to_complete($body.object_id, $body.upload_id, $body.parts::jsonb) AS p"
    )
    static let complete = Statement<Whole, NoRow>(
        "complete_multipart_upload", "SELECT complete_multipart_upload($version, $upload, $file.digest, $file.md5, $file.size)")
    static let abort = Statement<AbortMultipartUpload, NoRow>(
        "abort_multipart_upload", "SELECT abort_multipart_upload($body.object_id, $body.upload_id)")
    static let forget = Statement<NoInput, NoRow>("forget_abandoned_uploads", "SELECT forget_abandoned_uploads()")
}
