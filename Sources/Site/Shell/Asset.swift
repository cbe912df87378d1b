import Assets
import CSodium
import HTTPTypes
import Hummingbird
import HummingbirdCore
import NIOCore

/// A file of the pages, in the binary.
struct Asset: Sendable {
    /// As in `Sources/Assets`: `templates/layout.mustache`.
    let path: String
    let bytes: ByteBuffer

    static let all: [Asset] = (0..<asset_count()).map { index in
        let file = asset_file_at(index)
        return Asset(
            path: String(cString: file.path), bytes: ByteBuffer(bytes: UnsafeBufferPointer(start: file.bytes, count: file.size)))
    }

    /// Where browsers load each, by what templates call it.
    static let addresses = Dictionary(all.filter { $0.type != nil }.map { ($0.key, $0.address) }) { first, _ in first }

    var text: String { String(buffer: bytes) }

    /// Without folders, as browsers see it.
    var name: String { String(path.split(separator: "/").last ?? "").replacing(/\.gz$/, with: "") }

    /// What templates call its address: `style_css`.
    var key: String { name.replacing(".min.", with: ".").replacing(".", with: "_") }

    /// Kept compressed, and sent so: every browser that can show the pages unpacks it.
    private var isCompressed: Bool { path.hasSuffix(".gz") }

    /// Where browsers load it. The address changes with the content, so that it can be kept for ever.
    var address: String { "/assets/\(digest)/\(name)" }

    var type: String? {
        switch name.split(separator: ".").last {
        case "css": "text/css; charset=utf-8"
        case "js": "text/javascript; charset=utf-8"
        case "svg": "image/svg+xml"
        default: nil
        }
    }

    var response: Response {
        var headers: HTTPFields = [
            .contentType: type ?? "application/octet-stream", .cacheControl: "public, max-age=31536000, immutable",
            .xContentTypeOptions: "nosniff",
        ]
        if isCompressed { headers[.contentEncoding] = "gzip" }
        return Response(status: .ok, headers: headers, body: .init(byteBuffer: bytes))
    }

    /// The beginning of the content's hash, in hexadecimal.
    private var digest: String {
        var digest = [UInt8](repeating: 0, count: 16)
        let content = Array(bytes.readableBytesView)
        crypto_generichash(&digest, digest.count, content, UInt64(content.count), nil, 0)
        return digest.prefix(6).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}
