/// Where a running cluster is reached, and as whom.
///
/// The strings hold passwords: they are for connecting, not for logs. The endpoint's own description has none.
public struct Endpoint: Sendable {
    /// The directory of the socket, which only the server's account may enter.
    public let socketDirectory: String
    private let ownerName: String
    private let secrets: Secrets

    init(socketDirectory: String, ownerName: String, secrets: Secrets) {
        self.socketDirectory = socketDirectory
        self.ownerName = ownerName
        self.secrets = secrets
    }

    /// The role that owns the database: for migrations.
    public static let ownerRole = "palimpsest_owner"
    /// The role that requests run under. The migration makes it, with ``appPassword``.
    public static let appRole = "palimpsest_app"
    /// The database that a new cluster is given.
    public static let database = "palimpsest"
}

extension Endpoint {
    /// Connects the owner to the database.
    public var owner: String { connectionString(ownerName, Self.database, secrets.owner) }

    /// Connects the owner to the database `postgres`, where others are made and dropped.
    public var ownerMaintenance: String { connectionString(ownerName, "postgres", secrets.owner) }

    /// Connects the runtime role to the database.
    public var app: String { connectionString(Self.appRole, Self.database, appPassword) }

    /// The password that the migration gives to the runtime role.
    public var appPassword: String { secrets.app }

    private func connectionString(_ user: String, _ database: String, _ password: String) -> String {
        [("host", socketDirectory), ("user", user), ("dbname", database), ("password", password)]
            .map { "\($0)=\($1.quotedForConnection)" }.joined(separator: " ")
    }
}

extension Endpoint: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The socket's directory.
    public var description: String { "PostgreSQL in \(socketDirectory)" }
    /// The same.
    public var debugDescription: String { description }
    /// The same: a dump shows no password either.
    public var customMirror: Mirror { Mirror(self, children: ["socketDirectory": socketDirectory]) }
}

extension String {
    /// A value of libpq's `name='value'` strings.
    package var quotedForConnection: String { "'\(replacing("\\", with: "\\\\").replacing("'", with: "\\'"))'" }
}
