import Foundation
import NIOCore
import Postgres
import SystemPackage
import Tenancy
import Testing
import Web

@testable import Server
@testable import Storage

/// The store itself: what breaks off, what is put together, what is swept away.
@Suite struct FileStoreTests {
    struct Broken: Error {}

    @Test func anUploadThatBreaksOffLeavesNothing() async throws {
        try await Tester.with { tester in
            await #expect(throws: Broken.self) {
                try await tester.files.receive(Self.broken, in: tester.tenant, as: Expectation(limit: 10_000_000))
            }
            #expect(tester.storedFiles == [])
            // The client said how much would come: it is told what did.
            let problem = await #expect(throws: Problem.self) {
                try await tester.files.receive(Self.broken, announced: 3_000_000, in: tester.tenant, as: Expectation(limit: 10_000_000))
            }
            #expect(problem?.items.map(\.code) == ["incomplete"])
            #expect(tester.storedFiles == [])
        }
    }

    private static var broken: AsyncThrowingStream<ByteBuffer, any Error> {
        AsyncThrowingStream { continuation in
            for _ in 0..<4 { continuation.yield(ByteBuffer(repeating: 7, count: 600_000)) }
            continuation.finish(throwing: Broken())
        }
    }

    /// More than one piece, and ends that fall inside one.
    @Test func partsBecomeOneFile() async throws {
        try await Tester.with { tester in
            var whole: [UInt8] = []
            var digests: [String] = []
            for (number, size) in [FileStore.piece + 3, 1, 0, 2 * FileStore.piece, 17].enumerated() {
                let part = [UInt8](repeating: UInt8(number + 1), count: size)
                whole += part
                digests.append(try await tester.store(part).digest)
            }
            let joined = try await tester.files.concatenate(
                digests, in: tester.tenant, as: Expectation(limit: whole.count, size: whole.count))
            #expect(joined == (try await tester.store(whole)))
            let file = try await tester.files.open(joined.digest, in: tester.tenant)
            #expect(try file.read(at: 0, upTo: whole.count) == ByteBuffer(bytes: whole))
            await #expect(throws: Problem.self) {
                try await tester.files.concatenate(digests, in: tester.tenant, as: Expectation(limit: whole.count - 1))
            }
            await #expect(throws: MissingFile.self) {
                try await tester.files.concatenate([String(repeating: "0", count: 64)], in: tester.tenant, as: Expectation(limit: 9))
            }
            #expect(tester.storedFiles.count == digests.count + 1)
        }
    }

    @Test(arguments: ["", "../../etc/passwd", String(repeating: "A", count: 64), String(repeating: "0", count: 63) + "/"])
    func whatIsNoDigestIsNoFile(_ name: String) async throws {
        let store = FileStore(directory: "/nonexistent")
        await #expect(throws: MissingFile.self) { try await store.open(name, in: ID<Tenant>()) }
    }

    @Test func tenantsDoNotShareFiles() async throws {
        try await Tester.with { tester in
            let file = try await tester.store([1])
            await #expect(throws: MissingFile.self) { try await tester.files.open(file.digest, in: ID<Tenant>()) }
        }
    }

    @Test func whatNobodyNeedsIsSwept() async throws {
        try await Tester.with { tester in
            let kept = try await tester.store([1], noting: true)
            let released = try await tester.store([2], noting: true)
            let lost = try await tester.store([3])
            try await tester.asOwner(
                "UPDATE stored_file SET released = now() - interval '1 day' WHERE digest = decode($1, 'hex')", [.text(released.digest)])
            let waiting = tester.files.folder(of: tester.tenant).appending("incoming/broken-off").string
            #expect(FileManager.default.createFile(atPath: waiting, contents: Data([1])))

            // Everything is new: only what was released goes from the database, and its file stays with the other new ones.
            try await tester.sweep(before: Date(timeIntervalSinceNow: -3600))
            #expect(tester.storedFiles.count == 4)
            #expect(try await tester.value("SELECT count(*) FROM stored_file") == "1")
            try await tester.sweep(before: Date(timeIntervalSinceNow: 3600))
            #expect(tester.storedFiles == ["\(tester.tenant)/\(kept.digest.prefix(2))/\(kept.digest)"])
            #expect(lost != kept)
        }
    }

    /// A directory that belongs to another database, by mistake.
    @Test func anotherDatabasesFilesAreLeftAlone() async throws {
        try await Tester.with { tester in
            let stranger = ID<Tenant>()
            _ = try await tester.files.receive([ByteBuffer(bytes: [1])].stream, in: stranger, as: Expectation(limit: 9))
            try await tester.sweep(in: stranger, before: Date(timeIntervalSinceNow: 3600))
            #expect(tester.storedFiles.count == 1)
        }
    }
}

extension Tester {
    private static let note = Statement<StoredFile, NoRow>("note", "SELECT keep_file($digest, $md5, $size)")

    func store(_ bytes: [UInt8], noting: Bool = false) async throws -> StoredFile {
        let file = try await files.receive([ByteBuffer(bytes: bytes)].stream, in: tenant, as: Expectation(limit: 100_000_000))
        if noting {
            try await tenancy.scope(for: .system(in: tenant), Access(.signedIn, writes: true)) { _ = try await $0.rows(Self.note, file) }
        }
        return file
    }

    fileprivate func sweep(in other: ID<Tenant>? = nil, before: Date) async throws {
        try await tenancy.scope(for: .system(in: other ?? tenant), Access(.signedIn, writes: true)) {
            try await Sweep($0, files, before: before).run()
        }
    }
}

extension [ByteBuffer] {
    var stream: AsyncStream<ByteBuffer> {
        AsyncStream { continuation in
            for buffer in self { continuation.yield(buffer) }
            continuation.finish()
        }
    }
}
