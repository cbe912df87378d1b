import HTTPTypes
import Postgres
import Storage
import Tenancy
import Testing
import Web

@testable import Server

/// Transfers of the tests' own: a file goes in under any name, and comes out by its digest.
enum Exercise {
    struct Name: Codable, Sendable { var name: String }
    struct Digest: Codable, Sendable { var digest: String }

    static let limit = 100_000
    private static let keep = Statement<StoredFile, NoRow>("exercise", "SELECT keep_file($digest, $md5, $size)")

    static let transfers: [Transfer] = [
        .upload(
            "Put", "/exercise/{name}/", "Takes a file", gate: .capability(for: "exercise", on: \.name, or: .instanceAdministrator),
            expecting: { (input: Name, scope) in
                if input.name == "refused" { throw Problem(.conflict, "refused", "Not this one.") }
                return Expectation(limit: limit, size: input.name == "three" ? 3 : nil)
            },
            keep: { (_: Name, file, scope) in _ = try await scope.rows(keep, file) }),
        .download(
            "Get", "/exercise/files/{digest}/", "Gives a file", gate: .capability(for: "exercise", on: \.digest), crossOrigin: true
        ) { (input: Digest, _, _) in .stored(input.digest, contentType: "application/zstd", fileName: "a é\".zst") },
        .download(
            "Suffixed", "/suffixed/{digest}/whole", "Gives a file", gate: .capability(for: "suffixed", on: \.digest),
            capabilityIn: "digest"
        ) { (input: Digest, _, _) in .stored(input.digest, contentType: "text/plain") },
    ]
}

/// Makes addresses as answers have them.
struct Address: Codable, Sendable {
    var path: String
    var kind: String = "exercise"
    var verb: String = "PUT"
    var object: String
    var lasting: String = "1 hour"

    private struct Made: Codable, Sendable { var url: String }
    private static let make = Statement<Address, Made>(
        "address", "SELECT capability_url($path, $kind, $verb, $object, capability_until($lasting::text::interval)) AS url")

    /// - Parameter caller: the server itself unless another is given.
    func url(_ tester: Tester, as caller: Caller? = nil) async throws -> String {
        let made = try await tester.tenancy.scope(
            for: caller ?? .system(in: tester.tenant), Access(.signedIn, writes: false), origin: "http://localhost"
        ) { try await $0.first(Self.make, self) }
        return try #require(made).url
    }

    static func put(_ name: String) -> Address { Address(path: "/exercise/\(name)/", object: name) }
    static func get(_ digest: String) -> Address { Address(path: "/exercise/files/\(digest)/", verb: "GET", object: digest) }
}
