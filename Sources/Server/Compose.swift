import Corpora
import Deletion
import HTTPTypes
import Hummingbird
import Identity
import Images
import Jobs
import Logging
import NIOCore
import Processes
import Site
import Storage
import SystemPackage
import Tenancy
import Web
import Workers

/// The only place that knows every feature.
enum Compose {
    /// The table of operations.
    static func operations(_ files: FileStore, _ vault: Vault, _ outside: OutsideServers, _ bell: Bell = Bell()) -> [Operation] {
        Identity.operations + Workers.operations(files, vault) + Processes.operations + Corpora.operations
            + Images.operations(outside.reader)
            + Deletion.operations + Jobs.operations(bell)
    }

    /// The same to be described; none of these can be carried out.
    static let operations = operations(FileStore(directory: "/dev/null"), Vault(keyFile: "/dev/null"), OutsideServers())

    /// The table of transfers.
    static let transfers: [Transfer] = Workers.transfers + Processes.transfers + Corpora.transfers + Images.transfers

    static let conflicts = Corpora.conflicts.merging(Identity.conflicts) { first, _ in first }.merging(Workers.conflicts) { first, _ in
        first
    }

    /// Every statement of every feature.
    /// - Throws: when the types of one cannot be recorded.
    static func declarations() throws -> [Declaration] {
        try Identity.declarations() + Workers.declarations() + Processes.declarations() + Corpora.declarations() + Images.declarations()
            + Deletion.declarations() + Jobs.declarations() + FileStore.declarations()
    }

    /// Every kind of background work.
    /// - Parameter scratch: a directory for files that are being made.
    static func jobKinds(_ files: FileStore, scratch: FilePath) -> [JobKind] {
        Corpora.jobKinds(files, scratch: scratch) + Deletion.jobKinds
    }

    /// What the features forget before files are swept, in each tenant.
    static let forgetting: [@Sendable (Scope) async throws -> Void] = [Workers.forgetAbandonedUploads, Corpora.forgetOldExports]

    /// Everything that answers over HTTP.
    /// - Throws: when a template of the pages cannot be read.
    static func router(
        _ tenancy: Tenancy, _ files: FileStore, _ vault: Vault, _ outside: OutsideServers = OutsideServers(),
        transfers: [Transfer] = transfers, operations: [Operation]? = nil, bell: Bell = Bell(),
        metrics: RequestMetrics? = nil
    ) throws -> Router<BasicRequestContext> {
        let router = Router(context: BasicRequestContext.self)
        let api = API(operations ?? Self.operations(files, vault, outside, bell), conflicts: conflicts, tenancy: tenancy)
        let transfers = Transfers(transfers, store: files, tenancy: tenancy, conflicts: conflicts)
        router.addMiddleware {
            ProblemMiddleware(names: api.names.merging(transfers.names) { operation, _ in operation }, metrics: metrics)
        }
        api.mount(on: router)
        transfers.mount(on: router)
        try Site(api: api, transfers: transfers, tenancy: tenancy).mount(on: router)
        router.get("/healthz") { _, _ in "alive\n" }
        router.get("/readyz") { _, _ -> Response in
            do {
                try await tenancy.ping()
                return Response(status: .ok, body: .init(byteBuffer: ByteBuffer(string: "ready\n")))
            } catch {
                return Response(status: .serviceUnavailable, body: .init(byteBuffer: ByteBuffer(string: "the database does not answer\n")))
            }
        }
        return router
    }
}
