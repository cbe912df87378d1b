import HTTPTypes
import Postgres
import Shapes
import Tenancy
import Web

/// One state of a worker's program, with the fields that people may set.
struct WorkerVersionRow: Decodable, Sendable {
    struct Parent: Decodable, Sendable {
        var id: ID<Worker>
        var name: String
        var slug: String
        var type: String
        var repository_url: String?
    }
    var id: ID<WorkerVersion>
    var version: Int?
    var worker: Parent
    var state: String
    var tag: String?
    var branch: String?
    var revision_url: String?
    var gpu_usage: String
    var model_usage: String
    var docker_image_iid: String?
    var command: String?
    var shm_size: String?
    var feature: String?
    var fields: [JSONValue]
    var default_configuration: JSONValue
    var created: String
}

enum Usage: String, Codable, Sendable, CaseIterable, Described {
    case disabled, supported, required
    static let sample = Usage.disabled
}

enum VersionState: String, Codable, Sendable, CaseIterable, Described {
    case created, available, error
    static let sample = VersionState.created
}

struct ListWorkerVersions: Codable, Sendable, Paged {
    var id: ID<Worker>
    var page: Int?
    var page_size: Int?
}

struct OnlyVersionID: Codable, Sendable {
    var id: ID<WorkerVersion>
}

/// What names a revision of a worker's sources: a branch, a tag, an address. All three are looked for in indexes.
struct RevisionName: Leaf {
    let value: String
    static let shape = Shape.string(.init(maximum: 500))
    static let sample = RevisionName(value: "main")
    init(value: String) { self.value = value }
}

struct CreateWorkerVersion: Codable, Sendable, TakesUndecodedBody {
    struct Content: Codable, Sendable {
        var docker_image_iid: String?
        var command: String?
        var gpu_usage: Usage?
        var model_usage: Usage?
        var state: VersionState?
        var tag: RevisionName?
        var branch: RevisionName?
        var revision_url: RevisionName?
        var configuration: [JSONValue]?
    }
    var id: ID<Worker>
    var body: JSONBody<Content>
}

struct ImportWorkerVersion: Codable, Sendable {
    struct Content: Codable, Sendable {
        var yaml: String
        var revision_url: RevisionName?
        var docker_image_iid: String?
        var branch: RevisionName?
        var tag: RevisionName?
    }
    var id: ID<Worker>
    var body: Content
}

struct PartialUpdateWorkerVersion: Codable, Sendable, TakesUndecodedBody {
    struct Content: Codable, Sendable {
        var tag: RevisionName?
        var branch: RevisionName?
        var state: VersionState?
        var docker_image_iid: String?
    }
    var id: ID<WorkerVersion>
    var body: JSONBody<Content>
}

/// What a new version is stored as, whichever way it came.
struct NewVersion: Codable, Sendable {
    var worker: ID<Worker>
    var revision_url: String?
    var tag: String?
    var branch: String?
    var state: VersionState
    var gpu_usage: String
    var model_usage: String
    var docker_image_iid: String?
    var command: String?
    var shm_size: String?
    /// JSON text.
    var fields: String
    var defaults: String
}
