import FoundationEssentials
import Glibc
import HTTPTypes
import NIOCore
import Synchronization
import SystemPackage
import Web

/// A file on its way in, under a name of its own: `<tenant>/incoming/<random>`. It either gets its place or leaves nothing.
final class Incoming: Sendable {
    fileprivate struct State {
        var descriptor: SystemPackage.FileDescriptor?
        var digests: Digests
        var size = 0
    }

    private let path: FilePath
    private let state: Mutex<State>

    static let folder = "incoming"

    /// Blocks.
    init(in folder: FilePath) throws {
        let waiting = folder.appending(Self.folder)
        try waiting.makeFolders()
        path = waiting.appending(UUID().uuidString)
        let descriptor = try SystemPackage.FileDescriptor.open(
            path, .writeOnly, options: [.create, .exclusiveCreate, .noFollow, .closeOnExec], permissions: .ownerReadWrite)
        state = Mutex(State(descriptor: descriptor, digests: try Digests()))
    }

    /// Blocks.
    func append(_ buffer: ByteBuffer) throws {
        try state.withLock { state in
            try buffer.withUnsafeReadableBytes { bytes in
                try state.digests.update(bytes)
                _ = try state.descriptor?.writeAll(bytes)
            }
            state.size += buffer.readableBytes
        }
    }

    /// Looks whether it is what was expected, and puts it in its place so that it outlives a power cut. Blocks.
    ///
    /// A file that is there already is replaced by itself: it is as new as if it had not been there, so that no sweeper takes it away.
    func keep(as expected: Expectation, in folder: FilePath) throws -> StoredFile {
        let file = try state.withLock { state in
            let digests = try state.digests.finish()
            let file = StoredFile(digest: digests.sha256, md5: digests.md5, size: state.size)
            try expected.check(file)
            try state.synchronise()
            return file
        }
        let shard = folder.shard(of: file.digest)
        try shard.makeFolders()
        guard rename(path.string, shard.appending(file.digest).string) == 0 else { throw Errno(rawValue: errno) }
        try shard.synchronise()
        return file
    }

    /// Leaves nothing. Quick: it only takes a name away.
    func abandon() {
        state.withLock { $0.closeQuietly() }
        unlink(path.string)
    }

    static func brokenOff(announced: Int, received: Int) -> Problem {
        Problem(.badRequest, "incomplete", "\(received) of \(announced) bytes have come.")
    }

    /// What a client is told of a disk that does not take its file.
    static func problem(_ error: Errno) -> any Error {
        let full: [Errno] = [.noSpace, .diskQuotaExceeded, .fileTooLarge]
        return full.contains(error) ? Problem(.init(code: 507), "storage_full", "The server has no room for this file.") : error
    }
}

extension Incoming.State {
    fileprivate mutating func synchronise() throws {
        guard let descriptor else { return }
        guard fsync(descriptor.rawValue) == 0 else { throw Errno(rawValue: errno) }
        self.descriptor = nil
        try descriptor.close()
    }

    /// Of a file that is thrown away.
    fileprivate mutating func closeQuietly() {
        if let descriptor { _ = close(descriptor.rawValue) }
        descriptor = nil
    }
}

extension FilePath {
    /// Makes this directory and those above it; one that is there stays as it is.
    func makeFolders() throws {
        if mkdir(string, 0o700) == 0 || errno == EEXIST { return }
        guard errno == ENOENT, !removingLastComponent().isEmpty else { throw Errno(rawValue: errno) }
        try removingLastComponent().makeFolders()
        guard mkdir(string, 0o700) == 0 || errno == EEXIST else { throw Errno(rawValue: errno) }
    }

    /// Makes a name in this directory outlive a power cut.
    fileprivate func synchronise() throws {
        let descriptor = try SystemPackage.FileDescriptor.open(self, .readOnly, options: [.directory, .closeOnExec])
        try descriptor.closeAfter {
            guard fsync(descriptor.rawValue) == 0 else { throw Errno(rawValue: errno) }
        }
    }
}
