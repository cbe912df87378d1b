import Postgres
import Tenancy
import Testing

/// What no operation does, done by the superuser.
extension Tester {
    @discardableResult
    func asOwner(_ sql: String, _ parameters: [Parameter] = []) async throws -> Rows {
        try await database.connected(to: database.owner) { try await $0.run(Call(sql, parameters)) }
    }

    /// One value as text.
    func value(_ sql: String, _ parameters: [Parameter] = []) async throws -> String? {
        try await asOwner(sql, parameters).text(0, 0)
    }

    /// Another instance in the same database, with an administrator.
    func secondTenant() async throws -> ID<Tenant> {
        let other = ID<Tenant>()
        try await asOwner("INSERT INTO tenant (tenant_id, slug, host) VALUES ($1, 'second', 'second.example.org')", [other.parameter])
        try await person("second@example.org", in: other, isAdministrator: true)
        return other
    }

    @discardableResult
    func person(_ email: String, in other: ID<Tenant>? = nil, isAdministrator: Bool = false) async throws -> ID<User> {
        let id = ID<User>()
        try await asOwner(
            """
            INSERT INTO user_account (tenant_id, id, email, email_key, display_name, is_admin, can_create_workers)
            VALUES ($1, $2, $3, $3, 'Somebody', $4, true)
            """, [(other ?? tenant).parameter, id.parameter, .text(email), .text(isAdministrator ? "true" : "false")])
        return id
    }

    /// An API token of the first administrator of a tenant, or of this person.
    func token(in other: ID<Tenant>? = nil, of person: ID<User>? = nil, scope: String = "write", expires: String? = nil) async throws
        -> String
    {
        let secret = Secret(in: other ?? tenant)
        let made = try await asOwner(
            """
            INSERT INTO api_token (tenant_id, id, user_id, name, digest, scope, expires)
            SELECT $1, uuid7(), u.id, 'test', decode($2, 'hex'), $3, now() + $4::interval FROM user_account u
            WHERE u.tenant_id = $1 AND u.id = coalesce($5, u.id) ORDER BY u.is_admin DESC, u.created LIMIT 1 RETURNING id
            """,
            [
                secret.tenant.parameter, .text(secret.digest), .text(scope), expires.map(Parameter.text) ?? .null,
                person.map(\.parameter) ?? .null,
            ])
        try #require(made.count == 1)
        return secret.text
    }
}
