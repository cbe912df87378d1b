internal import CSodium
internal import FoundationEssentials
internal import Glibc
public import SystemPackage
public import Tenancy

/// Seals what the database keeps and must not be able to read: XChaCha20-Poly1305 by libsodium, under one key in a file of the server's own.
/// Every server of a database needs the same file, and so does whoever restores a backup.
public struct Vault: Sendable {
    public enum Failure: Error, CustomStringConvertible {
        /// There is a file, and it holds no key.
        case noKey(FilePath)
        /// It was sealed with another key or for something else, or has been changed since.
        case unreadable
        case file(FilePath, Errno)

        public var description: String {
            switch self {
            case .noKey(let path): "\(path) must hold a key of 64 hexadecimal digits."
            case .unreadable: "A secret cannot be decrypted: it was sealed with another key than this server has."
            case .file(let path, let error): "\(path): \(error)"
            }
        }
    }

    private static let keySize = Int(crypto_aead_xchacha20poly1305_ietf_KEYBYTES)
    private static let nonceSize = Int(crypto_aead_xchacha20poly1305_ietf_NPUBBYTES)
    private static let tagSize = Int(crypto_aead_xchacha20poly1305_ietf_ABYTES)

    private let file: FilePath
    private let oldFile: FilePath?

    /// - Parameters:
    ///   - file: holds the key, as 64 hexadecimal digits. One is made there when it is needed for the first time.
    ///   - oldFile: holds the key from before, which opens what has not been sealed anew yet.
    public init(keyFile file: FilePath, oldKeyFile oldFile: FilePath? = nil) {
        self.file = file
        self.oldFile = oldFile
    }

    /// A sealed value that somebody copies to another tenant or name opens there for nobody.
    static func label(_ name: String, in tenant: ID<Tenant>) -> String { "\(tenant)/\(name)" }

    /// - Parameter label: what it is; it opens under no other label.
    /// - Returns: a nonce, then the ciphertext with its tag.
    /// - Throws: ``Failure`` when there is no key and none can be made.
    func seal(_ text: String, as label: String) throws(Failure) -> [UInt8] {
        let key = try key()
        var nonce = [UInt8](repeating: 0, count: Self.nonceSize)
        randombytes_buf(&nonce, nonce.count)
        let (message, label) = (Array(text.utf8), Array(label.utf8))
        var sealed = [UInt8](repeating: 0, count: message.count + Self.tagSize)
        crypto_aead_xchacha20poly1305_ietf_encrypt(
            &sealed, nil, message, UInt64(message.count), label, UInt64(label.count), nil, nonce, key)
        return nonce + sealed
    }

    /// - Throws: ``Failure`` when it was not sealed under this label with the key or the one from before.
    func open(_ sealed: [UInt8], as label: String) throws(Failure) -> String {
        if let text = Self.opened(sealed, as: label, with: try key()) { return text }
        guard let old = try oldKey(), let text = Self.opened(sealed, as: label, with: old) else { throw .unreadable }
        return text
    }

    /// Seals with the key what the key from before opens.
    /// - Returns: nil for what is sealed with the key already.
    /// - Throws: ``Failure`` when neither opens it.
    public func resealed(_ sealed: [UInt8], _ name: String, in tenant: ID<Tenant>) throws(Failure) -> [UInt8]? {
        let label = Self.label(name, in: tenant)
        if Self.opened(sealed, as: label, with: try key()) != nil { return nil }
        return try seal(try open(sealed, as: label), as: label)
    }

    private static func opened(_ sealed: [UInt8], as label: String, with key: [UInt8]) -> String? {
        guard sealed.count >= nonceSize + tagSize else { return nil }
        let (nonce, hidden, label) = (Array(sealed.prefix(nonceSize)), Array(sealed.dropFirst(nonceSize)), Array(label.utf8))
        var message = [UInt8](repeating: 0, count: hidden.count - tagSize)
        let outcome = crypto_aead_xchacha20poly1305_ietf_decrypt(
            &message, nil, nil, hidden, UInt64(hidden.count), label, UInt64(label.count), nonce, key)
        return outcome == 0 ? String(decoding: message, as: UTF8.self) : nil
    }
}

// MARK: The key

extension Vault {
    private func key() throws(Failure) -> [UInt8] {
        if let known = try Self.read(file) { return known }
        try make()
        guard let made = try Self.read(file) else { throw .noKey(file) }
        return made
    }

    /// Never made: without it there is nothing to open.
    private func oldKey() throws(Failure) -> [UInt8]? {
        guard let oldFile else { return nil }
        guard let key = try Self.read(oldFile) else { throw .noKey(oldFile) }
        return key
    }

    private static func read(_ file: FilePath) throws(Failure) -> [UInt8]? {
        do {
            let descriptor = try FileDescriptor.open(file, .readOnly)
            let text = try descriptor.closeAfter {
                try withUnsafeTemporaryAllocation(byteCount: 256, alignment: 1) { buffer in
                    String(decoding: buffer.prefix(try descriptor.read(into: buffer)), as: UTF8.self)
                }
            }
            guard let key = [UInt8](hexadecimal: text.filter { !$0.isWhitespace }), key.count == keySize else {
                throw Failure.noKey(file)
            }
            return key
        } catch Errno.noSuchFileOrDirectory {
            return nil
        } catch let error as Errno {
            throw .file(file, error)
        } catch {
            throw .noKey(file)
        }
    }

    /// Whole or not at all, and never over another: of two servers that begin at the same time, both use the first's.
    private func make() throws(Failure) {
        var key = [UInt8](repeating: 0, count: Self.keySize)
        randombytes_buf(&key, key.count)
        let fresh = FilePath("\(file.string).\(getpid())-\(UInt32.random(in: .min ... .max))")
        do {
            try FileManager.default.createDirectory(atPath: file.removingLastComponent().string, withIntermediateDirectories: true)
            let descriptor = try FileDescriptor.open(fresh, .writeOnly, options: [.create, .exclusiveCreate], permissions: .ownerReadWrite)
            try descriptor.closeAfter {
                try descriptor.writeAll((key.hexadecimal + "\n").utf8)
                guard fsync(descriptor.rawValue) == 0 else { throw Errno(rawValue: errno) }
            }
            defer { unlink(fresh.string) }
            guard link(fresh.string, file.string) == 0 || errno == EEXIST else { throw Errno(rawValue: errno) }
        } catch let error as Errno {
            throw .file(file, error)
        } catch {
            throw .noKey(file)
        }
    }
}

extension [UInt8] {
    package var hexadecimal: String { map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined() }

    /// - Returns: nil for anything but pairs of hexadecimal digits.
    package init?(hexadecimal text: String) {
        let digits = Array<Character>(text)
        guard digits.count.isMultiple(of: 2), digits.allSatisfy(\.isHexDigit) else { return nil }
        self = stride(from: 0, to: digits.count, by: 2).compactMap { UInt8(String(digits[$0...$0 + 1]), radix: 16) }
    }
}
