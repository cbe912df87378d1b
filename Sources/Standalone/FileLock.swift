import Dispatch
import Glibc
import SystemPackage

/// A lock on a file, which the kernel gives back when this value goes, or the process does, however it ends.
struct FileLock: ~Copyable, Sendable {
    private let descriptor: FileDescriptor

    /// Opens the file, without locking it.
    private init(opening path: FilePath) throws {
        // Closed in programs that we start: a PostgreSQL that outlives us must not hold our lock.
        descriptor = try failing(path) {
            try .open(path, .readWrite, options: [.create, .noFollow, .closeOnExec], permissions: .ownerReadWrite)
        }
    }

    /// The lock, or nil when somebody else has it.
    static func take(_ path: FilePath) throws -> FileLock? {
        let lock = try FileLock(opening: path)
        if try lock.lock(LOCK_EX | LOCK_NB, path) { return lock }
        return nil
    }

    /// The lock, when it has become free.
    static func wait(for path: FilePath) async throws -> FileLock {
        let lock = try FileLock(opening: path)
        let descriptor = lock.descriptor
        // The call blocks its thread. One of the tasks' pool may be what its holder needs to get on.
        let result = await withCheckedContinuation { continuation in
            DispatchQueue.global().async { continuation.resume(returning: flockResult(descriptor, LOCK_EX)) }
        }
        if let error = result { throw ClusterFailure(.file(path: path.string, why: error.description)) }
        return lock
    }

    /// Runs `body`, with the lock held until it returns.
    nonisolated(nonsending) borrowing func hold<Value>(while body: () async throws -> Value) async rethrows -> Value {
        try await body()
    }

    private borrowing func lock(_ operation: Int32, _ path: FilePath) throws -> Bool {
        switch flockResult(descriptor, operation) {
        case nil: true
        case Errno.wouldBlock: false
        case let error?: throw ClusterFailure(.file(path: path.string, why: error.description))
        }
    }

    /// Puts `text` in the file.
    borrowing func write(_ text: String) throws {
        guard ftruncate(descriptor.rawValue, 0) == 0 else { throw Errno.current }
        try descriptor.writeAll(toAbsoluteOffset: 0, text.utf8)
    }

    deinit { close(descriptor.rawValue) }
}

private func flockResult(_ descriptor: FileDescriptor, _ operation: Int32) -> Errno? {
    while flock(descriptor.rawValue, operation) != 0 {
        guard errno == EINTR else { return .current }
    }
    return nil
}

/// A server's claim on its data directory: there is one at a time. It ends with this value, or with the process.
public struct ServingLock: ~Copyable, Sendable {
    private let lock: FileLock

    init(on layout: Layout) throws {
        guard let lock = try FileLock.take(layout.servingLock) else {
            let process = try File(layout.servingLock).contents()?.trimmed ?? ""
            throw ClusterFailure(.alreadyServing(directory: layout.root.string, process: process))
        }
        try failing(layout.servingLock) { try lock.write("\(getpid())\n") }
        self.lock = lock
    }

    /// Runs `body`, the server, with the claim upheld until it returns.
    public nonisolated(nonsending) borrowing func hold<Value>(while body: () async throws -> Value) async rethrows -> Value {
        try await body()
    }
}
