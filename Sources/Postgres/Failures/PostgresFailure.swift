/// What went wrong with a connection or a call.
///
/// `description` is safe to show to anybody: a constant sentence and the SQLSTATE. `debugDescription` adds what the server said,
/// which may quote data; neither ever holds parameters, a password or the connection string.
public struct PostgresFailure: Error, Sendable, Equatable {
    public let code: Code
    /// PostgreSQL's five characters, `23505` for example. Present whenever the server itself refused.
    public internal(set) var sqlState: String?
    public internal(set) var message: String?
    public internal(set) var detail: String?
    public internal(set) var hint: String?
    public internal(set) var constraint: String?
    public internal(set) var table: String?
    public internal(set) var column: String?
    /// Where in the SQL, in characters from 1.
    public internal(set) var position: Int?
    /// The index of the failing call in its segment; nil if the segment failed as a whole, as by a deferred constraint.
    public internal(set) var call: Int?
    /// The function of the server that reported it.
    var routine: String?

    init(_ code: Code, message: String? = nil, call: Int? = nil) {
        self.code = code
        self.message = message
        self.call = call
    }

    static func invalid(_ message: String, call: Int? = nil) -> PostgresFailure {
        PostgresFailure(.invalidParameter, message: message, call: call)
    }

    func at(call: Int?) -> PostgresFailure {
        var failure = self
        failure.call = call
        return failure
    }
}

extension PostgresFailure {
    /// True where the same segment may succeed when sent once more, and the server is known to have kept nothing of it.
    var deservesRetry: Bool { sqlState == "40001" || sqlState == "40P01" || namesStaleStatement }

    /// True where a cached statement is gone, or its result changed with the schema. Preparing it again is the remedy.
    var namesStaleStatement: Bool { sqlState == "26000" || (sqlState == "0A000" && routine == "RevalidateCachedQuery") }
}

extension PostgresFailure: CustomStringConvertible, CustomDebugStringConvertible {
    public var description: String {
        sqlState.map { "\(code.sentence) (SQLSTATE \($0))" } ?? code.sentence
    }

    public var debugDescription: String {
        let fields: [(String, String?)] = [
            ("code", code.description), ("sqlState", sqlState), ("message", message), ("detail", detail), ("hint", hint),
            ("constraint", constraint), ("table", table), ("column", column), ("position", position.map(String.init)),
            ("call", call.map(String.init)),
        ]
        let shown = fields.compactMap { name, value in value.map { "\(name): \($0)" } }
        return "PostgresFailure(\(shown.joined(separator: ", ")))"
    }
}
