import ArgumentParser
import Logging
import Postgres

struct CapabilityCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "capability", abstract: "The keys that sign addresses of images and files.", subcommands: [RotateCapabilityKey.self])
}

struct RotateCapabilityKey: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rotate", abstract: "Sign with a new key from now on, in every tenant; with the owner's connection. It is audited.")

    @OptionGroup var database: DatabaseOptions
    @Option(help: "The slug of the one tenant that gets a new key.") var tenant: String?
    @Flag(help: "Addresses that were given out stop working now, not after a day.") var atOnce = false

    func run() async throws {
        try await reporting {
            let owner = try await database.ownerURL(try Settings(), logger: Logger(label: "palimpsest"))
            let (slug, atOnce) = (tenant, atOnce)
            let rotated = try await Connection.withConnection(owner, Logger(label: "palimpsest")) { lease in
                try await lease.run(
                    Call(
                        "SELECT rotate_capability_key(t.tenant_id, $2::boolean) FROM tenant t WHERE $1::text IS NULL OR t.slug = $1",
                        [slug.map(Parameter.text) ?? .null, .text(atOnce ? "true" : "false")]))
            }
            guard rotated.count > 0 else { throw Refusal(description: "There is no such tenant.") }
            print("New keys: \(rotated.count).")
        }
    }
}
