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
        let tenant = try await Credentials.tenant(of: request, tenancy)
        // A session of another host's tenant is none here.
        if let cookie = request.cookies[Credentials.sessionCookie]?.value, let secret = Secret(cookie), secret.tenant == tenant {
            caller = .holding(secret, scheme: .session)
            csrf = secret.csrf
        } else {
            caller = .anonymous(in: tenant)
            csrf = nil
        }
    }

    private init(caller: Caller, csrf: String?) {
        self.caller = caller
        self.csrf = csrf
    }

    /// The same as somebody who shows nothing.
    public var withoutSession: Visitor { Visitor(caller: .anonymous(in: caller.tenant), csrf: nil) }

    /// - Throws: 403 when what the form sent is not this session's.
    public func check(csrf given: String?) throws {
        guard let csrf else { return }
        guard given == csrf else {
            throw Problem(.forbidden, "csrf_failed", "This form is not of this session. Load the page again, and send it once more.")
        }
    }
}
