public import HTTPTypes
import Hummingbird
package import HummingbirdCore
public import Tenancy

/// Who a request says that it is from.
package enum Credentials {
    /// Its name, and that of the value a page repeats in `X-CSRFToken`.
    static let sessionCookie = "palimpsest.session"
    static let csrfCookie = "arkindex.csrf"

    /// - Throws: 401 for a secret of no known form or a session of another host, 403 for a session without its CSRF token on a change,
    ///   404 for a host that is no tenant's.
    package static func caller(of request: Request, _ tenancy: Tenancy) async throws -> Caller {
        if let header = request.headers[.authorization] { return try caller(authorization: header) }
        if let cookie = request.cookies[sessionCookie]?.value, let secret = Secret(cookie) {
            guard try await tenant(of: request, tenancy) == secret.tenant else { throw invalid }
            try checkCSRF(request, secret)
            return .holding(secret, scheme: .session)
        }
        return .anonymous(in: try await tenant(of: request, tenancy))
    }

    /// The tenant of the Host header.
    static func tenant(of request: Request, _ tenancy: Tenancy) async throws -> ID<Tenant> {
        let host = request.head.authority.map { String($0.prefix { $0 != ":" }) } ?? ""
        guard let tenant = try await tenancy.tenant(ofHost: host) else {
            throw Problem(.notFound, "unknown_host", "No instance answers to this host name.")
        }
        return tenant
    }

    private static func caller(authorization header: String) throws -> Caller {
        let words = header.split(separator: " ", maxSplits: 1)
        guard words.count == 2, let secret = Secret(String(words[1])) else { throw invalid }
        switch words[0].lowercased() {
        case "token": return .holding(secret, scheme: .token)
        case "ponos": return .holding(secret, scheme: .ponos)
        default: throw invalid
        }
    }

    /// A page of another site may not sign a visitor in as somebody else, nor do anything that no secret is asked for. Browsers say where a
    /// request comes from; programs, which say nothing, and whoever shows a secret of their own are meant to come from anywhere.
    /// - Throws: 403.
    package static func requireOwnSite(_ request: Request) throws {
        guard ![.get, .head, .options].contains(request.method), request.headers[.authorization] == nil,
            request.headers[.secFetchSite] == "cross-site"
        else { return }
        throw Problem(.forbidden, "cross_site", "A page of another site may not do this.")
    }

    private static let invalid = Problem(
        .unauthorized, "authentication_failed", "Authenticate with `Authorization: Token …` or, as a task, `Authorization: Ponos …`.")

    private static func checkCSRF(_ request: Request, _ secret: Secret) throws {
        guard ![.get, .head, .options].contains(request.method) else { return }
        guard request.headers[.csrfToken] == secret.csrf else {
            throw Problem(.forbidden, "csrf_failed", "Send the value of the cookie \(csrfCookie) in the header X-CSRFToken.")
        }
    }
}

extension HTTPField.Name {
    static var csrfToken: HTTPField.Name { HTTPField.Name("X-CSRFToken").unsafelyUnwrapped }
    static var secFetchSite: HTTPField.Name { HTTPField.Name("Sec-Fetch-Site").unsafelyUnwrapped }
    static var requestID: HTTPField.Name { HTTPField.Name("X-Request-Id").unsafelyUnwrapped }
}

extension Response {
    /// Cookies that were asked for over TLS are never sent without it.
    var withSecureCookies: Response {
        var response = self
        response.headers[values: .setCookie] = headers[values: .setCookie].map { "\($0); Secure" }
        return response
    }
}

/// The two cookies of a session.
public struct SessionCookies: Sendable {
    private let secret: Secret
    private let seconds: Int

    public init(_ secret: Secret, seconds: Int) {
        self.secret = secret
        self.seconds = seconds
    }

    /// `Set-Cookie` headers. The session itself is out of reach of scripts; the CSRF value is meant for them.
    public var headers: HTTPFields {
        var fields = HTTPFields()
        let attributes = "Path=/; Max-Age=\(seconds); SameSite=Lax"
        fields.append(HTTPField(name: .setCookie, value: "\(Credentials.sessionCookie)=\(secret.text); \(attributes); HttpOnly"))
        fields.append(HTTPField(name: .setCookie, value: "\(Credentials.csrfCookie)=\(secret.csrf); \(attributes)"))
        return fields
    }

    /// `Set-Cookie` headers that end a session.
    public static var expired: HTTPFields {
        var fields = HTTPFields()
        for name in [Credentials.sessionCookie, Credentials.csrfCookie] {
            fields.append(HTTPField(name: .setCookie, value: "\(name)=; Path=/; Max-Age=0; SameSite=Lax"))
        }
        return fields
    }
}
