import ArgumentParser
import Identity

@main
struct Palimpsest: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "palimpsest",
        abstract: "Knows which machine wrote every line of a document collection, and can take all of it back.",
        version: PalimpsestVersion.number,
        subcommands: [Serve.self, Migrate.self, Validate.self, OpenAPI.self, Routes.self, EditionCommand.self, UserCommand.self])
}
