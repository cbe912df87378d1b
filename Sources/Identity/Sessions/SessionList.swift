import HTTPTypes
import Postgres
import Shapes
import Tenancy
import Web

/// Where somebody is signed in with a browser.
struct SessionRow: Decodable, Sendable {
    var id: ID<Session>
    var created: String
    var expires: String
}

struct ListSessions: Codable, Sendable, Paged {
    var page: Int?
    var page_size: Int?
}

struct OnlySessionID: Codable, Sendable {
    var id: ID<Session>
}

struct ChangePassword: Codable, Sendable {
    struct Content: Codable, Sendable {
        var old_password: String
        var new_password: NewPassword
    }
    var body: Content
}

struct OwnAccount: Codable, Sendable {
    var id: ID<User>
    var email_key: String
    var password_hash: String?
}

struct NewHash: Codable, Sendable {
    var id: ID<User>
    var hash: String
}

extension SessionRow {
    private static let own = "FROM session s WHERE s.tenant_id = $tenant AND s.user_id = own_user() AND s.expires > now()"
    static let list = Statement<ListSessions, SessionRow>(
        "list_sessions", "SELECT s.id, s.created, s.expires \(own) ORDER BY s.id DESC LIMIT $limit OFFSET $offset")
    static let count = Statement<ListSessions, Count>("count_sessions", "SELECT count(*) \(own)")
    static let destroy = Statement<OnlySessionID, NoRow>("destroy_session", "SELECT destroy_own_session($id)")
    static let account = Statement<NoInput, OwnAccount>(
        "own_account",
        "SELECT u.id, u.email_key, u.password_hash FROM user_account u WHERE u.tenant_id = $tenant AND u.id = own_user()")
    static let change = Statement<NewHash, NoRow>("change_password", "SELECT change_password($id, $hash)")

    static let operations: [Operation] = [
        Operation("ListSessions", "/api/v1/user/sessions/", "Where the caller is signed in", rule: .person.own, page: list, count: count),
        Operation(
            "DestroySession", .delete, "/api/v1/user/sessions/{id}/", "Sign out somewhere else", rule: .person.own, nothing: destroy),
        Operation(
            "ChangePassword", .post, "/api/v1/user/password/", "Change the caller's password, and sign out everywhere", rule: .person.own
        ) { (input: ChangePassword, scope: Scope) -> Reply<Nothing> in
            guard let account = try await scope.first(account, NoInput()) else { throw Problem.notFound }
            let key = EmailKey(email_key: account.email_key)
            _ = try await scope.rows(Login.attempt, key)
            guard try await Password.verify(input.body.old_password, against: account.password_hash) else {
                throw Problem.invalid("old_password", code: "invalid_credentials", "This is not the password.")
            }
            let hash = try await Password.hash(input.body.new_password.value)
            _ = try await scope.run([scope.call(change, NewHash(id: account.id, hash: hash)), scope.call(Login.forget, key)])
            return Reply(.noContent, headers: SessionCookies.expired)
        },
    ]
}
