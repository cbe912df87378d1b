import HTTPTypes
import Hummingbird
public import HummingbirdCore
public import Tenancy

/// Who looks at a page: a session, or nobody. Tokens are for programs.
public struct Visitor: Sendable {
    public let caller: Caller
    /// What a form must send back, where there is a session.
    public let csrf: String?

    /// - Throws: ``Problem`` 404 for a host that is no tenant's.
    public init(_ request: Request, _ tenancy: Tenancy) async throws {
        if let cookie = request.cookies[Credentials.sessionCookie]?.value, let secret = Secret(cookie) {
            caller = .holding(secret, scheme: .session)
            csrf = secret.csrf
        } else {
            caller = .anonymous(in: try await Credentials.tenant(of: request, tenancy))
            csrf = nil
        }
    }

    /// - Throws: 403 when what the form sent is not this session's.
    public func check(csrf given: String?) throws {
        guard let csrf else { return }
        guard given == csrf else {
            throw Problem(.forbidden, "csrf_failed", "This form is not of this session. Load the page again, and send it once more.")
        }
    }
}
