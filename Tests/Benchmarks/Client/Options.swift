/// The command line: `--connection … --statement … [--clients 8] [--connections 4] [--seconds 2] [--on-loop]`.
struct Options: Sendable {
    /// libpq's form; a password comes from the environment, as PGPASSWORD.
    let connection: String
    let statement: String
    /// How many tasks ask, each again as soon as it has its answer.
    let clients: Int
    /// How many connections they share; as many as the server has, unless said otherwise.
    let connections: Int
    let seconds: Int
    /// Whether the asking tasks run on the thread of the connections.
    let onLoop: Bool

    init(_ arguments: [String]) throws {
        func value(_ name: String) -> String? {
            arguments.firstIndex(of: "--" + name).flatMap { $0 + 1 < arguments.count ? arguments[$0 + 1] : nil }
        }
        func number(_ name: String, _ usual: Int) throws -> Int {
            guard let given = value(name) else { return usual }
            guard let number = Int(given), number > 0 else { throw Misuse(description: "--\(name) must be a positive number.") }
            return number
        }
        guard let connection = value("connection"), let statement = value("statement") else {
            throw Misuse(description: "--connection and --statement are needed.")
        }
        self.connection = connection
        self.statement = statement
        clients = try number("clients", 8)
        connections = try number("connections", 4)
        seconds = try number("seconds", 2)
        onLoop = arguments.contains("--on-loop")
    }
}

struct Misuse: Error, CustomStringConvertible {
    let description: String
}
