public import Tenancy

/// Who may call an operation: the level, and which part of its input names the resource that it is held on.
public struct Rule<Input>: Sendable {
    let level: Access.Level
    let kind: Access.Kind?
    let object: @Sendable (Input) -> String?

    private init(_ level: Access.Level, _ kind: Access.Kind?, _ object: @escaping @Sendable (Input) -> String?) {
        self.level = level
        self.kind = kind
        self.object = object
    }

    public static var anyone: Rule { Rule(.anyone, nil) { _ in nil } }
    public static var signedIn: Rule { Rule(.signedIn, nil) { _ in nil } }
    public static var instanceAdministrator: Rule { Rule(.instanceAdministrator, nil) { _ in nil } }

    /// At least this level on the resource that the input names; whoever may not see it gets a 404.
    public static func level<Entity>(
        _ level: Access.Level, on kind: Access.Kind, _ id: @escaping @Sendable (Input) -> ID<Entity>
    ) -> Rule {
        Rule(level, kind) { id($0).text }
    }

    func access(for input: Input, writes: Bool) -> Access {
        Access(level, on: kind, object: object(input), writes: writes)
    }
}
