/// An address that works without credentials: for one object, one verb, until an end. The database makes them
/// (`sql/functions/capabilities.sql`) and says whether one holds; here it is only taken apart.
public struct Capability: Sendable {
    /// In clear, as in every secret.
    public let tenant: ID<Tenant>
    /// What it is for: the word of the ``Storage`` transfer, the HTTP method, and the object's text. They are not in the capability but in
    /// the request that shows it; it was signed over them.
    let kind: String
    let verb: String
    let object: String
    let until: String
    let mac: String

    /// - Parameter text: `<tenant>.<until>.<mac>`.
    /// - Returns: nil for anything that is not of this form.
    public init?(_ text: String, kind: String, verb: String, object: String) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, text.utf8.count < 256, let tenant = ID<Tenant>(digits: parts[0]) else { return nil }
        self.tenant = tenant
        self.kind = kind
        self.verb = verb
        self.object = object
        until = String(parts[1])
        mac = String(parts[2])
    }
}
