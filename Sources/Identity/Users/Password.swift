internal import CSodium
internal import NIOPosix
import Shapes

/// Hashing of passwords with Argon2id by libsodium, in its own threads: one hash takes some 60 MB and tens of milliseconds on purpose.
public enum Password {
    /// In characters.
    public static let leastLength = 8

    public struct Failure: Error, CustomStringConvertible {
        public var description: String { "There was not enough memory to hash a password." }
    }

    /// - Returns: the hash with its salt and parameters, as text.
    public static func hash(_ password: String) async throws -> String {
        try await NIOThreadPool.singleton.runIfActive {
            var hash = [CChar](repeating: 0, count: Int(crypto_pwhash_STRBYTES))
            let done = crypto_pwhash_str(
                &hash, password, UInt64(password.utf8.count), UInt64(crypto_pwhash_opslimit_interactive()),
                crypto_pwhash_memlimit_interactive())
            guard done == 0 else { throw Failure() }
            return String(decoding: hash.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
        }
    }

    /// Takes as long for a person who does not exist (a nil hash) as for one who does.
    public static func verify(_ password: String, against hash: String?) async throws -> Bool {
        let compared = if let hash { hash } else { try await decoy.value }
        let matches = try await NIOThreadPool.singleton.runIfActive {
            crypto_pwhash_str_verify(compared, password, UInt64(password.utf8.count)) == 0
        }
        return matches && hash != nil
    }

    // Unstructured, so that the first to need it starts it and all others await the same hash.
    private static let decoy = Task { try await hash("nobody's password") }

    /// A password that nobody has to remember: 20 characters without those that look alike, 110 bits and more.
    public static func random() -> String {
        let alphabet = Array("abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789")
        return String((0..<20).map { _ in alphabet[Int(randombytes_uniform(UInt32(alphabet.count)))] })
    }
}
