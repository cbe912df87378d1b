import Glibc
import SystemPackage

/// A small file of ours, or of PostgreSQL's.
struct File: Sendable {
    let path: FilePath

    init(_ path: FilePath) { self.path = path }

    /// What the file holds, or nil when there is none.
    ///
    /// A symbolic link is no file here: root reads in directories that PostgreSQL's account may write.
    func contents() throws -> String? {
        do {
            let descriptor = try FileDescriptor.open(path, .readOnly, options: [.noFollow, .closeOnExec])
            return try descriptor.closeAfter { String(decoding: try descriptor.remaining(), as: UTF8.self) }
        } catch Errno.noSuchFileOrDirectory {
            return nil
        } catch let error as Errno {
            throw ClusterFailure(.file(path: path.string, why: error.description))
        }
    }

    /// Puts `text` in the file's place: whoever looks sees the old contents or the new, also after a crash.
    func replace(with text: String, mode: mode_t) throws {
        let fresh = FilePath(path.string + ".new")
        try failing(path) {
            let descriptor = try FileDescriptor.open(
                fresh, .writeOnly, options: [.create, .truncate, .noFollow, .closeOnExec], permissions: FilePermissions(rawValue: mode))
            try descriptor.closeAfter {
                // Again: the umask has been subtracted.
                guard fchmod(descriptor.rawValue, mode) == 0 else { throw Errno.current }
                try descriptor.writeAll(text.utf8)
                try descriptor.flush()
            }
        }
        try fresh.rename(to: path)
    }
}

extension FilePath {
    /// Gives what is at this path another name in the same file system, replacing a file there, and makes that survive a power cut.
    func rename(to other: FilePath) throws {
        guard Glibc.rename(string, other.string) == 0 else { throw ClusterFailure(.file(path: string, why: Errno.current.description)) }
        try failing(other) {
            let parent = try FileDescriptor.open(other.removingLastComponent(), .readOnly, options: [.directory, .closeOnExec])
            try parent.closeAfter { try parent.flush() }
        }
    }
}

extension Errno {
    /// What the last call on this thread failed with.
    static var current: Errno { Errno(rawValue: errno) }
}

extension FileDescriptor {
    fileprivate func remaining() throws -> [UInt8] {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 16_384)
        while case let count = try chunk.withUnsafeMutableBytes({ try read(into: $0) }), count > 0 {
            bytes += chunk.prefix(count)
        }
        return bytes
    }

    fileprivate func flush() throws {
        guard fsync(rawValue) == 0 else { throw Errno.current }
    }
}

/// What `body` returns; its system error comes out as a failure that names the path.
func failing<Value>(_ path: FilePath, _ body: () throws -> Value) throws -> Value {
    do {
        return try body()
    } catch let error as Errno {
        throw ClusterFailure(.file(path: path.string, why: error.description))
    }
}
