import ArgumentParser
import FoundationEssentials
import Glibc

/// The environment's part of the settings. Flags win over it; an unknown `PALIMPSEST_` variable is an error, since it is a misspelt one.
struct Settings {
    private let values: [String: String]

    private static let known: Set<String> = [
        "PALIMPSEST_OWNER_URL", "PALIMPSEST_APP_PASSWORD", "PALIMPSEST_DIRECT_URL", "PALIMPSEST_EDITION", "PALIMPSEST_DATA_DIR",
        "PALIMPSEST_HOST", "PALIMPSEST_PORT", "PALIMPSEST_ADMIN_EMAIL", "PALIMPSEST_ADMIN_PASSWORD", "PALIMPSEST_STATEMENT_CACHE",
        "PALIMPSEST_EXECUTOR", "PALIMPSEST_ALLOW_CODE_FROM", "PALIMPSEST_LOG_LEVEL", "PALIMPSEST_METRICS_ADDRESS",
        "PALIMPSEST_POSTGRES_BIN",
        "PALIMPSEST_ALLOW_PRIVATE_IMAGES", "PALIMPSEST_IMAGE_CACHE", "PALIMPSEST_SECRET_KEY_FILE",
        "PALIMPSEST_OLD_SECRET_KEY_FILE",
        "PALIMPSEST_AGENT_URL", "PALIMPSEST_AGENT_TOKEN", "PALIMPSEST_AGENT_TOKEN_FILE", "PALIMPSEST_AGENT_SLOTS",
        "PALIMPSEST_AGENT_CA_FILE", "PALIMPSEST_AGENT_LEASE",
    ]

    /// - Throws: `ValidationError` naming a variable that does not exist.
    init(_ environment: [String: String] = ProcessInfo.processInfo.environment) throws {
        if let unknown = environment.keys.sorted().first(where: { $0.hasPrefix("PALIMPSEST_") && !Self.known.contains($0) }) {
            throw ValidationError("There is no variable \(unknown); there are \(Self.known.sorted().joined(separator: ", ")).")
        }
        values = environment
    }

    /// An empty variable counts as not set.
    subscript(name: String) -> String? {
        values[name].flatMap { $0.isEmpty ? nil : $0 }
    }

    /// The variable's value as one of a type's cases.
    /// - Throws: `ValidationError` that names the variable and the values it may have.
    func choice<Choice: CaseIterable & RawRepresentable>(_ name: String, _ type: Choice.Type = Choice.self) throws -> Choice?
    where Choice.RawValue == String {
        guard let text = self[name] else { return nil }
        guard let choice = Choice(rawValue: text) else {
            throw ValidationError("\(name) must be \(Choice.allCases.map(\.rawValue).joined(separator: " or ")), not \(text).")
        }
        return choice
    }

    var databaseURL: String? { self["DATABASE_URL"] }

    /// `$XDG_DATA_HOME/palimpsest` for a person; for root a place that the account `postgres` can reach.
    var dataDirectory: String {
        if let given = self["PALIMPSEST_DATA_DIR"] { return given }
        if getuid() == 0 { return "/var/lib/palimpsest" }
        let home = self["HOME"] ?? "."
        return (self["XDG_DATA_HOME"] ?? "\(home)/.local/share") + "/palimpsest"
    }

    /// The first administrator of an empty database.
    var administrator: Preparation.Administrator {
        Preparation.Administrator(email: self["PALIMPSEST_ADMIN_EMAIL"] ?? "admin@localhost", password: self["PALIMPSEST_ADMIN_PASSWORD"])
    }
}
