public import Jobs
import Postgres
public import Storage
public import SystemPackage
public import Tenancy
import Web

/// Exports: a part of what is known of documents.
enum Exports {
    static func declarations() throws -> [Declaration] {
        try [
            .init(ExportRow.list), .init(ExportRow.count), .init(ExportRow.start), .init(ExportRow.retrieve), .init(ExportRow.locate),
            .init(ExportRow.find), .init(ExportRow.forget), .init(ExportJob.begin), .init(ExportJob.roots), .init(ExportJob.elements),
            .init(ExportJob.frame), .init(ExportJob.progress), .init(ExportJob.finish),
        ]
    }
}

extension Corpora {
    public static let transfers: [Transfer] = ExportRow.transfers

    /// - Parameter scratch: a directory in which exports are written before they are given to the store.
    public static func jobKinds(_ files: FileStore, scratch: FilePath) -> [JobKind] {
        [ExportJob.kind(files, scratch: scratch), Marking.kind]
    }

    /// Lets go of exports that are two weeks old.
    public static func forgetOldExports(_ scope: Scope) async throws {
        _ = try await scope.rows(ExportRow.forget, NoInput())
    }
}
