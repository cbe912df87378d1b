import FoundationEssentials
import HTTPTypes
import Hummingbird
package import HummingbirdCore
import NIOCore
import Shapes
import Tenancy

/// One request on its way through an operation.
struct Exchange: Sendable {
    let request: Request
    let caller: Caller
    let tenancy: Tenancy
    /// Values of the template's names, as they stand in the address.
    let path: [String: String]
    let body: ByteBuffer

    var origin: String { request.origin }

    /// This request's address with other values for some of its query parameters; nil takes one out.
    func address(replacing replacements: [String: String?]) -> String {
        var pairs = request.uri.parameters.filter { replacements[$0.name] == nil }
        pairs += replacements.sorted { $0.key < $1.key }.compactMap { key, value in value.map { (key, $0) } }
        let query = pairs.map { "\($0.0.queryEscaped)=\($0.1.queryEscaped)" }.joined(separator: "&")
        return "\(origin)\(request.uri.path)" + (query.isEmpty ? "" : "?\(query)")
    }
}

extension Request {
    /// Where clients reach this server, for the addresses in answers. Behind a proxy it is what the proxy was asked for.
    package var origin: String {
        let scheme = headers[.forwardedProtocol] == "https" ? "https" : "http"
        return "\(scheme)://\(head.authority ?? "localhost")"
    }
}

extension HTTPField.Name {
    static var forwardedProtocol: HTTPField.Name { HTTPField.Name("X-Forwarded-Proto").unsafelyUnwrapped }
}

extension String {
    /// For a query or a segment of a path.
    var queryEscaped: String {
        addingPercentEncoding(withAllowedCharacters: .queryValueAllowed)
    }

    private func addingPercentEncoding(withAllowedCharacters allowed: Set<UInt8>) -> String {
        utf8.map { allowed.contains($0) ? String(UnicodeScalar($0)) : "%" + ($0 < 16 ? "0" : "") + String($0, radix: 16, uppercase: true) }
            .joined()
    }
}

extension Set<UInt8> {
    /// RFC 3986's unreserved characters.
    fileprivate static let queryValueAllowed = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~".utf8)
}
