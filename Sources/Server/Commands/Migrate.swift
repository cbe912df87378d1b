import ArgumentParser
import Logging
import Postgres

struct Migrate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Bring a database to this program's schema, with the owner's connection in PALIMPSEST_OWNER_URL.")

    @OptionGroup var database: DatabaseOptions
    @Option(help: "community or enterprise, for a database that is still empty.")
    var edition: Preparation.Edition?

    func run() async throws {
        try await reporting {
            let settings = try Settings()
            let logger = Logger(label: "palimpsest")
            let preparation = Preparation(
                edition: try edition ?? settings.choice("PALIMPSEST_EDITION"), administrator: settings.administrator,
                applicationPassword: settings["PALIMPSEST_APP_PASSWORD"])
            let outcome = try await Connection.withConnection(try await database.ownerURL(settings, logger: logger), logger) {
                lease in
                try await preparation.run(lease)
            }
            outcome.print()
        }
    }
}

extension Preparation.Edition: ExpressibleByArgument {}

extension Preparation.Outcome {
    /// What an operator wants to read: a password that was made is shown here and never again.
    func print() {
        if !applied.isEmpty { announce("Applied \(applied.count) files of SQL; the database is of the \(edition.rawValue) edition.") }
        if let administrator {
            announce("Administrator: \(administrator.email)")
            if let password = administrator.password { announce("Password (shown once): \(password)") }
        }
    }
}
