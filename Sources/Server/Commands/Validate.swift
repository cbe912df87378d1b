import ArgumentParser
import Logging
import Postgres

struct Validate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Check schema, policies and the runtime role; change nothing.")

    @OptionGroup var database: DatabaseOptions

    func run() async throws {
        try await reporting {
            let settings = try Settings()
            let logger = Logger(label: "palimpsest")
            let url = try await database.runtimeURL(settings, logger: logger)
            let faults = try await Connection.withConnection(url, logger) { lease in try await Validation.faults(lease) }
            if faults.contains(Validation.behind) { throw SchemaBehind(faults: faults) }
            guard faults.isEmpty else { throw Refusal(description: faults.joined(separator: "\n")) }
            print("The database is as this program needs it.")
        }
    }
}
