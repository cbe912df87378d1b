import FoundationEssentials
import HTTPTypes
import Postgres
import Shapes
public import Tenancy
public import Web

/// A picture on an IIIF server.
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
    var width: Int
    var height: Int
    var status: ImageStatus
    var s3_url: String?
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
    static let shape = Shape.integer(1...1_000_000)
    static let sample = Pixels(value: 1)
    init(value: Int) { self.value = value }
}

struct CreateIIIFURL: Codable, Sendable {
    struct Content: Codable, Sendable {
        var url: ImageURL
        var width: Pixels?
        var height: Pixels?
    }
    var body: Content
}

struct PartialUpdateImage: Codable, Sendable {
    struct Content: Codable, Sendable { var status: ImageStatus }
    var id: ID<Image>
    var body: Content
}

struct OnlyImageID: Codable, Sendable {
    var id: ID<Image>
}

/// An image's address taken apart: the server it is on, and its identifier there.
struct NewImage: Codable, Sendable {
    var server: String
    var host: String
    var path: String
    var width: Int
    var height: Int

    /// - Throws: 400 when the size is not given: the server does not fetch it.
    init(_ content: CreateIIIFURL.Content) throws {
        guard let width = content.width?.value, let height = content.height?.value else {
            throw Problem.invalid([
                Fault(
                    path: [.key(content.width == nil ? "width" : "height")], code: "required",
                    detail: "Give the size of the image in pixels: this server does not fetch images from elsewhere.")
            ])
        }
        var address = content.url.value
        for ending in ["/info.json", "/full/full/0/default.jpg", "/full/max/0/default.jpg"] where address.hasSuffix(ending) {
            address.removeLast(ending.count)
        }
        guard let slash = address.lastIndex(of: "/"), let scheme = address.firstRange(of: "://"), slash > scheme.upperBound,
            address.index(after: slash) < address.endIndex
        else { throw Problem.invalid("url", "Must be the address of an image on an IIIF server, with a path.") }
        server = String(address[..<slash])
        path = String(address[address.index(after: slash)...])
        host = String(address[scheme.upperBound...].prefix { $0 != "/" })
        self.width = width
        self.height = height
    }
}

extension ImageRow {
    private static let columns = """
        i.id, i.path, s.url || '/' || i.path AS url, i.width, i.height, i.status, NULL::text AS s3_url, NULL::text AS s3_put_url,
          jsonb_build_object('display_name', s.display_name, 'url', s.url, 'max_width', s.max_width, 'max_height', s.max_height,
            'version', s.version) AS server
        FROM image i JOIN image_server s ON s.tenant_id = $tenant AND s.id = i.server_id
        """
    static let retrieve = Statement<OnlyImageID, ImageRow>(
        "retrieve_image", "SELECT \(columns) WHERE i.tenant_id = $tenant AND i.id = $id")
    static let create = Statement<NewImage, OnlyImageID>(
        "create_image", "SELECT create_image($server, $host, $path, $width, $height) AS id")
    static let update = Statement<PartialUpdateImage, NoRow>(
        "partial_update_image", "SELECT change_image_status($id, $body.status)")
}

/// Pictures and where they are.
public enum Images {
    public static let operations: [Operation] = [
        Operation(
            "CreateIIIFURL", .post, "/api/v1/image/iiif/url/", "Register an image on an IIIF server by its address", rule: .signedIn,
            status: .created
        ) { (input: CreateIIIFURL, scope: Scope) -> Reply<ImageRow> in
            guard let made = try await scope.first(ImageRow.create, NewImage(input.body)) else { throw Problem.notFound }
            return try .row(await scope.rows(ImageRow.retrieve, made))
        },
        Operation("RetrieveImage", .get, "/api/v1/image/{id}/", "An image", rule: .signedIn, one: ImageRow.retrieve),
        Operation(
            "PartialUpdateImage", .patch, "/api/v1/image/{id}/", "Say whether an image has been checked", rule: .signedIn
        ) { (input: PartialUpdateImage, scope: Scope) -> Reply<ImageRow> in
            let rows = try await scope.run([scope.call(ImageRow.update, input), scope.call(ImageRow.retrieve, OnlyImageID(id: input.id))])
            return try .row(rows[1])
        },
    ]

    /// Every statement of this feature, for the test that prepares them.
    /// - Throws: when the types of one cannot be recorded.
    public static func declarations() throws -> [Declaration] {
        try [.init(ImageRow.retrieve), .init(ImageRow.create), .init(ImageRow.update)]
    }
}
