public import Jobs
public import Tenancy
public import Web

/// Taking results back: previews, deletions, their undo, and the purge that follows.
public enum Deletion {
    public static let operations: [Operation] = DeletionRow.operations

    /// Its background work.
    public static let jobKinds: [JobKind] = [Purge.kind]

    /// Brings the purge of a deletion forward: what could still be undone cannot any more.
    /// - Throws: ``PostgresFailure``; there may be no such deletion, or it is restored or purged already.
    public static func purgeNow(_ deletion: ID<WorkerResultsDeletion>, _ scope: Scope) async throws {
        try await Purge.now(deletion, scope)
    }

    /// Every statement of this feature, for the test that prepares them.
    /// - Throws: when the types of one cannot be recorded.
    public static func declarations() throws -> [Declaration] {
        try [
            .init(DeletionRow.preview), .init(DeletionRow.destroy), .init(DeletionRow.restore), .init(DeletionRow.list),
            .init(DeletionRow.count),
            .init(Purge.begin), .init(Purge.batch), .init(Purge.bringForward),
        ]
    }
}
