import HTTPTypes
import Postgres
public import Shapes
public import Storage
public import Tenancy
public import Web

/// What can be run: workers, their versions and their configurations.
public enum Workers {
    public static func operations(_ files: FileStore, _ vault: Vault) -> [Operation] {
        WorkerRow.operations + WorkerVersionRow.operations + WorkerConfigurationRow.operations + Models.operations(files)
            + StoredSecretRow.operations(vault)
    }

    public static let transfers: [Transfer] = Models.transfers

    /// Lets go of archives that were begun and not gone on with for a day.
    public static func forgetAbandonedUploads(_ scope: Scope) async throws {
        _ = try await scope.rows(Multipart.forget, NoInput())
    }

    /// Every statement of this feature, for the test that prepares them.
    /// - Throws: when the types of one cannot be recorded.
    public static func declarations() throws -> [Declaration] {
        try [
            .init(WorkerRow.retrieve), .init(WorkerRow.list), .init(WorkerRow.count), .init(WorkerRow.create), .init(WorkerRow.update),
            .init(WorkerRow.types), .init(WorkerVersionRow.retrieve), .init(WorkerVersionRow.list), .init(WorkerVersionRow.count),
            .init(WorkerVersionRow.save), .init(WorkerVersionRow.update), .init(WorkerVersionRow.destroy),
        ] + WorkerConfigurationRow.declarations() + Models.declarations() + StoredSecretRow.declarations()
    }

    /// What is wrong with the text of a worker configuration file; nothing when it may be imported.
    public static func faults(inFile text: String) -> [Fault] {
        do {
            return WorkerFile.faults(in: try WorkerFile.document(text))
        } catch {
            return error.faults
        }
    }

    public static let conflicts: [String: Problem] = Models.conflicts.merging([
        "secret_name_unique": Problem(.badRequest, "unique", "There is a secret with this name already.", at: ["name"]),
        "worker_configuration_name_unique": Problem(
            .badRequest, "unique", "This worker already has a configuration with this name.", at: ["name"]),
    ]) { first, _ in first }
}
