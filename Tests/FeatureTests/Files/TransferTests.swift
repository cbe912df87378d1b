import Foundation
import HTTPTypes
import NIOCore
import Postgres
import SystemPackage
import Tenancy
import Testing

@testable import Server
@testable import Storage

/// Bytes that come and go.
@Suite struct TransferTests {
    private static let abc = (
        sha256: "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", md5: "900150983cd24fb0d6963f7d28e17f72"
    )

    @Test func whatComesIsKeptUnderItsDigest() async throws {
        try await Tester.with(transfers: Exercise.transfers) { tester in
            let url = try await Address.put("one").url(tester)
            // Twice: once more is the same file.
            for _ in 0..<2 {
                let answer = try await tester.follow(.put, url, Array("abc".utf8))
                #expect(answer.status == 200 && answer.text.isEmpty && answer.headers[.eTag] == "\"\(Self.abc.md5)\"")
            }
            #expect(tester.storedFiles == ["\(tester.tenant)/ba/\(Self.abc.sha256)"])
            #expect(try await tester.value("SELECT encode(md5, 'hex') || size FROM stored_file") == Self.abc.md5 + "3")
            let got = try await tester.follow(.get, try await Address.get(Self.abc.sha256).url(tester))
            #expect(got.status == 200 && got.text == "abc" && got.headers[.eTag] == "\"\(Self.abc.sha256)\"")
            #expect(got.headers[.contentType] == "application/zstd" && got.headers[.xContentTypeOptions] == "nosniff")
            #expect(got.headers[.contentDisposition] == "attachment; filename*=UTF-8''a%20%C3%A9%22.zst")
        }
    }

    /// What is refused leaves nothing behind.
    @Test(arguments: [
        ("one", 4, [HTTPField(name: .contentLength, value: "5")], 400, "incomplete"),
        ("one", 4, [HTTPField(name: .contentLength, value: "3")], 400, "incomplete"),
        ("one", 4, [HTTPField(name: .contentLength, value: "")], 411, "length_required"),
        ("one", 4, [HTTPField(name: .contentLength, value: "-4")], 411, "length_required"),
        ("one", Exercise.limit + 1, [], 413, "too_large"),
        ("one", Exercise.limit + 1, [HTTPField(name: .contentLength, value: "10")], 413, "too_large"),
        ("one", 1, [HTTPField(name: .contentLength, value: "9223372036854775807")], 413, "too_large"),
        ("three", 4, [], 400, "size_mismatch"), ("refused", 4, [], 409, "refused"),
        ("one", 4, [HTTPField(name: .md5, value: "kAFQmDzST7DWlj99KOF/cg==")], 400, "digest_mismatch"),
        ("one", 4, [HTTPField(name: .md5, value: "no")], 400, "invalid"),
    ])
    func aFileThatIsNotAsAnnouncedIsRefused(name: String, size: Int, fields: [HTTPField], status: Int, code: String) async throws {
        try await Tester.with(transfers: Exercise.transfers) { tester in
            let bytes = [UInt8](repeating: 7, count: size)
            let url = try await Address.put(name).url(tester)
            let answer = try await tester.follow(.put, url, bytes, headers: HTTPFields(fields))
            #expect(answer.status == status && answer.codes == [code], "\(answer)")
            #expect(tester.storedFiles == [])
            #expect(try await tester.value("SELECT count(*) FROM stored_file") == "0")
        }
    }

    @Test func manyAtOnceDoNotMeet() async throws {
        try await Tester.with(transfers: Exercise.transfers) { tester in
            let url = try await Address.put("one").url(tester)
            try await withThrowingTaskGroup(of: Int.self) { group in
                for number in 0..<24 {
                    group.addTask { try await tester.follow(.put, url, [UInt8](repeating: UInt8(number % 6), count: 50_000)).status }
                }
                for try await status in group { #expect(status == 200) }
            }
            #expect(tester.storedFiles.count == 6)
            #expect(try await tester.value("SELECT count(*) FROM stored_file") == "6")
        }
    }

    @Test(arguments: [
        (nil, 200, "abc", nil), ("bytes=0-1", 206, "ab", "bytes 0-1/3"), ("bytes=1-", 206, "bc", "bytes 1-2/3"),
        ("bytes=-2", 206, "bc", "bytes 1-2/3"), ("bytes=2-99", 206, "c", "bytes 2-2/3"), ("bytes=0-0,2-2", 200, "abc", nil),
        ("lines=1-2", 200, "abc", nil), ("bytes=b-", 200, "abc", nil), ("bytes=2-1", 200, "abc", nil), ("bytes=3-", 416, "", "bytes */3"),
        ("bytes=-0", 416, "", "bytes */3"), ("bytes=-99999999999999999999", 200, "abc", nil),
    ])
    func partsAreGiven(range: String?, status: Int, text: String, contentRange: String?) async throws {
        try await Tester.with(transfers: Exercise.transfers) { tester in
            _ = try await tester.follow(.put, try await Address.put("one").url(tester), Array("abc".utf8))
            let url = try await Address.get(Self.abc.sha256).url(tester)
            var headers = HTTPFields()
            headers[.range] = range
            let answer = try await tester.follow(.get, url, headers: headers)
            #expect(answer.status == status && answer.headers[.contentRange] == contentRange, "\(answer)")
            if status != 416 { #expect(answer.text == text) }
            headers[.ifRange] = "\"another\""
            #expect(try await tester.follow(.get, url, headers: headers).text == "abc")
        }
    }

    @Test func cachesAndViewersAreTold() async throws {
        try await Tester.with(transfers: Exercise.transfers) { tester in
            _ = try await tester.follow(.put, try await Address.put("one").url(tester), Array("abc".utf8))
            let url = try await Address.get(Self.abc.sha256).url(tester)
            for tag in ["\"\(Self.abc.sha256)\"", "W/\"\(Self.abc.sha256)\"", "\"x\", \"\(Self.abc.sha256)\"", "*"] {
                let answer = try await tester.follow(.get, url, headers: [.ifNoneMatch: tag])
                #expect(answer.status == 304 && answer.text.isEmpty, "\(tag): \(answer)")
            }
            #expect(try await tester.follow(.get, url, headers: [.ifNoneMatch: "\"x\""]).status == 200)
            let head = try await tester.follow(.head, url)
            #expect(head.status == 200 && head.text.isEmpty && head.headers[.contentLength] == "3")
            #expect(head.headers[.accessControlAllowOrigin] == "*")
            #expect(try await tester.follow(.options, url).status == 204)
            let refused = try await tester.follow(.post, url)
            #expect(refused.status == 405 && refused.headers[.allow] == "GET, HEAD, OPTIONS")
            let wrong = try await tester.follow(.delete, try await Address.put("one").url(tester))
            #expect(wrong.status == 405 && wrong.headers[.allow] == "PUT")
        }
    }

    /// Viewers build on the address, so there the capability is part of the path.
    @Test func aCapabilityMayStandInThePath() async throws {
        try await Tester.with(transfers: Exercise.transfers) { tester in
            _ = try await tester.follow(.put, try await Address.put("one").url(tester), Array("abc".utf8))
            let url = try await Address(path: "", kind: "suffixed", verb: "GET", object: Self.abc.sha256).url(tester)
            let capability = try #require(url.split(separator: "=").last)
            let path = "http://localhost/suffixed/\(Self.abc.sha256)~\(capability)/whole"
            #expect(try await tester.follow(.get, path).text == "abc")
            #expect(try await tester.follow(.get, path.replacing("/whole", with: "0/whole")).status == 403)
        }
    }
}

extension HTTPField.Name {
    fileprivate static let md5 = HTTPField.Name("Content-MD5").unsafelyUnwrapped
}

extension Tester {
    /// All that is in the directory of files, the directories not counted.
    var storedFiles: [String] { Self.files(below: files.directory.string) }

    /// What was made of images and is kept for a while.
    var renderings: [String] { Self.files(below: files.cache.string) }

    private static func files(below root: String) -> [String] {
        let paths = (try? FileManager.default.subpathsOfDirectory(atPath: root)) ?? []
        return paths.filter {
            (try? FileManager.default.attributesOfItem(atPath: "\(root)/\($0)")[.type] as? FileAttributeType) == .typeRegular
        }.sorted()
    }
}
