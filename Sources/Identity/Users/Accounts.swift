import Postgres
import Shapes
public import Tenancy

/// Makes accounts and tokens, for the commands of operators.
public struct Accounts: Sendable {
    private let scope: Scope

    public init(scope: Scope) {
        self.scope = scope
    }

    /// - Throws: ``PostgresFailure`` with the constraint `user_account_email_unique` when the address is taken.
    public func create(email: Email, isAdmin: Bool, password: String) async throws {
        let account = NewAccount(
            id: ID(), email: email, email_key: email.key, display_name: String(email.value.prefix { $0 != "@" }),
            password_hash: try await Password.hash(password), is_admin: isAdmin)
        _ = try await scope.rows(Self.creation, account)
    }

    /// A new API token of somebody.
    /// - Returns: nil when nobody has this address.
    public func token(of email: Email, name: String, scope ability: TokenScope = .write) async throws -> Secret? {
        let secret = Secret(in: scope.caller.tenant)
        let token = NewToken(email_key: email.key, name: name, digest: secret.digest, scope: ability)
        return try await scope.rows(Self.tokenCreation, token).count == 1 ? secret : nil
    }
}

extension Accounts {
    struct NewAccount: Codable, Sendable {
        var id: ID<User>
        var email: Email
        var email_key: String
        var display_name: String
        var password_hash: String
        var is_admin: Bool
    }
    struct NewToken: Codable, Sendable {
        var email_key: String
        var name: String
        var digest: String
        var scope: TokenScope
    }
    struct Made: Codable, Sendable { var id: String }

    /// In the Community edition everybody gets every permission.
    static let creation = Statement<NewAccount, NoRow>(
        "create_user_account",
        """
        INSERT INTO user_account (tenant_id, id, email, email_key, display_name, password_hash, is_admin, can_create_workers,
          can_manage_workers, can_upload_images, can_create_iiif_images)
        SELECT $tenant, $id, $email, $email_key, $display_name, $password_hash, $is_admin::boolean, given, given, given, given
        FROM (SELECT $is_admin::boolean OR d.edition = 'community' AS given FROM deployment d) AS permissions
        """)
    static let tokenCreation = Statement<NewToken, Made>(
        "create_api_token",
        """
        INSERT INTO api_token (tenant_id, id, user_id, name, digest, scope)
        SELECT $tenant, uuid7(), u.id, $name, decode($digest, 'hex'), $scope FROM user_account u
        WHERE u.tenant_id = $tenant AND u.email_key = $email_key RETURNING id
        """)
}
