public import Tenancy
public import Web

/// Who asks: people, their sessions and tokens.
public enum Identity {
    public static let operations: [Operation] =
        Login.operations + UserRow.operations + TenantSettings.operations + DirectoryRow.operations + TokenRow.operations
        + SessionRow.operations + MembershipRow.operations + GroupRow.operations + AuditEventRow.operations

    /// What to say when a constraint of this name is broken.
    public static let conflicts: [String: Problem] = [
        "user_account_email_unique": .invalid("email", code: "unique", "Somebody has this address already.")
    ]

    /// Every statement of this feature, for the test that prepares them.
    /// - Throws: when the types of one cannot be recorded.
    public static func declarations() throws -> [Declaration] {
        try [
            .init(Login.account), .init(Login.begin), .init(Login.end), .init(UserRow.retrieve), .init(UserRow.edition),
            .init(TenantSettings.retrieve), .init(TenantSettings.update),
            .init(Accounts.creation), .init(Accounts.tokenCreation), .init(Login.attempt), .init(Login.forget),
            .init(DirectoryRow.list), .init(DirectoryRow.count), .init(DirectoryRow.retrieve),
            .init(DirectoryRow.create), .init(DirectoryRow.update),
            .init(TokenRow.list), .init(TokenRow.count), .init(TokenRow.create), .init(TokenRow.destroy),
            .init(SessionRow.list), .init(SessionRow.count), .init(SessionRow.destroy),
            .init(SessionRow.account), .init(SessionRow.change),
            .init(MembershipRow.list), .init(MembershipRow.count), .init(MembershipRow.retrieve),
            .init(MembershipRow.create), .init(MembershipRow.update), .init(MembershipRow.destroy),
            .init(GroupRow.list), .init(GroupRow.count), .init(GroupRow.retrieve),
            .init(GroupRow.create), .init(GroupRow.update), .init(GroupRow.destroy),
            .init(AuditEventRow.list), .init(AuditEventRow.count),
        ]
    }
}
