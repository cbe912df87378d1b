public import Tenancy

/// Who may call an operation: the level, and which part of its input names the resource that it is held on.
/// A rule without a level on a resource says besides what the operation's statements ask (`asking`), or that there is nothing to ask
/// (`own`); a test refuses operations that leave it open.
public struct Rule<Input>: Sendable {
    let level: Access.Level
    let kind: Access.Kind?
    let object: @Sendable (Input) -> String?
    let readsCredentials: Bool
    private(set) var demands: [Decision.Demand] = []
    private(set) var isAboutTheCaller = false
    private(set) var isEnterpriseOnly = false

    private init(
        _ level: Access.Level, _ kind: Access.Kind?, readsCredentials: Bool = true, _ object: @escaping @Sendable (Input) -> String?
    ) {
        self.readsCredentials = readsCredentials
        self.level = level
        self.kind = kind
        self.object = object
    }

    public static var anyone: Rule { Rule(.anyone, nil) { _ in nil } }
    /// Whose credentials are not even looked at: a session that has run out must not keep anybody from signing in.
    public static var stranger: Rule { Rule(.anyone, nil, readsCredentials: false) { _ in nil }.own }
    public static var signedIn: Rule { Rule(.signedIn, nil) { _ in nil } }
    /// Signed in, and not a task.
    public static var person: Rule { Rule(.person, nil) { _ in nil } }
    /// A running task, and nobody else.
    public static var task: Rule { Rule(.task, nil) { _ in nil }.own }
    public static var instanceAdministrator: Rule { Rule(.instanceAdministrator, nil) { _ in nil } }
    /// A program that runs tasks, for an instance administrator.
    public static var agent: Rule { Rule(.agent, nil) { _ in nil } }

    /// At least this level on the resource that the input names; whoever may not see it gets a 404.
    public static func level<Entity>(
        _ level: Access.Level, on kind: Access.Kind, _ id: @escaping @Sendable (Input) -> ID<Entity>
    ) -> Rule {
        Rule(level, kind) { id($0).text }
    }

    /// What is asked of the caller for this input, by a decision that was made of this rule.
    package func access(for input: Input, by decision: Decision) -> Access {
        Access(decision, on: object, of: input)
    }

    /// Besides, the operation's own statements ask for this level on something that the body names.
    public func asking(_ level: Access.Level, on kind: Access.Kind) -> Rule {
        var rule = self
        rule.demands.append(Decision.Demand(level: level, kind: kind))
        return rule
    }

    /// There is nothing to ask: the operation is about the caller themselves, makes something that will be theirs, or lists what they may see.
    public var own: Rule {
        var rule = self
        rule.isAboutTheCaller = true
        return rule
    }

    /// In the Enterprise edition alone; neither answered nor described in the other.
    public var enterpriseOnly: Rule {
        var rule = self
        rule.isEnterpriseOnly = true
        return rule
    }

    package func decision(writes: Bool) -> Decision {
        Decision(
            level: level, kind: kind, writes: writes, readsCredentials: readsCredentials, demands: demands,
            isAboutTheCaller: isAboutTheCaller, isEnterpriseOnly: isEnterpriseOnly)
    }
}

extension Access {
    init<Input>(_ decision: Decision, on object: @Sendable (Input) -> String?, of input: Input) {
        self.init(
            decision.level, on: decision.kind, object: decision.kind == nil ? nil : object(input), writes: decision.writes,
            isEnterpriseOnly: decision.isEnterpriseOnly)
    }
}
