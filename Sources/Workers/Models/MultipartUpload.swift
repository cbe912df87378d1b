import HTTPTypes
import Postgres
import Shapes
import Storage
import Tenancy
import Web

/// What comes in parts.
enum MultipartObject: String, Codable, Sendable, CaseIterable, Described {
    case modelVersion = "model_version"
    static let sample = MultipartObject.modelVersion
}

/// Parts are numbered from 1.
struct PartNumber: Leaf {
    let value: Int
    static let shape = Shape.integer(1...10_000)
    static let sample = PartNumber(value: 1)
    init(value: Int) { self.value = value }
}

struct CreateMultipartUpload: Codable, Sendable {
    struct Content: Codable, Sendable {
        var object_type: MultipartObject
        var object_id: ID<ModelVersion>
    }
    var body: Content
}

struct CreateMultipartUploadPart: Codable, Sendable {
    struct Content: Codable, Sendable {
        var object_type: MultipartObject
        var object_id: ID<ModelVersion>
        var upload_id: ID<MultipartUpload>
        var part_number: PartNumber
        /// The MD5 of the part in Base64.
        var md5_hash: String?
    }
    var body: Content
}

struct CompleteMultipartUpload: Codable, Sendable {
    struct Content: Codable, Sendable {
        var object_type: MultipartObject
        var object_id: ID<ModelVersion>
        var upload_id: ID<MultipartUpload>
        var parts: ListedParts
    }
    var body: Content
}

struct AbortMultipartUpload: Codable, Sendable {
    struct Content: Codable, Sendable {
        var object_type: MultipartObject
        var object_id: ID<ModelVersion>
        var upload_id: ID<MultipartUpload>
    }
    var body: Content
}

/// The parts that an upload is made of, in their order.
struct ListedParts: Codable, Sendable, Described, ParameterConvertible {
    struct Part: Codable, Sendable {
        var part_number: PartNumber
        /// As it came with the answer to the part's PUT, quotes included.
        var etag: String
    }
    let parts: [Part]
    static var shape: Shape { .array((try? Shape(recording: Part.self)) ?? .any, minimum: 1, maximum: 10_000) }
    static let sample = ListedParts(parts: [])

    private init(parts: [Part]) { self.parts = parts }
    init(from decoder: any Decoder) throws { parts = try decoder.singleValueContainer().decode([Part].self) }
    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(parts)
    }

    /// JSON.
    var parameter: Parameter {
        .text(
            JSONValue.array(parts.map { ["part_number": .integer($0.part_number.value), "etag": .string($0.etag)] }).text)
    }
}

/// The address of one part. `md5` is what it has to have, in hexadecimal, or a hyphen.
struct PartOfUpload: Codable, Sendable {
    var upload: ID<MultipartUpload>
    var number: PartNumber
    var md5: AnnouncedMD5

    /// What its capability is signed over.
    var object: String { "\(upload)/\(number.value)/\(md5.value)" }
}

struct AnnouncedMD5: Leaf {
    let value: String
    static let shape = Shape.string(.init(pattern: "-|[0-9a-f]{32}"))
    static let sample = AnnouncedMD5(value: "-")
    init(value: String) { self.value = value }
}
