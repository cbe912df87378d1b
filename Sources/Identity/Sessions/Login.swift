import HTTPTypes
import Postgres
import Shapes
import Tenancy
import Web

struct Login: Codable, Sendable {
    struct Content: Codable, Sendable {
        var email: String
        var password: String
    }
    var body: Content
}

struct SignedIn: Codable, Sendable {
    var id: ID<User>
    var email: String
    /// For the scheme `Token`, for 30 days.
    var auth_token: String
    var is_admin: Bool
    var features: Features
}

/// What is known of somebody before they have shown who they are.
struct Account: Decodable, Sendable {
    var id: ID<User>
    var email: String
    var password_hash: String?
    var is_admin: Bool
    var features: Features
}

struct EmailKey: Codable, Sendable {
    var email_key: String
}

struct NewSession: Codable, Sendable {
    var user: ID<User>
    var session: String
    var token: String
}

extension Login {
    /// How long a session lasts, in seconds.
    private static let sessionLength = 14 * 86_400

    static let account = Statement<EmailKey, Account>(
        "account_of_email",
        """
        SELECT u.id, u.email, u.password_hash, u.is_admin, \(UserRow.features) AS features FROM user_account u
        WHERE u.tenant_id = $tenant AND u.email_key = $email_key
        """)
    static let begin = Statement<NewSession, NoRow>(
        "begin_session",
        """
        WITH begun AS (
          INSERT INTO session (tenant_id, id, user_id, digest, expires)
          VALUES ($tenant, uuid7(), $user, decode($session, 'hex'), now() + interval '14 days')
        ), gone AS (
          DELETE FROM api_token t WHERE t.tenant_id = $tenant AND t.user_id = $user::uuid AND t.expires < now()
        )
        INSERT INTO api_token (tenant_id, id, user_id, name, digest, scope, expires)
        VALUES ($tenant, uuid7(), $user, 'Login', decode($token, 'hex'), 'write', now() + interval '30 days')
        """)
    /// Counts before anything is compared, so that guesses at the same time are counted too.
    static let attempt = Statement<EmailKey, NoRow>("attempt_sign_in", "SELECT attempt_sign_in($email_key)")
    static let forget = Statement<EmailKey, NoRow>("forget_sign_in_attempts", "SELECT forget_sign_in_attempts($email_key)")
    static let end = Statement<NoInput, NoRow>(
        "end_sessions", "DELETE FROM session s WHERE s.tenant_id = $tenant AND s.user_id = own_user()")

    static let operations: [Operation] = [
        Operation("Login", .post, "/api/v1/user/login/", "Sign in with e-mail and password", rule: .stranger) {
            (input: Login, scope: Scope) -> Reply<SignedIn> in
            let key = EmailKey(email_key: input.body.email.lowercased())
            _ = try await scope.rows(attempt, key)
            let account = try await scope.first(account, key)
            // The same answer, after the same time, for a wrong password and for an unknown address.
            guard try await Password.verify(input.body.password, against: account?.password_hash), let account else {
                throw Problem.invalid("password", code: "invalid_credentials", "This e-mail and password do not belong together.")
            }
            let session = Secret(in: scope.caller.tenant)
            let token = Secret(in: scope.caller.tenant)
            let began = NewSession(user: account.id, session: session.digest, token: token.digest)
            _ = try await scope.run([scope.call(begin, began), scope.call(forget, key)])
            let answer = SignedIn(
                id: account.id, email: account.email, auth_token: token.text, is_admin: account.is_admin, features: account.features)
            return try .json(answer, headers: SessionCookies(session, seconds: sessionLength).headers)
        },
        Operation("Logout", .delete, "/api/v1/user/", "End the caller's sessions", rule: .person.own) {
            (_: NoInput, scope: Scope) -> Reply<Nothing> in
            _ = try await scope.rows(end, NoInput())
            return Reply(.noContent, headers: SessionCookies.expired)
        },
    ]
}
