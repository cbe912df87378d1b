/// Who asks, before anything has been checked.
public struct Caller: Sendable {
    /// How they say who they are. The names are those that the database function `enter` knows.
    public enum Scheme: String, Sendable {
        case anonymous, token, session, ponos
        /// The server itself; no request can be this.
        case system
    }

    public let tenant: ID<Tenant>
    public let scheme: Scheme
    /// The SHA-256 of their secret in hexadecimal, if they showed one.
    let digest: String?

    /// Somebody who showed nothing, on the tenant that the Host header means.
    public static func anonymous(in tenant: ID<Tenant>) -> Caller {
        Caller(tenant: tenant, scheme: .anonymous, digest: nil)
    }

    /// Somebody who shows a secret; whether it is valid is for the database to say.
    public static func holding(_ secret: Secret, scheme: Scheme) -> Caller {
        Caller(tenant: secret.tenant, scheme: scheme, digest: secret.digest)
    }

    /// The server itself, working in a tenant: the executor, jobs, commands.
    public static func system(in tenant: ID<Tenant>) -> Caller {
        Caller(tenant: tenant, scheme: .system, digest: nil)
    }
}
