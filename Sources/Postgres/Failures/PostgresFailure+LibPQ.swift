import CLibPQ

extension PostgresFailure {
    /// What the server says before it hangs up: shut down by the administrator, by a crash, or for idling too long.
    private static let farewells: Set = ["57P01", "57P02", "57P05", "25P03"]

    /// What the server reported in a result of status PGRES_FATAL_ERROR. libpq makes such results itself, without SQLSTATE, when the connection breaks.
    init(result: OpaquePointer) {
        func field(_ code: Int32) -> String? { PQresultErrorField(result, code).map { String(cString: $0) } }
        let state = field(CLIBPQ_SQLSTATE)
        let isLost = state.map(Self.farewells.contains) ?? true
        self.init(isLost ? .connectionLost : .server, message: field(CLIBPQ_MESSAGE) ?? String(cString: PQresultErrorMessage(result)))
        sqlState = state
        detail = field(CLIBPQ_DETAIL)
        hint = field(CLIBPQ_HINT)
        constraint = field(CLIBPQ_CONSTRAINT)
        table = field(CLIBPQ_TABLE)
        column = field(CLIBPQ_COLUMN)
        position = field(CLIBPQ_POSITION).flatMap { Int($0) }
        routine = field(CLIBPQ_ROUTINE)
    }

    /// Why connecting failed. libpq has no field for the SQLSTATE at this point, so its messages are asked to be nothing but that.
    init(connecting message: String, needsPassword: Bool) {
        let state = Self.sqlState(endOf: message)
        let code: Code =
            switch state {
            case let state? where state.hasPrefix("28"): .authentication
            case nil where needsPassword: .authentication
            case nil, "57P03": .unreachable
            default: .server
            }
        self.init(code, message: message)
        sqlState = state
    }

    /// The five characters after the last blank, if they look like an SQLSTATE: `… failed: FATAL:  28P01`.
    private static func sqlState(endOf message: String) -> String? {
        guard let word = message.split(whereSeparator: \.isWhitespace).last, word.utf8.count == 5 else { return nil }
        let isState = word.utf8.allSatisfy { (48...57).contains($0) || (65...90).contains($0) }
        return isState && message.contains(":  \(word)") ? String(word) : nil
    }
}
