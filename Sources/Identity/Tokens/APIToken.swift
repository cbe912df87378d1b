import HTTPTypes
import Postgres
public import Shapes
import Tenancy
import Web

/// A secret for programs, which its owner made. Only its digest is kept.
struct TokenRow: Decodable, Sendable {
    var id: ID<APIToken>
    var name: String
    var scope: TokenScope
    var expires: String?
    var created: String
}

/// With the token itself: this is the only time it is shown.
struct NewTokenRow: Codable, Sendable {
    var id: ID<APIToken>
    var name: String
    var scope: TokenScope
    var expires: String?
    var created: String
    var token: String
}

public enum TokenScope: String, Codable, Sendable, CaseIterable, Described {
    case read, write
    /// To claim tasks and report on them, and for nothing else.
    case agent
    public static let sample = TokenScope.read
}

struct TokenName: Leaf {
    let value: String
    static let shape = Shape.string(.init(minimum: 1, maximum: 100))
    static let sample = TokenName(value: "a")
    init(value: String) { self.value = value }
}

/// A moment in time (RFC 3339).
struct Moment: Leaf {
    let value: String
    static let shape = Shape.string(
        .init(
            format: "date-time", maximum: 40,
            pattern: "[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}(:[0-9]{2}([.][0-9]{1,6})?)?([Zz]|[-+][0-9]{2}:[0-9]{2})"))
    static let sample = Moment(value: "2100-01-01T00:00:00Z")
    init(value: String) { self.value = value }
}

struct CreateToken: Codable, Sendable {
    struct Content: Codable, Sendable {
        var name: TokenName
        var scope: TokenScope
        /// Without it the token lives until it is revoked.
        var expires: Moment?
    }
    var body: Content
}

struct ListTokens: Codable, Sendable, Paged {
    var page: Int?
    var page_size: Int?
}

struct OnlyTokenID: Codable, Sendable {
    var id: ID<APIToken>
}

struct OwnToken: Codable, Sendable {
    var name: String
    var scope: TokenScope
    var expires: Moment?
    var digest: String
}

extension TokenRow {
    private static let own = "FROM api_token t WHERE t.tenant_id = $tenant AND t.user_id = own_user()"
    static let list = Statement<ListTokens, TokenRow>(
        "list_tokens", "SELECT t.id, t.name, t.scope, t.expires, t.created \(own) ORDER BY t.id DESC LIMIT $limit OFFSET $offset")
    static let count = Statement<ListTokens, Count>("count_tokens", "SELECT count(*) \(own)")
    static let create = Statement<OwnToken, TokenRow>(
        "create_token", "SELECT * FROM create_own_token($name, $scope, $expires, decode($digest, 'hex'))")
    static let destroy = Statement<OnlyTokenID, NoRow>("destroy_token", "SELECT destroy_own_token($id)")

    static let operations: [Operation] = [
        Operation(
            "ListTokens", "/api/v1/user/tokens/", "The caller's tokens, without their secrets", rule: .person.own, page: list, count: count),
        Operation(
            "CreateToken", .post, "/api/v1/user/tokens/", "Make a token, which is shown this once", rule: .person.own, status: .created
        ) { (input: CreateToken, scope: Scope) -> Reply<NewTokenRow> in
            let secret = Secret(in: scope.caller.tenant)
            let wanted = OwnToken(
                name: input.body.name.value, scope: input.body.scope, expires: input.body.expires, digest: secret.digest)
            guard let made = try await scope.first(create, wanted) else { throw Problem.notFound }
            let shown = NewTokenRow(
                id: made.id, name: made.name, scope: made.scope, expires: made.expires, created: made.created, token: secret.text)
            return try .json(shown, status: .created)
        },
        Operation(
            "DestroyToken", .delete, "/api/v1/user/tokens/{id}/", "Revoke one of the caller's tokens at once", rule: .person.own,
            nothing: destroy),
    ]
}
