import HTTPTypes
import Postgres
import Shapes
import Tenancy
import Web

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

struct CreateImage: Codable, Sendable {
    struct Content: Codable, Sendable { var path: ImagePath }
    var body: Content
}

extension ImageRow {
    static let retrieve = Statement<OnlyImageID, ImageRow>(
        "retrieve_image",
        """
        SELECT i.id, i.path, image_address(i.id, s.local, s.url, i.path, signer.beginning, signer.inner_pad, signer.outer_pad) AS url,
          i.width, i.height, i.status, i.problem, NULL::text AS s3_url,
          CASE WHEN s.local AND i.status <> 'checked' AND image_level(i.id) = 100
            THEN capability_url('/api/v1/image/' || i.id || '/file/', 'image', 'PUT', i.id::text, capability_until('1 day')) END AS s3_put_url,
          jsonb_build_object('display_name', s.display_name, 'url', image_server_address(s.local, s.url), 'max_width', s.max_width,
            'max_height', s.max_height, 'version', s.version) AS server
        FROM image i JOIN image_server s ON s.tenant_id = $tenant AND s.id = i.server_id CROSS JOIN image_signer() AS signer
        WHERE i.tenant_id = $tenant AND i.id = $id
        """)
    static let create = Statement<NewImage, OnlyImageID>(
        "create_image", "SELECT create_image($server, $host, $path, $width, $height) AS id")
    static let createLocal = Statement<CreateImage, OnlyImageID>("create_local_image", "SELECT create_local_image($body.path) AS id")
    static let update = Statement<PartialUpdateImage, NoRow>(
        "partial_update_image", "SELECT change_image_status($id, $body.status)")
}
