public import Web

/// Who may pass: whoever shows a capability, and perhaps who is signed in and has a level.
///
/// There is no transfer without one. The capability is signed over `kind`, the HTTP method and the object's text; SQL makes it with the same
/// words, `capability(kind, verb, object, until)`.
public struct Gate<Input>: Sendable {
    let kind: String
    let object: @Sendable (Input) -> String
    let rule: Rule<Input>?

    private init(_ kind: String, _ object: @escaping @Sendable (Input) -> String, _ rule: Rule<Input>?) {
        self.kind = kind
        self.object = object
        self.rule = rule
    }

    /// - Parameters:
    ///   - kind: what the object is, in one word that no other object has.
    ///   - object: names one object of that kind. Whatever of the input decides which bytes move has to be in it.
    ///   - rule: who needs no capability; without it everybody does. Credentials are not looked at where a capability is shown.
    public static func capability(
        for kind: String, on object: @escaping @Sendable (Input) -> String, or rule: Rule<Input>? = nil
    ) -> Gate {
        Gate(kind, object, rule)
    }
}
