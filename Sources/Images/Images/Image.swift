import Shapes
import Tenancy

/// A picture: on an IIIF server elsewhere, or in a file of this one.
struct ImageRow: Decodable, Sendable {
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
    /// In pixels; 0 until it is known.
    var width: Int
    var height: Int
    var status: ImageStatus
    /// Why the file that came last was not taken.
    var problem: String?
    var s3_url: String?
    /// Where the file is to be sent by PUT, for whoever may still send it.
    var s3_put_url: String?
    var server: Server
}

enum ImageStatus: String, Codable, Sendable, CaseIterable, Described {
    case checked, unchecked, error
    static let sample = ImageStatus.checked
}

/// An http or https address of at most 2,048 characters.
struct ImageURL: Leaf {
    let value: String
    static let shape = Shape.string(.init(format: "uri", maximum: 2048))
    static let sample = ImageURL(value: "https://iiif.example.org/iiif/2/page")
    init(value: String) { self.value = value }
}

/// In pixels.
struct Pixels: Leaf {
    let value: Int
    static let range = 1...1_000_000
    static let shape = Shape.integer(range)
    static let sample = Pixels(value: 1)
    init(value: Int) { self.value = value }
}

/// What somebody calls an image that they upload; unique. It has nothing to do with places on a disk.
struct ImagePath: Leaf {
    let value: String
    static let shape = Shape.string(.init(minimum: 1, maximum: 2048))
    static let sample = ImagePath(value: "register/page-1.jpg")
    init(value: String) { self.value = value }
}
