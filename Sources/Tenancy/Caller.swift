/// Who asks, before anything has been checked.
public struct Caller: Sendable {
    /// How they say who they are. The names are those that the database function `enter` knows.
    public enum Scheme: String, Sendable {
        case anonymous, token, session, ponos, capability
        /// The server itself; no request can be this.
        case system
    }

    public let tenant: ID<Tenant>
    public let scheme: Scheme
    /// The SHA-256 of their secret in hexadecimal, if they showed one.
    let digest: String?
    let capability: Capability?

    private init(tenant: ID<Tenant>, scheme: Scheme, digest: String? = nil, capability: Capability? = nil) {
        self.tenant = tenant
        self.scheme = scheme
        self.digest = digest
        self.capability = capability
    }

    /// Somebody who showed nothing, on the tenant that the Host header means.
    public static func anonymous(in tenant: ID<Tenant>) -> Caller {
        Caller(tenant: tenant, scheme: .anonymous)
    }

    /// Somebody who shows a secret; whether it is valid is for the database to say.
    public static func holding(_ secret: Secret, scheme: Scheme) -> Caller {
        Caller(tenant: secret.tenant, scheme: scheme, digest: secret.digest)
    }

    /// Whoever follows an address that was given out: nothing else is asked of them.
    public static func bearing(_ capability: Capability) -> Caller {
        Caller(tenant: capability.tenant, scheme: .capability, capability: capability)
    }

    /// The server itself, working in a tenant: the executor, jobs, commands.
    public static func system(in tenant: ID<Tenant>) -> Caller {
        Caller(tenant: tenant, scheme: .system)
    }
}
