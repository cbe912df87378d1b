import ArgumentParser
import Logging
import Postgres

struct EditionCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "edition", abstract: "The edition of a database.", subcommands: [SetEdition.self])
}

struct SetEdition: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "set", abstract: "Change the edition, with the owner's connection. Memberships are kept either way; it is audited.")

    @OptionGroup var database: DatabaseOptions
    @Argument(help: "community or enterprise") var edition: Preparation.Edition

    func run() async throws {
        try await reporting {
            let settings = try Settings()
            let logger = Logger(label: "palimpsest")
            let edition = edition
            try await Connection.withConnection(try await database.ownerURL(settings, logger: logger), logger) { lease in
                try await change(to: edition, lease)
            }
            print("The database is now of the \(edition.rawValue) edition.")
        }
    }

    private func change(to edition: Preparation.Edition, _ lease: Lease) async throws {
        let tenants = try await lease.run(Call("SELECT count(*) FROM tenant")).text(0, 0)
        if edition == .community, let tenants, tenants != "1", tenants != "0" {
            throw Refusal(description: "The Community edition has one tenant; this database has \(tenants).")
        }
        _ = try await lease.segment([
            Call(
                """
                INSERT INTO audit_event (tenant_id, id, kind, detail)
                SELECT t.tenant_id, uuid7(), 'edition_changed', jsonb_build_object('from', d.edition, 'to', $1::text, 'by', session_user)
                FROM tenant t, deployment d WHERE d.edition <> $1
                """, [.text(edition.rawValue)]),
            Call("UPDATE deployment SET edition = $1", [.text(edition.rawValue)]),
        ])
    }
}
