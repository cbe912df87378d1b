import Glibc
public import NIOCore
public import SystemPackage

/// A file of the store, or of a cache beside it, open for reading.
public final class ReadableFile: Sendable {
    public let path: FilePath
    /// In bytes.
    public let size: Int
    private let descriptor: SystemPackage.FileDescriptor

    /// - Throws: ``MissingFile`` when there is none, `Errno` otherwise. Blocks.
    public init(_ path: FilePath) throws {
        do {
            descriptor = try SystemPackage.FileDescriptor.open(path, .readOnly, options: [.noFollow, .closeOnExec])
        } catch Errno.noSuchFileOrDirectory {
            throw MissingFile(digest: path.lastComponent?.string ?? "")
        }
        self.path = path
        size = Int(try descriptor.seek(offset: 0, from: .end))
    }

    deinit {
        // Nothing was written, so nothing can be lost.
        _ = close(descriptor.rawValue)
    }

    /// Blocks.
    /// - Returns: that many bytes; fewer at the end of the file.
    public func read(at offset: Int, upTo count: Int) throws -> ByteBuffer {
        var buffer = ByteBufferAllocator().buffer(capacity: count)
        while buffer.readableBytes < count {
            let (wanted, place) = (count - buffer.readableBytes, offset + buffer.readableBytes)
            let got = try buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: wanted) { space in
                try descriptor.read(fromAbsoluteOffset: Int64(place), into: UnsafeMutableRawBufferPointer(rebasing: space.prefix(wanted)))
            }
            if got == 0 { break }
        }
        return buffer
    }
}
