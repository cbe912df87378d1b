import HTTPTypes
import Hummingbird
import HummingbirdCore
import NIOCore
public import Tenancy
public import Web

extension Transfer {
    /// Gives bytes by GET, streamed, and to HEAD what is said of them. `If-None-Match` and one `Range` are understood.
    /// - Parameters:
    ///   - gate: who may, and for which object; give the address out with `capability_url(path, kind, 'GET', object, until)` in SQL.
    ///   - place: the name in the path that a capability may be appended to after `~`, for addresses that clients build further on; by default it
    ///     is the query's `capability`.
    ///   - crossOrigin: whether pages of other sites may read it with a capability. Cookies are never taken from there.
    ///   - deliver: finds what is to be given.
    public static func download<Input: Decodable & Sendable>(
        _ id: String, _ path: Template, _ summary: String, gate: Gate<Input>, capabilityIn place: String? = nil, crossOrigin: Bool = false,
        deliver: @escaping @Sendable (Input, Scope, FileStore) async throws -> Delivery
    ) -> Transfer {
        Transfer(id, .get, path, summary, gate: gate, capabilityIn: place, crossOrigin: crossOrigin) { (input: Input, scope, passage) in
            let delivery = try await deliver(input, scope, passage.store)
            return try await delivery.response(to: passage.request, passage.store, in: scope.caller.tenant)
        }
    }
}

extension Delivery {
    func response(to request: Request, _ store: FileStore, in tenant: ID<Tenant>) async throws -> Response {
        var fields = fields
        if request.headers[.ifNoneMatch].map(isNamed(in:)) == true {
            fields[.contentType] = nil
            return Response(status: .notModified, headers: fields)
        }
        switch content {
        case .bytes(let bytes): return Response(status: .ok, headers: fields, body: .init(byteBuffer: bytes))
        case .file(let file): return part(of: file, request, fields, store)
        case .stored(let digest): return part(of: try await store.open(digest, in: tenant), request, fields, store)
        }
    }

    private func part(of file: ReadableFile, _ request: Request, _ fields: HTTPFields, _ store: FileStore) -> Response {
        var fields = fields
        fields[.acceptRanges] = "bytes"
        // A range of another version than the one that the client has begun with would be of no use to it.
        let isCurrent = request.headers[.ifRange].map { $0 == "\"\(tag)\"" } ?? true
        switch ByteRange(isCurrent ? request.headers[.range] : nil, size: file.size) {
        case .whole:
            return Response(status: .ok, headers: fields, body: .init(file, 0..<file.size, store))
        case .part(let range):
            fields[.contentRange] = "bytes \(range.lowerBound)-\(range.upperBound - 1)/\(file.size)"
            return Response(status: .partialContent, headers: fields, body: .init(file, range, store))
        case .unsatisfiable:
            var response = Response(Problem(.rangeNotSatisfiable, "range", "The file has \(file.size) bytes."))
            response.headers[.contentRange] = "bytes */\(file.size)"
            return response
        }
    }

    private var fields: HTTPFields {
        var fields = headers
        fields[.contentType] = contentType
        fields[.eTag] = "\"\(tag)\""
        fields[.cacheControl] = cacheControl
        // What somebody has uploaded is never more than it says that it is.
        fields[.xContentTypeOptions] = "nosniff"
        if let fileName { fields[.contentDisposition] = "attachment; filename*=UTF-8''\(fileName.percentEncoded)" }
        return fields
    }

    /// Tags have commas, and weak ones count as well: whoever names it, names it in quotes.
    private func isNamed(in header: String) -> Bool {
        header == "*" || header.contains("\"\(tag)\"")
    }
}

extension ResponseBody {
    /// Read piece by piece as the client takes them.
    fileprivate init(_ file: ReadableFile, _ range: Range<Int>, _ store: FileStore) {
        self.init(contentLength: range.count) { writer in
            for offset in stride(from: range.lowerBound, to: range.upperBound, by: FileStore.piece) {
                let count = min(FileStore.piece, range.upperBound - offset)
                try await writer.write(store.offload { try file.read(at: offset, upTo: count) })
            }
            try await writer.finish(nil)
        }
    }
}

extension String {
    /// RFC 5987's characters that may stand for themselves; all others as percent-encoded UTF-8.
    fileprivate var percentEncoded: String {
        utf8.map { byte in
            let scalar = Character(UnicodeScalar(byte))
            if byte < 128, scalar.isLetter || scalar.isNumber || "-._~".contains(scalar) { return String(scalar) }
            return "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
        }.joined()
    }
}
