import ArgumentParser
import FoundationEssentials
import Identity
import Logging
import Postgres

struct TenantCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tenant", abstract: "The institutions on one server.", subcommands: [CreateTenant.self, SetTenantHost.self])
}

struct CreateTenant: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "create", abstract: "Make a tenant and its administrator, with the owner's connection. In the Enterprise edition.")

    @OptionGroup var database: DatabaseOptions
    @Option(help: "A short name: lower-case letters, digits and hyphens.") var slug: String
    @Option(help: "The host name by which its people reach it.") var host: String
    @Option(help: "The address of its first administrator.") var adminEmail: String
    @Option(help: "A file whose first line is the password; without it one is made and printed.") var passwordFile: String?

    func run() async throws {
        try await reporting {
            let host = try HostName(host)
            guard slug.wholeMatch(of: /[a-z0-9][a-z0-9-]{0,62}/) != nil else {
                throw ValidationError("--slug must be lower-case letters, digits and hyphens, and begin with no hyphen.")
            }
            let given = try passwordFile.map { try String(contentsOfFile: $0, encoding: .utf8).prefix { !$0.isNewline } }.map(String.init)
            let tenant = NewTenant(slug: slug, host: host.value, administrator: .init(email: adminEmail, password: given))
            let logger = Logger(label: "palimpsest")
            let made = try await Connection.withConnection(try await database.ownerURL(try Settings(), logger: logger), logger) { lease in
                try await Self.make(tenant, lease)
            }
            if let made { print(made) }
        }
    }

    /// - Throws: ``Refusal`` in the Community edition, for a name that is taken, and while the first tenant has no host of its own.
    static func make(_ tenant: NewTenant, _ lease: Lease) async throws -> String? {
        let rows = try await lease.run(
            Call("SELECT d.edition, (SELECT min(t.slug) FROM tenant t WHERE t.host IS NULL) FROM deployment d"))
        guard rows.text(0, 0) == "enterprise" else { throw Refusal(description: "The Community edition has one tenant.") }
        if let nameless = rows.text(0, 1) {
            // With two, only hosts tell which one somebody means who signs in.
            throw Refusal(
                description: "First give the tenant \(nameless) a host: palimpsest tenant set-host --slug \(nameless) --host HOST.")
        }
        do {
            return try await tenant.make(lease)
        } catch let failure as PostgresFailure
            where failure.constraint == "tenant_slug_unique" || failure.constraint == "tenant_host_unique"
        {
            throw Refusal(description: "A tenant has this \(failure.constraint == "tenant_slug_unique" ? "slug" : "host") already.")
        }
    }
}

struct SetTenantHost: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "set-host", abstract: "Change the host name of a tenant, with the owner's connection.")

    @OptionGroup var database: DatabaseOptions
    @Option(help: "Which tenant.") var slug: String
    @Option(help: "The host name by which its people reach it.") var host: String

    func run() async throws {
        try await reporting {
            let (slug, host) = (slug, try HostName(host))
            let logger = Logger(label: "palimpsest")
            try await Connection.withConnection(try await database.ownerURL(try Settings(), logger: logger), logger) { lease in
                try await Self.change(slug, to: host.value, lease)
            }
        }
    }

    static func change(_ slug: String, to host: String, _ lease: Lease) async throws {
        do {
            let rows = try await lease.segment([
                Call("UPDATE tenant SET host = $2 WHERE slug = $1 RETURNING tenant_id", [.text(slug), .text(host)]),
                Call(
                    """
                    INSERT INTO audit_event (tenant_id, id, kind, detail)
                    SELECT t.tenant_id, uuid7(), 'host_changed', jsonb_build_object('host', t.host, 'by', session_user) FROM tenant t WHERE t.slug = $1
                    """, [.text(slug)]),
            ])
            guard rows[0].count == 1 else { throw Refusal(description: "There is no tenant \(slug).") }
        } catch let failure as PostgresFailure where failure.constraint == "tenant_host_unique" {
            throw Refusal(description: "Another tenant has this host.")
        }
    }
}

/// A host name as it comes in a Host header: lower case, no port.
struct HostName {
    let value: String

    init(_ text: String) throws {
        value = text.lowercased()
        guard value.utf8.count <= 253, value.wholeMatch(of: /[a-z0-9]([-a-z0-9.]*[a-z0-9])?/) != nil else {
            throw ValidationError("--host must be a host name, without a scheme or a port.")
        }
    }
}
