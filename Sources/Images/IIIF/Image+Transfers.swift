import HTTPTypes
import NIOCore
import Postgres
import Shapes
import Storage
import Tenancy
import Web

/// What is known of the file of an image that may be given.
struct ImageFile: Codable, Sendable {
    var digest: String
    var width: Int
    var height: Int
    var media_type: String
    var deliverable: Bool
    /// The server's own address.
    var origin: String

    static let find = Statement<ImageAddress, ImageFile>(
        "find_image_file",
        """
        SELECT encode(i.digest, 'hex') AS digest, i.width, i.height, i.media_type, i.deliverable, own_origin() AS origin FROM image i
        WHERE i.tenant_id = $tenant AND i.id = $image AND i.status = 'checked' AND i.digest IS NOT NULL
        """)
}

/// The identifier of an image in an address.
struct ImageAddress: Codable, Sendable {
    var image: ID<Image>
    /// What was appended to it.
    var capability: String?
}

/// The rest of an image's address.
struct RenderingAddress: Codable, Sendable {
    var image: ID<Image>
    var region: String
    var size: String
    var rotation: String
    var file: String
}

struct UploadedImage: Codable, Sendable {
    var id: ID<Image>
}

/// A file that has come, and what was seen in it.
struct KeptImage: Codable, Sendable {
    var id: ID<Image>
    var file: StoredFile
    var media_type: String?
    var width: Int
    var height: Int
    var deliverable: Bool
    var fault: String?
}

extension ImageRow {
    /// 1 GiB: a page at 600 dpi without compression has about 100 MB.
    static let greatestFile = 1 << 30

    static let await = Statement<UploadedImage, NoRow>("await_image_file", "SELECT await_image_file($id)")
    static let keep = Statement<KeptImage, NoRow>(
        "keep_image_file",
        """
        SELECT keep_image_file($id, $file.digest, $file.md5, $file.size, $media_type, $width::integer, $height::integer, $deliverable::boolean,
          $fault)
        """)

    static let transfers: [Transfer] = [
        .upload(
            "UploadImage", "/api/v1/image/{id}/file/", "Send the file of an image",
            gate: .capability(for: "image", on: \.id.text, or: .level(.admin, on: .image, \.id)),
            expecting: { (input: UploadedImage, scope) in
                _ = try await scope.rows(ImageRow.await, input)
                return Expectation(limit: greatestFile)
            },
            keep: { (input: UploadedImage, file, readable, scope) in try await keep(input.id, file, readable, scope) }),
        .download(
            "RetrieveImageInformation", "/iiif/2/{image}/info.json", "What viewers ask first", gate: gate, capabilityIn: "image",
            crossOrigin: true
        ) { (input: ImageAddress, scope, _) in
            guard let file = try await scope.first(ImageFile.find, input) else { throw Problem.notFound }
            let identifier = input.image.text + (input.capability.map { "~" + $0 } ?? "")
            let text = file.information(at: "\(file.origin)/iiif/2/\(identifier)").text
            var delivery = Delivery.bytes(
                ByteBuffer(string: text), contentType: "application/json", tag: "\(file.digest)-\(text.utf8.count)")
            delivery.headers[.link] = #"<http://iiif.io/api/image/2/level2.json>;rel="profile""#
            return delivery
        },
        .download(
            "RetrieveRendering", "/iiif/2/{image}/{region}/{size}/{rotation}/{file}", "An image or a part of it",
            gate: .capability(for: "image", on: \.image.text, or: .level(.guest, on: .image, \.image)), capabilityIn: "image",
            crossOrigin: true
        ) { (input: RenderingAddress, scope, store) in
            guard let file = try await scope.first(ImageFile.find, ImageAddress(image: input.image)) else { throw Problem.notFound }
            return try await file.delivery(of: input, store, scope.caller.tenant)
        },
    ]

    private static let gate = Gate<ImageAddress>.capability(for: "image", on: \.image.text, or: .level(.guest, on: .image, \.image))

    /// Looks at what has come. What is no image is noted and refused.
    private static func keep(_ id: ID<Image>, _ file: StoredFile, _ readable: ReadableFile, _ scope: Scope) async throws {
        let seen = try await RenderingTurns.shared.taken { await Picture.look(at: readable) }
        switch seen {
        case .success(let picture):
            _ = try await scope.rows(
                keep,
                KeptImage(
                    id: id, file: file, media_type: picture.type.rawValue, width: picture.width, height: picture.height,
                    deliverable: picture.deliverable))
        case .failure(let fault):
            _ = try await scope.rows(keep, KeptImage(id: id, file: file, width: 0, height: 0, deliverable: false, fault: fault.rawValue))
            throw Problem(.badRequest, "not_an_image", fault.rawValue)
        }
    }
}

extension ImageFile {
    fileprivate func delivery(of input: RenderingAddress, _ store: FileStore, _ tenant: ID<Tenant>) async throws -> Delivery {
        let words = Rendering.Words(region: input.region, size: input.size, rotation: input.rotation, file: input.file)
        let rendering = try Rendering(words, width: width, height: height)
        let type = rendering.format == .jpg ? "image/jpeg" : "image/png"
        var delivery: Delivery
        if deliverable, rendering.format == .jpg, rendering.isWhole(width: width, height: height) {
            delivery = .stored(digest, contentType: type)
        } else {
            let made = try await RenderingCache(beside: store, tenant: tenant).file(rendering, of: digest, in: store, tenant: tenant)
            delivery = .file(made, contentType: type, tag: "\(digest)-\(rendering.name)")
        }
        // The file of a checked image does not change, and its address does on the hour.
        delivery.cacheControl = "private, max-age=3600"
        return delivery
    }

    /// The API's chapter 5.
    fileprivate func information(at address: String) -> JSONValue {
        let scales = (0..<8).map { 1 << $0 }.filter { $0 == 1 || max(width, height) / $0 >= 256 }
        return [
            "@context": "http://iiif.io/api/image/2/context.json", "@id": .string(address), "protocol": "http://iiif.io/api/image",
            "width": .integer(width), "height": .integer(height),
            "profile": [
                "http://iiif.io/api/image/2/level2.json",
                [
                    "formats": ["jpg", "png"], "qualities": ["default", "color", "gray", "bitonal"],
                    "supports": ["regionSquare", "mirroring", "sizeAboveFull"],
                    "maxArea": .integer(max(width * height, Rendering.mostPixels)),
                ],
            ],
            "tiles": [["width": 512, "scaleFactors": .array(scales.map(JSONValue.integer))]],
        ]
    }
}

extension HTTPField.Name {
    fileprivate static let link = HTTPField.Name("Link").unsafelyUnwrapped
}
