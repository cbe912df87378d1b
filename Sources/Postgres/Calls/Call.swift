/// SQL with `$1`… and its parameters, ready to be sent.
public struct Call: Sendable, Hashable {
    public var sql: String
    public var parameters: [Parameter]

    public init(_ sql: String, _ parameters: [Parameter] = []) {
        self.sql = sql
        self.parameters = parameters
    }
}

extension Call {
    /// The protocol counts parameters in 16 bits.
    private static let mostParameters = 65_535

    /// Refuses what libpq would cut short without a word: it takes C strings.
    func check(index: Int) throws(PostgresFailure) {
        guard parameters.count <= Self.mostParameters else {
            throw .invalid("A call has at most \(Self.mostParameters) parameters.", call: index)
        }
        guard !sql.holdsNUL else { throw .invalid("The SQL holds a NUL character.", call: index) }
        for (position, parameter) in parameters.enumerated() where parameter.withBytes({ $0?.holdsNUL ?? false }) {
            throw .invalid("Parameter $\(position + 1) holds a NUL character.", call: index)
        }
    }
}

extension [Call] {
    func check() throws(PostgresFailure) {
        for (index, call) in enumerated() { try call.check(index: index) }
    }
}
