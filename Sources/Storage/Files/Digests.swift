internal import COpenSSL

/// SHA-256 and MD5 of bytes that come piece by piece, by OpenSSL, which uses what the processor has for them.
final class Digests {
    private let sha256: OpaquePointer
    private let md5: OpaquePointer

    struct Failure: Error, CustomStringConvertible {
        var description: String { "OpenSSL could not make a SHA-256 or an MD5." }
    }

    init() throws {
        guard let sha256 = EVP_MD_CTX_new() else { throw Failure() }
        guard let md5 = EVP_MD_CTX_new() else {
            EVP_MD_CTX_free(sha256)
            throw Failure()
        }
        self.sha256 = sha256
        self.md5 = md5
        guard EVP_DigestInit_ex(sha256, EVP_sha256(), nil) == 1, EVP_DigestInit_ex(md5, EVP_md5(), nil) == 1 else { throw Failure() }
    }

    deinit {
        EVP_MD_CTX_free(sha256)
        EVP_MD_CTX_free(md5)
    }

    func update(_ bytes: UnsafeRawBufferPointer) throws {
        guard EVP_DigestUpdate(sha256, bytes.baseAddress, bytes.count) == 1, EVP_DigestUpdate(md5, bytes.baseAddress, bytes.count) == 1
        else { throw Failure() }
    }

    /// - Returns: both in hexadecimal. Nothing can be added afterwards.
    func finish() throws -> (sha256: String, md5: String) {
        (try Self.finish(sha256), try Self.finish(md5))
    }

    private static func finish(_ context: OpaquePointer) throws -> String {
        var digest = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
        var count: UInt32 = 0
        guard EVP_DigestFinal_ex(context, &digest, &count) == 1 else { throw Failure() }
        return digest.prefix(Int(count)).hexadecimal
    }
}

extension Sequence<UInt8> {
    /// Two digits a byte, in lower case.
    var hexadecimal: String {
        map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}
