import Shapes
import Tenancy
import Web

/// One state of a model: an archive of files, and the configuration that goes with it.
struct ModelVersionRow: Decodable, Sendable {
    var id: ID<ModelVersion>
    var model_id: ID<Model>
    /// The version that it was trained from.
    var parent: ID<ModelVersion>?
    var state: String
    var tag: String?
    var description: String
    var configuration: JSONValue
    /// Of the archive, in bytes.
    var size: Int?
    /// The MD5 of the archive as it is stored, in hexadecimal.
    var archive_hash: String?
    /// The MD5 in quotes, once the archive has come.
    var s3_etag: String?
    /// Where the archive is to be PUT; null for those who may not send it, and once the version is available.
    var s3_put_url: String?
    /// Where it can be fetched; null until the version is available.
    var s3_url: String?
    var creator: String?
    var created: String
}

/// A name that one version of a model has.
struct Tag: Leaf {
    let value: String
    static let shape = Shape.string(.init(minimum: 1, maximum: 100))
    static let sample = Tag(value: "a")
    init(value: String) { self.value = value }
}

/// An MD5 in hexadecimal.
struct ArchiveHash: Leaf {
    let value: String
    static let shape = Shape.string(.init(pattern: "[0-9a-fA-F]{32}"))
    static let sample = ArchiveHash(value: "d41d8cd98f00b204e9800998ecf8427e")
    init(value: String) { self.value = value.lowercased() }
}

/// In bytes.
struct ArchiveSize: Leaf {
    let value: Int
    static let shape = Shape.integer(1...Archive.greatest)
    static let sample = ArchiveSize(value: 1)
    init(value: Int) { self.value = value }
}

struct OnlyModelVersionID: Codable, Sendable {
    var id: ID<ModelVersion>
}

struct ListModelVersions: Codable, Sendable, Paged {
    var id: ID<Model>
    var state: VersionState?
    /// The version with this tag.
    var tag: String?
    var page: Int?
    var page_size: Int?
}

struct CreateModelVersion: Codable, Sendable, TakesUndecodedBody {
    struct Content: Codable, Sendable {
        var size: ArchiveSize?
        var archive_hash: ArchiveHash?
        var tag: Tag?
        var description: String?
        var configuration: JSONValue?
        var parent: ID<ModelVersion>?
    }
    var id: ID<Model>
    var body: JSONBody<Content>
}

/// `PUT` and `PATCH` alike: clients leave out what they do not change.
struct UpdateModelVersion: Codable, Sendable, TakesUndecodedBody {
    struct Content: Codable, Sendable {
        var size: ArchiveSize?
        var archive_hash: ArchiveHash?
        var tag: Tag?
        var description: String?
        var configuration: JSONValue?
        var parent: ID<ModelVersion>?
        var state: VersionState?
    }
    var id: ID<ModelVersion>
    var body: JSONBody<Content>
}
