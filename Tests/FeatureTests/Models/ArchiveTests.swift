import HTTPTypes
import NIOCore
import Shapes
import Storage
import Testing

@testable import Server

/// Archives of model versions: contract 4.6, and what goes wrong on the way.
@Suite struct ArchiveTests {
    private static let content = Array("an archive of a model".utf8)

    @Test func anAnnouncedArchiveIsCheckedAndPublishesItsVersion() async throws {
        try await Tester.with { tester in
            let archive = try await tester.stored("an archive of a model")
            let model = try await tester.model("Letters")
            let made = try await tester.post("/api/v1/model/\(model)/versions/", archive.announcement).expect(201)
            let version = try #require(made["id"]?.string)
            let put = made["s3_put_url"]?.string
            #expect(made["s3_url"] == .null && made["state"] == "created")
            // Another content of the same length, a body that is too short, and one that breaks off.
            for (bytes, headers, code) in [
                (Array("an archive of a bottle".utf8.prefix(21)), [:], "digest_mismatch"), (Array("an archive".utf8), [:], "size_mismatch"),
                (Array("an archive".utf8), [.contentLength: "21"], "incomplete"),
            ] as [([UInt8], HTTPFields, String)] {
                let refused = try await tester.follow(.put, put, bytes, headers: headers)
                #expect(refused.status == 400 && refused.codes == [code], "\(refused)")
            }
            #expect(try await tester.get("/api/v1/modelversion/\(version)/").expect()["state"] == "created")
            let taken = try await tester.follow(.put, put, archive.bytes, headers: [.contentType: "application/zstd"])
            #expect(taken.status == 200 && taken.headers[.eTag] == "\"\(archive.file.md5)\"", "\(taken)")
            let published = try await tester.get("/api/v1/modelversion/\(version)/").expect()
            #expect(
                published["state"] == "available" && published["s3_put_url"] == .null
                    && published["s3_etag"] == .string("\"\(archive.file.md5)\""))
            let got = try await tester.follow(.get, published["s3_url"]?.string)
            #expect(got.status == 200 && got.headers[.contentType] == "application/zstd" && got.text == "an archive of a model")
            // What is published stays.
            let late = try await tester.follow(.put, put, archive.bytes)
            #expect(late.status == 409 && late.codes == ["wrong_state"], "\(late)")
            // As arkindex-cli says it in the end.
            let said = try await tester.patch("/api/v1/modelversion/\(version)/", archive.announcement.adding(["state": "available"]))
            #expect(said.status == 200, "\(said)")
        }
    }

    @Test func anArchiveThatNobodyAnnouncedIsPublishedWhenSomebodySaysWhatItIs() async throws {
        try await Tester.with { tester in
            let archive = try await tester.stored("an archive of a model")
            let model = try await tester.model("Letters")
            let made = try await tester.post("/api/v1/model/\(model)/versions/", [:]).expect(201)
            let path = "/api/v1/modelversion/\(try #require(made["id"]?.string))/"
            #expect(try await tester.patch(path, archive.announcement.adding(["state": "available"])).json["state"]?.list.count == 1)
            // The second takes the place of the first.
            for content in ["something else", "an archive of a model"] {
                #expect(try await tester.follow(.put, made["s3_put_url"]?.string, Array(content.utf8)).status == 200)
            }
            #expect(try await tester.get(path).expect()["state"] == "created")
            let wrong = try await tester.patch(
                path, ["state": "available", "size": 20, "archive_hash": .string(String(repeating: "0", count: 32))])
            #expect(wrong.status == 400 && wrong.places.sorted() == ["archive_hash", "size"], "\(wrong)")
            let published = try await tester.patch(path, archive.announcement.adding(["state": "available"])).expect()
            #expect(published["state"] == "available" && published["size"] == 21)
            #expect(try await tester.value("SELECT count(*) FROM stored_file WHERE released IS NOT NULL") == "1")
        }
    }

    @Test func addressesAreForOneVersionOneDirectionAndNobodyWithoutThem() async throws {
        try await Tester.with(.enterprise) { tester in
            let model = try await tester.model("Letters")
            let list = "/api/v1/model/\(model)/versions/"
            let first = try await tester.post(list, [:]).expect(201)
            let second = try await tester.post(list, [:]).expect(201)
            let (firstID, secondID) = (try #require(first["id"]?.string), try #require(second["id"]?.string))
            let url = try #require(first["s3_put_url"]?.string)
            let foreign = url.replacing(firstID, with: secondID)
            #expect(try await tester.follow(.put, foreign, Self.content).codes == ["capability_refused"])
            #expect(try await tester.follow(.get, url).codes == ["capability_refused"])
            #expect(try await tester.follow(.put, String(url.prefix { $0 != "?" }), Self.content).status == 403)
            let other = try await tester.member("contributor@example.org", of: model, level: 50)
            #expect(try await tester.get("/api/v1/modelversion/\(firstID)/", as: other).expect()["s3_put_url"] == .null)
            let archive = "/api/v1/modelversion/\(firstID)/archive/"
            #expect(try await tester.get(archive, as: .nobody).status == 401)
            let stranger = try await tester.member("stranger@example.org", of: model, level: nil)
            #expect(try await tester.get(archive, as: stranger).status == 404)
        }
    }

    @Test func anArchiveOverTheLimitIsRefusedBeforeItIsSent() async throws {
        try await Tester.with { tester in
            let model = try await tester.model("Letters")
            let announced = try await tester.post("/api/v1/model/\(model)/versions/", ["size": .integer(1 << 60)])
            #expect(announced.status == 400 && announced.places == ["size"], "\(announced)")
            let made = try await tester.post("/api/v1/model/\(model)/versions/", [:]).expect(201)
            let refused = try await tester.follow(.put, made["s3_put_url"]?.string, Self.content, headers: [.contentLength: "\(1 << 60)"])
            #expect(refused.status == 413, "\(refused)")
        }
    }

    @Test func deletingAVersionLetsItsArchiveGo() async throws {
        try await Tester.with { tester in
            let archive = try await tester.stored("an archive of a model")
            let model = try await tester.model("Letters")
            let versions = [
                try await tester.published(archive, of: model), try await tester.published(archive, of: try await tester.model("Words")),
            ]
            #expect(try await tester.value("SELECT count(*) FROM stored_file") == "1")
            #expect(try await tester.delete("/api/v1/modelversion/\(versions[0])/").status == 204)
            // The sweeper looks for itself whether it was the last.
            #expect(try await tester.value("SELECT released IS NOT NULL FROM stored_file") == "t")
            let url = try await tester.get("/api/v1/modelversion/\(versions[1])/").expect()["s3_url"]?.string
            #expect(try await tester.follow(.get, url).status == 200)
        }
    }
}

/// What a test sends as an archive.
struct TestArchive: Sendable {
    let bytes: [UInt8]
    let file: StoredFile
    var announcement: JSONValue { ["size": .integer(file.size), "archive_hash": .string(file.md5)] }
}

extension Tester {
    /// Lets the store itself say what the digests of a text are.
    func stored(_ text: String) async throws -> TestArchive {
        let bytes = Array(text.utf8)
        let body = AsyncStream<ByteBuffer> { stream in
            stream.yield(ByteBuffer(bytes: bytes))
            stream.finish()
        }
        return TestArchive(bytes: bytes, file: try await files.receive(body, in: tenant, as: Expectation(limit: 1 << 20)))
    }

    /// A version whose archive has come.
    func published(_ archive: TestArchive, of model: String, tag: String? = nil) async throws -> String {
        let body = archive.announcement.adding(tag.map { ["tag": .string($0)] })
        let made = try await post("/api/v1/model/\(model)/versions/", body).expect(201)
        try #require(try await follow(.put, made["s3_put_url"]?.string, archive.bytes).status == 200)
        return try #require(made["id"]?.string)
    }
}
