import ArgumentParser
import Web

@main
struct Palimpsest: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "palimpsest",
        abstract: "Knows which machine wrote every line of a document collection, with which model and which settings.",
        version: PalimpsestVersion.number,
        subcommands: [
            Serve.self, Migrate.self, Validate.self, OpenAPI.self, Routes.self, CheckWorker.self, EditionCommand.self,
            CapabilityCommand.self, TenantCommand.self, UserCommand.self, AdminCommand.self, AgentCommand.self,
        ])

    /// The code for a command line that makes no sense; ArgumentParser's own would be 64.
    static let usage: Int32 = 2

    static func main() async {
        do {
            var command = try parseAsRoot()
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
        } catch {
            guard exitCode(for: error) == .validationFailure else { exit(withError: error) }
            complain(fullMessage(for: error))
            exit(withError: ExitCode(usage))
        }
    }
}
