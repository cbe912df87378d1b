import Shapes
import Tenancy

/// A page, a line, a word: anything in the hierarchy of a corpus.
struct ElementRow: Decodable, Sendable {
    var id: ID<Element>
    var type: String
    var name: String
    var corpus: CorpusSummary?
    var zone: Zone?
    var rotation_angle: Int
    var mirrored: Bool
    var confidence: Double?
    var worker_run: RunSummary?
    var detached_from: RunSummary?
    var thumbnail_url: String?
    var created: String
    var creator: String?
    var edited: Edit?
    var rights: [String]
    var classifications: [ClassificationSummary]
    var metadata: [MetadataSummary]
}

/// An element in a list. What is null was not asked for.
struct ElementItem: Decodable, Sendable {
    var id: ID<Element>
    var type: String
    var name: String
    var corpus: CorpusSummary?
    var zone: Zone?
    var rotation_angle: Int
    var mirrored: Bool
    var confidence: Double?
    var worker_run: RunSummary?
    var detached_from: RunSummary?
    var thumbnail_url: String?
    var created: String
    var has_children: Bool?
    var classes: [ClassificationSummary]?
    var metadata: [MetadataSummary]?
}

struct CorpusSummary: Decodable, Sendable {
    var id: ID<Corpus>
    var name: String
    var `public`: Bool
}

/// Where an element lies on its image.
struct Zone: Decodable, Sendable {
    var id: ID<Element>
    var polygon: Polygon
    /// IIIF, of the crop; clients build other sizes from its form `…/full/0/default.jpg`.
    var url: String
    var image: ImageSummary
}

struct ImageSummary: Decodable, Sendable {
    struct Server: Decodable, Sendable {
        var display_name: String
        var url: String
        var max_width: Int?
        var max_height: Int?
        var version: Int
    }
    var id: ID<Image>
    var path: String
    var url: String
    var width: Int
    var height: Int
    var status: String
    var s3_url: String?
    var s3_put_url: String?
    var server: Server
}

struct ClassificationSummary: Decodable, Sendable {
    struct Class: Decodable, Sendable {
        var id: ID<MLClass>
        var name: String
    }
    var id: ID<Classification>
    var ml_class: Class
    var state: String
    var confidence: Double?
    var high_confidence: Bool
    var worker_run: RunSummary?
    var edited: Edit?
    /// Always null: results are signed by runs. Older clients read the key.
    var worker_version: String?
}

struct MetadataSummary: Decodable, Sendable {
    var id: ID<MetaData>
    var type: String
    var name: String
    var value: String
    var dates: [JSONValue]
    var worker_run: RunSummary?
    var edited: Edit?
}

/// The last change by a person, of what a person or a run has made.
struct Edit: Decodable, Sendable {
    /// Null when the person's account is no more.
    var by: String?
    var at: String
}
