import FoundationEssentials
import Glibc
public import Logging
import Postgres
public import ServiceLifecycle
import SystemPackage
public import Tenancy

/// Removes what nobody needs: uploads that a crash has broken off, files that were released by the last who used them, and files whose
/// row was never written. Once an hour; only what is older than a day, or was released an hour ago.
public struct Sweeper: Service {
    private let store: FileStore
    private let tenancy: Tenancy
    private let logger: Logger
    private let first: [@Sendable (Scope) async throws -> Void]

    /// - Parameter first: what is done in each tenant before: features let go of what they need no longer.
    public init(
        _ store: FileStore, _ tenancy: Tenancy, first: [@Sendable (Scope) async throws -> Void] = [], logger: Logger
    ) {
        self.first = first
        self.store = store
        self.tenancy = tenancy
        self.logger = logger
    }

    private static let pause = Duration.seconds(3600)

    public func run() async throws {
        try? await cancelWhenGracefulShutdown {
            while true {
                await sweep()
                // The clock is what is waited for here.
                try await ContinuousClock().sleep(for: Self.pause)
            }
        }
    }

    private func sweep() async {
        do {
            for tenant in try await store.offload({ store.tenants }) {
                try await tenancy.scope(for: .system(in: tenant), Access(.signedIn, writes: true)) { scope in
                    for forget in first { try await forget(scope) }
                    try await Sweep(scope, store).run()
                }
            }
        } catch {
            logger.warning("Files could not be swept; trying again in an hour.", metadata: ["reason": "\(error)"])
        }
    }
}

/// One round in one tenant's directory.
struct Sweep {
    private let scope: Scope
    private let store: FileStore
    private let folder: FilePath
    private let before: Date

    /// - Parameter before: what came later is left alone.
    init(_ scope: Scope, _ store: FileStore, before: Date = Date(timeIntervalSinceNow: -86_400)) {
        self.scope = scope
        self.store = store
        self.before = before
        folder = store.folder(of: scope.caller.tenant)
    }

    func run(releasedBefore seconds: Int = 3600) async throws {
        // A directory of another database's tenant is none of our business.
        guard try await scope.first(Self.exists, Nobody())?.found == true else { return }
        try await removeBrokenOff()
        for file in try await scope.all(Self.forget, Released(seconds: seconds)) { try await remove(file.digest) }
        for shard in try await store.offload({ [folder] in folder.names.filter { $0 != Incoming.folder } }) {
            let old = try await store.offload { [folder, before] in folder.appending(shard).names(olderThan: before) }
            guard !old.isEmpty else { continue }
            for file in try await scope.all(Self.unknown, Names(digests: old)) { try await remove(file.digest) }
        }
    }

    private func removeBrokenOff() async throws {
        try await store.offload { [folder, before] in
            let waiting = folder.appending(Incoming.folder)
            for name in waiting.names(olderThan: before) { unlink(waiting.appending(name).string) }
        }
    }

    /// Takes a file away, unless it is in use again: the same content may come at any time. It is moved aside first, and then looked for in
    /// the database, so that whoever stores it meanwhile either finds no file and puts his own there, or has his row found.
    private func remove(_ digest: String) async throws {
        let place = try store.place(of: digest, in: scope.caller.tenant)
        let aside = folder.appending(Incoming.folder).appending(UUID().uuidString)
        try await store.offload { [folder] in
            try folder.appending(Incoming.folder).makeFolders()
            _ = rename(place.string, aside.string)
        }
        let unused = try await !scope.all(Self.unknown, Names(digests: [digest])).isEmpty
        try await store.offload { [before] in
            if unused, aside.modified.map({ $0 < before }) ?? true {
                unlink(aside.string)
            } else {
                _ = rename(aside.string, place.string)
            }
        }
    }
}

extension Sweep {
    struct Nobody: Codable, Sendable {}
    struct Found: Codable, Sendable { var found: Bool }
    struct Released: Codable, Sendable { var seconds: Int }
    struct Names: Codable, Sendable { var digests: [String] }
    struct Digest: Codable, Sendable { var digest: String }

    static let exists = Statement<Nobody, Found>(
        "tenant_exists", "SELECT EXISTS (SELECT FROM tenant t WHERE t.tenant_id = $tenant) AS found")
    static let forget = Statement<Released, Digest>(
        "forget_released_files",
        "SELECT encode(f, 'hex') AS digest FROM forget_released_files(now() - make_interval(secs => $seconds::bigint), 1000) AS f")
    /// Those of these digests that no row knows.
    static let unknown = Statement<Names, Digest>(
        "unknown_files",
        """
        SELECT n AS digest FROM unnest($digests::text[]) AS n
        WHERE NOT EXISTS (SELECT FROM stored_file f WHERE f.tenant_id = $tenant AND f.digest = decode(n, 'hex'))
        """)
}

extension FileStore {
    /// Every statement of the store, for the test that prepares them.
    /// - Throws: when the types of one cannot be recorded.
    public static func declarations() throws -> [Declaration] {
        try [.init(Sweep.exists), .init(Sweep.forget), .init(Sweep.unknown)]
    }

    /// Who has a directory here. Blocks.
    fileprivate var tenants: [ID<Tenant>] { directory.names.compactMap { ID<Tenant>($0) } }
}

extension FilePath {
    /// What is in this directory; nothing when there is none.
    fileprivate var names: [String] { (try? FileManager.default.contentsOfDirectory(atPath: string)) ?? [] }

    fileprivate func names(olderThan date: Date) -> [String] {
        names.filter { appending($0).modified.map { $0 < date } ?? false }
    }

    fileprivate var modified: Date? {
        (try? FileManager.default.attributesOfItem(atPath: string)[.modificationDate]) as? Date
    }
}
