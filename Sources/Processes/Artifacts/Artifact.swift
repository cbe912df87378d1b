import Shapes
import Tenancy

/// A file that a task leaves for people, and for the tasks that come after it.
struct ArtifactRow: Decodable, Sendable {
    var id: ID<Artifact>
    var path: String
    var size: Int
    var content_type: String
    /// Where its bytes are to be PUT; null once they have come.
    var s3_put_url: String?
    var created: String
    var updated: String
}

/// Where an artifact is: names with slashes between them, as in a directory of its own, from which none leads out.
struct ArtifactPath: Codable, Sendable, Described {
    let value: String
    static let shape = Shape.string(.init(minimum: 1, maximum: 500))
    static let sample = ArtifactPath(value: "a")

    private init(value: String) { self.value = value }

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        value = try container.decode(String.self)
        let names = value.split(separator: "/", omittingEmptySubsequences: false)
        guard names.allSatisfy({ !$0.isEmpty && $0 != "." && $0 != ".." }), value.unicodeScalars.allSatisfy(\.isPrintable) else {
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: "Must be names with / between them: no empty one, no . or .., no \\, no control character."
            )
        }
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(value)
    }
}

extension Unicode.Scalar {
    fileprivate var isPrintable: Bool { properties.generalCategory != .control && self != "\\" }
}

/// As the uploader says; downloads never repeat it.
struct ContentType: Leaf {
    let value: String
    static let shape = Shape.string(.init(minimum: 1, maximum: 250))
    static let sample = ContentType(value: "text/plain")
    init(value: String) { self.value = value }
}

struct ArtifactSize: Leaf {
    let value: Int
    static let greatest = 16 << 30
    static let shape = Shape.integer(0...greatest)
    static let sample = ArtifactSize(value: 0)
    init(value: Int) { self.value = value }
}

struct CreateArtifact: Codable, Sendable {
    struct Content: Codable, Sendable {
        var path: ArtifactPath
        var content_type: ContentType
        var size: ArtifactSize
    }
    var id: ID<WorkTask>
    var body: Content
}

struct ArtifactOfTask: Codable, Sendable {
    var id: ID<WorkTask>
    var path: ArtifactPath
}

struct OnlyArtifactID: Codable, Sendable {
    var id: ID<Artifact>
}
