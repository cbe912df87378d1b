import FoundationEssentials
import HTTPTypes
import HummingbirdCore
public import Tenancy
public import Web

extension Transfer {
    /// Takes a file by PUT, streamed to the disk, and answers 200 with its MD5 in `ETag`, as object stores do.
    ///
    /// The request needs `Content-Length`. `Content-MD5` is compared, if it comes. A PUT that comes again makes the file anew; what becomes of the
    /// one before is for `keep` to say.
    /// - Parameters:
    ///   - gate: who may, and for which object; give the address out with `capability_url(path, kind, 'PUT', object, until)` in SQL.
    ///   - expecting: runs before the first byte is read: refuses what need not be sent, and says how large the file may be and what it has to be.
    ///   - keep: runs when the file is whole and in its place. It has to note it, with `keep_file`, in the same segment as the row that refers to it.
    public static func upload<Input: Decodable & Sendable>(
        _ id: String, _ path: Template, _ summary: String, gate: Gate<Input>,
        expecting: @escaping @Sendable (Input, Scope) async throws -> Expectation,
        keep: @escaping @Sendable (Input, StoredFile, Scope) async throws -> Void
    ) -> Transfer {
        upload(id, path, summary, gate: gate, expecting: expecting) { (input, file, _, scope) in try await keep(input, file, scope) }
    }

    /// The same, for files that have to be looked at: `keep` gets the file open for reading too.
    public static func upload<Input: Decodable & Sendable>(
        _ id: String, _ path: Template, _ summary: String, gate: Gate<Input>,
        expecting: @escaping @Sendable (Input, Scope) async throws -> Expectation,
        keep: @escaping @Sendable (Input, StoredFile, ReadableFile, Scope) async throws -> Void
    ) -> Transfer {
        Transfer(id, .put, path, summary, gate: gate, capabilityIn: nil, crossOrigin: false) { (input: Input, scope, passage) in
            var expected = try await expecting(input, scope)
            let announced = passage.isPart ? nil : try announcedLength(passage.request)
            if let digest = passage.request.headers[.contentMD5] { expected.md5 = try hexadecimal(digest, unlessOtherThan: expected.md5) }
            let file = try await passage.store.receive(passage.request.body, announced: announced, in: scope.caller.tenant, as: expected)
            try await keep(input, file, passage.store.open(file.digest, in: scope.caller.tenant), scope)
            return Response(status: .ok, headers: [.eTag: "\"\(file.md5)\""])
        }
    }

    /// - Throws: 411: without the length, a connection that breaks could not be told from the end of the file.
    private static func announcedLength(_ request: Request) throws -> Int {
        guard let length = request.headers[.contentLength].flatMap({ Int($0) }), length >= 0 else {
            throw Problem(.lengthRequired, "length_required", "Say in Content-Length how many bytes will come.")
        }
        return length
    }

    private static func hexadecimal(_ digest: String, unlessOtherThan expected: String?) throws -> String {
        guard let bytes = Data(base64Encoded: digest), bytes.count == 16 else {
            throw Problem(.badRequest, "invalid", "Content-MD5 must be the 16 bytes of the MD5 in Base64.")
        }
        if let expected, expected.lowercased() != bytes.hexadecimal {
            throw Problem(.badRequest, "digest_mismatch", "Content-MD5 is not the MD5 that was announced for this file.")
        }
        return bytes.hexadecimal
    }
}

extension HTTPField.Name {
    static var contentMD5: HTTPField.Name { HTTPField.Name("Content-MD5").unsafelyUnwrapped }
}
