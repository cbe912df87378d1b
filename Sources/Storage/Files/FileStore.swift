import FoundationEssentials
import Glibc
public import NIOCore
import NIOPosix
public import SystemPackage
public import Tenancy
import Web

/// The files of all tenants, in the data directory: `<directory>/<tenant>/<first two digits>/<SHA-256>`.
///
/// What has a name here is whole, and on the disk: it was written under another name, synchronised and renamed. A file never changes, and
/// the same content twice is one file. A tenant's files are its own: equal content of two tenants is two files, so nobody learns what others
/// have. All work on the disk is done outside of the threads that serve requests.
public struct FileStore: Sendable {
    let directory: FilePath
    /// How many bytes of ``cache`` are kept, of all tenants together.
    public let cacheLimit: Int
    private let threads: NIOThreadPool

    /// - Parameter directory: made when the first file comes.
    public init(directory: FilePath, cacheLimit: Int = 1 << 30) {
        self.directory = directory
        self.cacheLimit = cacheLimit
        threads = .singleton
    }

    /// A directory for what can be made again from the files.
    public var cache: FilePath { directory.removingLastComponent().appending("cache") }

    /// How many bytes are put to the disk or read from it at once.
    static let piece = 1 << 20

    /// Takes a file in.
    /// - Parameters:
    ///   - announced: how many bytes the client said would come; fewer or more are refused.
    ///   - expected: what else has been said of it.
    /// - Throws: ``Problem`` 400 or 413 for a file that is not what was expected or breaks off, 507 when the disk is full. Nothing is left then.
    public func receive<Body: AsyncSequence & Sendable>(
        _ body: Body, announced: Int? = nil, in tenant: ID<Tenant>, as expected: Expectation
    ) async throws -> StoredFile where Body.Element == ByteBuffer {
        try expected.check(atMost: announced ?? 0)
        return try await keeping(in: tenant, as: expected) { incoming in
            var received = 0
            var pending = ByteBuffer()
            do {
                for try await var chunk in body {
                    received += chunk.readableBytes
                    try expected.check(atMost: received)
                    pending.writeBuffer(&chunk)
                    if pending.readableBytes >= Self.piece {
                        let full = pending
                        pending = ByteBuffer()
                        try await offload { try incoming.append(full) }
                    }
                }
            } catch  where !(error is Problem || error is Errno || error is CancellationError) {
                // The connection ended before the file did, which the listener says in words of its own.
                guard let announced, received < announced else { throw error }
                throw Incoming.brokenOff(announced: announced, received: received)
            }
            guard announced == nil || announced == received else { throw Incoming.brokenOff(announced: announced ?? 0, received: received) }
            let rest = pending
            try await offload { try incoming.append(rest) }
        }
    }

    /// Makes one file of several that the store has, in this order: the parts of an upload. The parts stay.
    /// - Parameter digests: of the parts.
    /// - Throws: ``MissingFile``, or ``Problem`` 400 or 413 when the whole is not what was expected.
    public func concatenate(_ digests: [String], in tenant: ID<Tenant>, as expected: Expectation) async throws -> StoredFile {
        try await keeping(in: tenant, as: expected) { incoming in
            var received = 0
            for digest in digests {
                let part = try await open(digest, in: tenant)
                received += part.size
                try expected.check(atMost: received)
                for offset in stride(from: 0, to: part.size, by: Self.piece) {
                    try await offload { try incoming.append(part.read(at: offset, upTo: Self.piece)) }
                }
            }
        }
    }

    /// Opens a file for reading; it stays readable while the value lives, even when it is removed.
    /// - Throws: ``MissingFile``.
    public func open(_ digest: String, in tenant: ID<Tenant>) async throws -> ReadableFile {
        let place = try place(of: digest, in: tenant)
        return try await offload { try ReadableFile(place) }
    }

    /// Whether the file is there.
    public func contains(_ digest: String, in tenant: ID<Tenant>) async throws -> Bool {
        let place = try place(of: digest, in: tenant)
        return try await offload { access(place.string, R_OK) == 0 }
    }

    /// Runs blocking work outside of the threads that serve requests.
    func offload<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await threads.runIfActive(body)
    }

    private func keeping(
        in tenant: ID<Tenant>, as expected: Expectation, _ fill: (Incoming) async throws -> Void
    ) async throws -> StoredFile {
        let folder = folder(of: tenant)
        let incoming = try await offload { try Incoming(in: folder) }
        do {
            try await fill(incoming)
            return try await offload { try incoming.keep(as: expected, in: folder) }
        } catch let error as Errno {
            incoming.abandon()
            throw Incoming.problem(error)
        } catch {
            incoming.abandon()
            throw error
        }
    }
}

// MARK: Places

extension FileStore {
    func folder(of tenant: ID<Tenant>) -> FilePath { directory.appending(tenant.text) }

    /// - Throws: ``MissingFile`` for what is no digest: nothing of that name can be there.
    func place(of digest: String, in tenant: ID<Tenant>) throws -> FilePath {
        guard digest.utf8.count == 64, digest.utf8.allSatisfy(\.isHexadecimalDigit) else { throw MissingFile(digest: digest) }
        return folder(of: tenant).shard(of: digest).appending(digest)
    }
}

/// The database names a file that the data directory does not have: it was lost, or the server was started on another directory.
public struct MissingFile: Error, CustomStringConvertible {
    let digest: String
    public var description: String { "The file \(digest) is not in the data directory." }
}

extension FilePath {
    /// Where the files are whose digests begin alike, so that no directory gets too many.
    func shard(of digest: String) -> FilePath { appending(String(digest.prefix(2))) }
}

extension UInt8 {
    fileprivate var isHexadecimalDigit: Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(self)
    }
}
