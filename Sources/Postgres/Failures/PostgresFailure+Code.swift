extension PostgresFailure {
    /// The kind of failure. A struct, so that a new kind breaks nobody's `switch`.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        private enum Kind: String {
            case server, invalidConnectionString, authentication, unreachable, connectionLost, answerLost, overloaded, timeout, cancelled
            case invalidParameter, unexpectedCopy, protocolViolation, decoding
        }

        private let kind: Kind

        private init(_ kind: Kind) {
            self.kind = kind
        }

        /// The server refused; see ``PostgresFailure/sqlState``.
        public static let server = Code(.server)
        public static let invalidConnectionString = Code(.invalidConnectionString)
        /// The server did not accept the user or the password.
        public static let authentication = Code(.authentication)
        /// No server answered, or it does not take connections yet.
        public static let unreachable = Code(.unreachable)
        /// The connection ended before the answer came: whether the segment was kept is unknown.
        public static let connectionLost = Code(.connectionLost)
        /// The connection ended before the results came, and the segment was kept.
        public static let answerLost = Code(.answerLost)
        /// ``Configuration/queueLimit`` is reached. Nothing was sent.
        public static let overloaded = Code(.overloaded)
        /// No connection became free within ``Configuration/waitTimeout``. Nothing was sent.
        public static let timeout = Code(.timeout)
        /// The pool is shutting down, or the lease has ended. Nothing was sent. A cancelled task gets `CancellationError`.
        public static let cancelled = Code(.cancelled)
        /// A parameter cannot be sent. Nothing was sent.
        public static let invalidParameter = Code(.invalidParameter)
        /// The SQL was a COPY, which has no place here; the connection was closed.
        public static let unexpectedCopy = Code(.unexpectedCopy)
        /// The connection was used in a way that its protocol does not allow, such as BEGIN on a shared connection.
        public static let protocolViolation = Code(.protocolViolation)
        /// The rows do not fit the type that they were to become.
        public static let decoding = Code(.decoding)

        public var description: String { kind.rawValue }

        /// Constant, so that it can leak nothing.
        var sentence: String {
            switch kind {
            case .server: "The database refused the statement."
            case .invalidConnectionString: "The database connection string is malformed."
            case .authentication: "The database did not accept the credentials."
            case .unreachable: "The database cannot be reached."
            case .connectionLost: "The connection to the database was lost."
            case .answerLost: "The change was kept, but the database's answer was lost."
            case .overloaded: "Too many database calls are waiting."
            case .timeout: "No database connection became free in time."
            case .cancelled: "The database connection is no longer available."
            case .invalidParameter: "A parameter cannot be sent to the database."
            case .unexpectedCopy: "COPY is not possible here."
            case .protocolViolation: "The database connection was used in a way that it does not allow."
            case .decoding: "The database's answer does not have the expected shape."
            }
        }
    }
}
