public import Tenancy

/// Who may call an operation: the level, and which part of its input names the resource that it is held on.
public struct Rule<Input>: Sendable {
    let level: Access.Level
    let kind: Access.Kind?
    let object: @Sendable (Input) -> String?
    let readsCredentials: Bool

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
    public static var stranger: Rule { Rule(.anyone, nil, readsCredentials: false) { _ in nil } }
    public static var signedIn: Rule { Rule(.signedIn, nil) { _ in nil } }
    /// Signed in, and not a task.
    public static var person: Rule { Rule(.person, nil) { _ in nil } }
    public static var instanceAdministrator: Rule { Rule(.instanceAdministrator, nil) { _ in nil } }
    /// A program that runs tasks, for an instance administrator.
    public static var agent: Rule { Rule(.agent, nil) { _ in nil } }

    /// At least this level on the resource that the input names; whoever may not see it gets a 404.
    public static func level<Entity>(
        _ level: Access.Level, on kind: Access.Kind, _ id: @escaping @Sendable (Input) -> ID<Entity>
    ) -> Rule {
        Rule(level, kind) { id($0).text }
    }

    package func access(for input: Input, writes: Bool) -> Access {
        Access(level, on: kind, object: object(input), writes: writes)
    }
}
