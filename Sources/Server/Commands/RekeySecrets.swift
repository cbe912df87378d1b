import ArgumentParser
import FoundationEssentials
import Logging
import Postgres
import Shapes
import SystemPackage
import Tenancy
import Workers

struct RekeySecrets: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rekey-secrets",
        abstract: "Seal all secrets with a new key, in every tenant; with the owner's connection. It is audited, and can be run again.")

    @OptionGroup var database: DatabaseOptions
    @Option(help: "Holds the key that they are to be sealed with, which every server has by now.") var keyFile: String
    @Option(help: "Holds the key that they were sealed with.") var oldKeyFile: String

    func run() async throws {
        try await reporting {
            for file in [keyFile, oldKeyFile] where !FileManager.default.isReadableFile(atPath: file) {
                throw ValidationError("There is no key to be read in \(file).")
            }
            let logger = Logger(label: "palimpsest")
            let owner = try await database.ownerURL(try Settings(), logger: logger)
            let vault = Vault(keyFile: FilePath(keyFile), oldKeyFile: FilePath(oldKeyFile))
            let outcome = try await Connection.withConnection(owner, logger) { try await Rekeying(vault: vault, lease: $0).run() }
            print("Sealed anew: \(outcome.resealed). Sealed with this key already: \(outcome.sealed).")
            if !outcome.unreadable.isEmpty {
                throw Refusal(description: "Neither key opens \(outcome.unreadable.joined(separator: ", ")): left as they are.")
            }
        }
    }
}

/// Goes through the secrets of all tenants, some at a time, each lot in a transaction: whenever it ends, every secret is sealed with one key or
/// the other, and whoever has both reads all.
private struct Rekeying {
    struct Outcome: Sendable {
        var (resealed, sealed) = (0, 0)
        /// The tenants' slugs with the names of what neither key opens.
        var unreadable: [String] = []
    }

    let vault: Vault
    let lease: Lease
    /// Each has at most 300,000 bytes.
    private static let atOnce = 20

    func run() async throws -> Outcome {
        var outcome = Outcome()
        var last = (tenant: ID<Tenant>.nobody.text, id: ID<Tenant>.nobody.text)
        while true {
            let rows = try await lease.run(Call(Self.next, [.text(last.tenant), .text(last.id), .text("\(Self.atOnce)")]))
            let secrets = (0..<rows.count).map { Sealed(rows, $0) }
            guard let end = secrets.last else { return outcome }
            try await reseal(secrets, &outcome)
            last = (end.tenant, end.id)
        }
    }

    private func reseal(_ secrets: [Sealed], _ outcome: inout Outcome) async throws {
        var batch: [JSONValue] = []
        for secret in secrets {
            do {
                if let after = try secret.resealed(by: vault) { batch.append(after) } else { outcome.sealed += 1 }
            } catch Vault.Failure.unreadable {
                outcome.unreadable.append("\(secret.slug)/\(secret.name)")
            }
        }
        guard !batch.isEmpty else { return }
        let changed = try await lease.run(Call("SELECT reseal_secrets($1::jsonb)", [.text(JSONValue.array(batch).text)]))
        outcome.resealed += changed.text(0, 0).flatMap { Int($0) } ?? 0
    }

    private static let next = """
        SELECT s.tenant_id, s.id, s.name, encode(s.sealed, 'hex'), t.slug FROM secret s JOIN tenant t ON t.tenant_id = s.tenant_id
        WHERE (s.tenant_id, s.id) > ($1::uuid, $2::uuid) ORDER BY s.tenant_id, s.id LIMIT $3::integer
        """
}

private struct Sealed: Sendable {
    let tenant, id, name, hexadecimal, slug: String

    init(_ rows: Rows, _ row: Int) {
        let cells = (0..<5).map { rows.text(row, $0) ?? "" }
        (tenant, id, name, hexadecimal, slug) = (cells[0], cells[1], cells[2], cells[3], cells[4])
    }

    /// - Returns: what `reseal_secrets` takes; nil if the key is the new one.
    func resealed(by vault: Vault) throws -> JSONValue? {
        guard let bytes = [UInt8](hexadecimal: hexadecimal), let owner = ID<Tenant>(tenant) else { throw Vault.Failure.unreadable }
        guard let after = try vault.resealed(bytes, name, in: owner) else { return nil }
        return ["tenant": .string(tenant), "id": .string(id), "before": .string(hexadecimal), "after": .string(after.hexadecimal)]
    }
}
