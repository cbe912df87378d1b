internal import CSodium

/// Something that whoever holds it may show: an API token, a session cookie, a task token. It carries its tenant in clear,
/// `pal_<tenant>_<random>`, so that the tenant is set before the first row is read; only its digest is ever stored.
public struct Secret: Sendable {
    public let tenant: ID<Tenant>
    /// What the holder keeps. Never to be logged.
    public let text: String

    /// A new one of 256 random bits.
    public init(in tenant: ID<Tenant>) {
        self.tenant = tenant
        let random = Self.random(32)
        text = "pal_\(tenant.text.replacing("-", with: ""))_\(random.map(Self.hexadecimal).joined())"
    }

    /// - Returns: nil for anything that is not of this form; the caller then has no tenant at all.
    public init?(_ text: String) {
        let parts = text.split(separator: "_", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0] == "pal", parts[1].utf8.count == 32, !parts[2].isEmpty, text.utf8.count < 256 else { return nil }
        guard let tenant = ID<Tenant>(digits: parts[1]) else { return nil }
        self.tenant = tenant
        self.text = text
    }

    /// SHA-256, in hexadecimal: what the database knows.
    public var digest: String { Self.sha256(text) }

    /// The value that a page must send back in `X-CSRFToken` beside the session cookie: it follows from the session and tells nothing of it.
    public var csrf: String { Self.sha256("csrf:" + text) }

    private static func sha256(_ text: String) -> String {
        var digest = [UInt8](repeating: 0, count: Int(crypto_hash_sha256_BYTES))
        let bytes = Array(text.utf8)
        crypto_hash_sha256(&digest, bytes, UInt64(bytes.count))
        return digest.map(hexadecimal).joined()
    }

    private static func random(_ count: Int) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        randombytes_buf(&bytes, count)
        return bytes
    }

    private static func hexadecimal(_ byte: UInt8) -> String {
        (byte < 16 ? "0" : "") + String(byte, radix: 16)
    }
}

extension Secret: CustomStringConvertible {
    public var description: String { "a secret of tenant \(tenant)" }
}
