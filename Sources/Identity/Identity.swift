public import Tenancy
public import Web

/// Who asks: people, their sessions and tokens.
public enum Identity {
    public static let operations: [Operation] = Login.operations + UserRow.operations + TenantSettings.operations

    /// Every statement of this feature, for the test that prepares them.
    /// - Throws: when the types of one cannot be recorded.
    public static func declarations() throws -> [Declaration] {
        try [
            .init(Login.account), .init(Login.begin), .init(Login.end), .init(UserRow.retrieve), .init(UserRow.edition),
            .init(Accounts.creation), .init(Accounts.tokenCreation), .init(TenantSettings.retrieve), .init(TenantSettings.update),
        ]
    }
}
