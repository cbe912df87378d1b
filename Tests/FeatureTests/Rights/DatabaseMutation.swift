import Postgres
import Tenancy
import Testing

@testable import Web

/// A function of the database with one of its lines changed.
struct DatabaseMutation: Sendable, CustomTestStringConvertible {
    let name: String
    let function: String
    let line: String
    let instead: String
    /// The operations that must answer differently then.
    let concerns: @Sendable (Decision) -> Bool

    var testDescription: String { name }

    static let all: [DatabaseMutation] = [
        DatabaseMutation(
            name: "whoever may see may do", function: "require_level", line: "held < needed", instead: "false"
        ) { decision in
            decision.demands.contains { $0.level.rawValue > 10 } || (decision.kind != nil && decision.level.rawValue > 10)
        },
        DatabaseMutation(
            name: "tokens for reading write", function: "enter",
            line: "writes AND person.scope = 'read'", instead: "false"
        ) { $0.writes && $0.readsCredentials && $0.level != .task },
        DatabaseMutation(
            name: "everybody administrates the instance", function: "require_instance_administrator",
            line: "NOT instance_administrator()", instead: "false"
        ) { $0.level == .instanceAdministrator },
    ]
}

extension Tester {
    func mutate(_ mutation: DatabaseMutation) async throws {
        let definition = try #require(
            try await value("SELECT pg_get_functiondef(p.oid) FROM pg_proc p WHERE p.proname = $1", [.text(mutation.function)]))
        let mutated = definition.replacing(mutation.line, with: mutation.instead)
        try #require(mutated != definition, "\(mutation.name)")
        try await database.connected(to: database.owner) { try await $0.script(mutated) }
    }
}
