import FoundationEssentials
import Glibc
import HTTPTypes
import NIOCore
import NIOPosix
import Storage
import SystemPackage
import Tenancy
import Web

/// Renderings that were made, on the disk beside the files: made again when they are gone. Those not asked for the longest go first.
struct RenderingCache: Sendable {
    private let folder: FilePath

    init(beside store: FileStore, tenant: ID<Tenant>) {
        folder = store.cache.appending("images").appending(tenant.text)
    }

    /// The rendering of a file, made now unless it is there. As many are made at once as there is room for; who waits too long is told to come again.
    func file(_ rendering: Rendering, of digest: String, in store: FileStore, tenant: ID<Tenant>) async throws -> ReadableFile {
        let place = folder.appending(String(digest.prefix(2))).appending("\(digest)-\(rendering.name)")
        if let found = try await offload({ Self.hit(place) }) { return found }
        return try await RenderingTurns.shared.taken {
            if let found = try await offload({ Self.hit(place) }) { return found }
            let source = try await store.open(digest, in: tenant)
            let made = try await offload { try Self.make(rendering, of: source.path, at: place) }
            await RenderingTurns.shared.count(made.size, in: store.cache.appending("images"), limit: store.cacheLimit)
            return made
        }
    }

    private func offload<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await NIOThreadPool.singleton.runIfActive(body)
    }

    private static func hit(_ place: FilePath) -> ReadableFile? {
        // Not there, or evicted at this moment: it is rendered again.
        guard let file = try? ReadableFile(place) else { return nil }
        // Used just now.
        utimensat(AT_FDCWD, place.string, nil, 0)
        return file
    }

    /// Under another name first, so that nobody is given half of it.
    private static func make(_ rendering: Rendering, of source: FilePath, at place: FilePath) throws -> ReadableFile {
        try FileManager.default.createDirectory(atPath: place.removingLastComponent().string, withIntermediateDirectories: true)
        let fresh = place.removingLastComponent().appending("\(UUID().uuidString).\(rendering.format)")
        defer { unlink(fresh.string) }
        try Picture.render(source, as: rendering, into: fresh)
        guard rename(fresh.string, place.string) == 0 else { throw Errno(rawValue: errno) }
        return try ReadableFile(place)
    }

    /// Removes the oldest until a tenth of the limit is free. Blocks.
    static func evict(in root: FilePath, limit: Int) {
        // Before the first rendering there is no directory, and nothing to evict.
        let paths = (try? FileManager.default.subpathsOfDirectory(atPath: root.string)) ?? []
        var files = paths.compactMap { path -> (path: FilePath, size: Int, used: Date)? in
            let place = root.appending(path)
            // Somebody else may have evicted it since.
            guard let attributes = try? FileManager.default.attributesOfItem(atPath: place.string),
                attributes[.type] as? FileAttributeType == .typeRegular, let size = attributes[.size] as? Int,
                let used = attributes[.modificationDate] as? Date
            else { return nil }
            return (place, size, used)
        }
        var total = files.map(\.size).reduce(0, +)
        guard total > limit else { return }
        files.sort { $0.used < $1.used }
        for file in files where total > limit / 10 * 9 {
            unlink(file.path.string)
            total -= file.size
        }
    }
}

/// Who may decode now. One process decodes as many images at once as half of its processors, and never all of them.
actor RenderingTurns {
    static let shared = RenderingTurns(places: max(1, NIOCore.System.coreCount / 2))

    private static let mostWaiting = 200
    private var free: Int
    private var waiting: [CheckedContinuation<Void, Never>] = []
    private var written = 0

    init(places: Int) { free = places }

    /// - Throws: 503 when too many wait.
    func taken<Value: Sendable>(_ body: @Sendable () async throws -> Value) async throws -> Value {
        guard waiting.count < Self.mostWaiting else {
            throw Problem(.serviceUnavailable, "busy", "Too many images are being made at once.", retryAfter: 2)
        }
        if free > 0 { free -= 1 } else { await withCheckedContinuation { waiting.append($0) } }
        defer { if waiting.isEmpty { free += 1 } else { waiting.removeFirst().resume() } }
        try Task.checkCancellation()
        return try await body()
    }

    /// Counts what was written to the cache, and lets it be looked through once in a while.
    func count(_ bytes: Int, in root: FilePath, limit: Int) async {
        written += bytes
        guard written > limit / 20 else { return }
        written = 0
        // A failure is that the server is stopping.
        try? await NIOThreadPool.singleton.runIfActive { RenderingCache.evict(in: root, limit: limit) }
    }
}
