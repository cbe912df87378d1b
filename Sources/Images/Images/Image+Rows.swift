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
struct OutsideImage: Codable, Sendable {
    var server: String
    var host: String
    var path: String

    /// As it was given, but for what IIIF appends to an image's address.
    var address: String { "\(server)/\(path)" }

    /// - Throws: 400 for what is no such address.
    init(_ url: ImageURL) throws {
        var address = url.value
        for ending in ["/info.json", "/full/full/0/default.jpg", "/full/max/0/default.jpg"] where address.hasSuffix(ending) {
            address.removeLast(ending.count)
        }
        guard let parts = address.wholeMatch(of: /(https?:\/\/([^\/?#@\s]+)(?:\/[^?#\s]*)?)\/([^\/?#\s]+)/) else {
            throw Problem.invalid(
                "url", "Must be the address of an image on an IIIF server, with a path, and without a name, a password, a ? and a #.")
        }
        server = String(parts.1)
        host = String(parts.2)
        path = String(parts.3)
    }
}

/// What is kept of an image elsewhere.
struct NewImage: Codable, Sendable {
    var image: OutsideImage
    var width: Int
    var height: Int
    /// Whether its server said so.
    var seen: Bool
    /// What else the server said.
    var version: Int?
    var max_width: Int?
    var max_height: Int?

    init(_ image: OutsideImage, width: Pixels, height: Pixels) {
        self.image = image
        self.width = width.value
        self.height = height.value
        seen = false
    }

    init(_ image: OutsideImage, _ information: ImageInformation) {
        self.image = image
        width = information.width
        height = information.height
        seen = true
        version = information.version
        max_width = information.maximumWidth
        max_height = information.maximumHeight
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
    static let announce = Statement<OutsideImage, NoRow>("announce_image", "SELECT announce_image($server, $path)")
    static let create = Statement<NewImage, OnlyImageID>(
        "create_image",
        """
        SELECT create_image($image.server, $image.host, $image.path, $width::integer, $height::integer, $seen::boolean, $version::integer,
          $max_width::integer, $max_height::integer) AS id
        """)
    static let createLocal = Statement<CreateImage, OnlyImageID>("create_local_image", "SELECT create_local_image($body.path) AS id")
    static let update = Statement<PartialUpdateImage, NoRow>(
        "partial_update_image", "SELECT change_image_status($id, $body.status)")
}
