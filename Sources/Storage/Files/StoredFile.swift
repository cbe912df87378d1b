import HTTPTypes
import Web

/// A file that the store has. The database notes it by `keep_file(digest, md5, size)`.
public struct StoredFile: Codable, Sendable, Hashable {
    /// Its SHA-256 in hexadecimal: its name in the store.
    public let digest: String
    /// Its MD5 in hexadecimal. The clients of models compare it with what they call `archive_hash`.
    public let md5: String
    /// In bytes.
    public let size: Int

    public init(digest: String, md5: String, size: Int) {
        self.digest = digest
        self.md5 = md5
        self.size = size
    }
}

/// What a file that comes must be; otherwise it is refused and nothing of it is kept.
public struct Expectation: Sendable {
    /// The most bytes that are taken.
    public var limit: Int
    /// How many bytes it has to have, if somebody has said so.
    public var size: Int?
    /// In hexadecimal.
    public var md5: String?
    /// In hexadecimal.
    public var sha256: String?

    public init(limit: Int, size: Int? = nil, md5: String? = nil, sha256: String? = nil) {
        self.limit = limit
        self.size = size
        self.md5 = md5
        self.sha256 = sha256
    }

    /// - Parameter bytes: how many there are, or will be as far as one can tell yet.
    /// - Throws: 413.
    func check(atMost bytes: Int) throws {
        guard bytes <= limit else {
            throw Problem(.contentTooLarge, "too_large", "The file may have at most \(limit) bytes.")
        }
    }

    /// - Throws: 400 that says what differs.
    func check(_ file: StoredFile) throws {
        try check(atMost: file.size)
        if let size, size != file.size {
            throw Problem(.badRequest, "size_mismatch", "\(file.size) bytes have come, where \(size) were announced.")
        }
        if let md5, md5.lowercased() != file.md5 {
            throw Problem(.badRequest, "digest_mismatch", "What has come has the MD5 \(file.md5), not \(md5.lowercased()).")
        }
        if let sha256, sha256.lowercased() != file.digest {
            throw Problem(.badRequest, "digest_mismatch", "What has come has the SHA-256 \(file.digest), not \(sha256.lowercased()).")
        }
    }
}
