public import Tenancy

/// Who may call an operation, as data: one row of the table that the access check obeys and that the tests of the matrix are made from.
public struct Decision: Sendable, Hashable {
    /// A level that somebody has to hold on a resource.
    public struct Demand: Sendable, Hashable {
        public var level: Access.Level
        public var kind: Access.Kind
    }

    /// Checked by `enter`, before any statement of the operation.
    public var level: Access.Level
    /// What the level is held on; nil for the levels that are not about a resource.
    public var kind: Access.Kind?
    /// Whether the operation changes anything: tokens of scope read may not call it then.
    public var writes: Bool
    public let readsCredentials: Bool
    /// Asked by the operation's own statements, for what its body names.
    public let demands: [Demand]
    /// Whether it shows, to each caller, what is theirs or what they may see, and is about nothing that could be hidden from them.
    public let isAboutTheCaller: Bool
    /// Whether the Community edition has no such operation.
    public let isEnterpriseOnly: Bool

    /// Whether somebody has decided: a rule that asks for no resource must say why it need not.
    public var isMade: Bool {
        kind != nil || !demands.isEmpty || isAboutTheCaller || level.rawValue >= Access.Level.instanceAdministrator.rawValue
    }
}
