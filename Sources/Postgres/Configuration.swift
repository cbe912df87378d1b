/// Where the database is, and how many connections a ``Pool`` keeps to it.
public struct Configuration: Sendable {
    /// A libpq URI or `keyword=value` list. What it leaves out, libpq takes from its `PG…` environment variables.
    public var connectionString: String
    /// Where LISTEN connects, if `connectionString` leads through a proxy that does not pass notifications on.
    public var directConnectionString: String?
    /// How many pipelined connections are kept open for segments. One party has no more.
    public var shared: Int
    /// How many connections one party can have on loan at once. They are opened when first needed.
    public var leased: Int
    /// How many more there are of each, opened when a party finds all held by others.
    public var spare: Int
    /// Whether statements are prepared by name. Off behind a proxy that hands each transaction to another connection.
    public var statementCache: Bool
    /// How many prepared statements a connection keeps. Each costs the server some kilobytes.
    public var statementCacheSize: Int
    /// How many segments may wait or be in flight; the next one fails with ``PostgresFailure/Code/overloaded``. Parties that are there at
    /// once each have an even part of it.
    public var queueLimit: Int
    /// How long opening a connection may take, apart from the look-up of host names, which libpq cannot limit.
    public var connectTimeout: Duration
    /// How long a segment or a lease waits for a connection.
    public var waitTimeout: Duration
    /// Shown in `pg_stat_activity`, unless the connection string names another.
    public var applicationName: String

    /// A pooler that lends its connections by transaction would give a subscription to whoever comes next.
    var canListen: Bool { statementCache || directConnectionString != nil }

    public init(
        connectionString: String, directConnectionString: String? = nil, shared: Int = 4, leased: Int = 4, spare: Int = 1,
        statementCache: Bool = true, statementCacheSize: Int = 256, queueLimit: Int = 1024,
        connectTimeout: Duration = .seconds(10), waitTimeout: Duration = .seconds(10), applicationName: String = "palimpsest"
    ) {
        self.connectionString = connectionString
        self.directConnectionString = directConnectionString
        self.shared = shared
        self.leased = leased
        self.spare = spare
        self.statementCache = statementCache
        self.statementCacheSize = statementCacheSize
        self.queueLimit = queueLimit
        self.connectTimeout = connectTimeout
        self.waitTimeout = waitTimeout
        self.applicationName = applicationName
    }
}
