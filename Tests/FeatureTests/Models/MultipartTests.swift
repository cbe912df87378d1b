import HTTPTypes
import Shapes
import Storage
import Testing

@testable import Server

/// Archives that come in parts, as the worker library sends them.
@Suite struct MultipartTests {
    @Test func partsMakeTheArchiveInTheirOrder() async throws {
        try await Tester.with { tester in
            let upload = try await Upload(tester)
            // The later part comes first, and the first one twice: the last to come counts.
            let second = try await upload.send("of a model", number: 2)
            _ = try await upload.send("something ", number: 1)
            let first = try await upload.send("an archive ", number: 1)
            let done = try await upload.complete([(1, first), (2, second)]).expect()
            #expect(done["state"] == "available" && done["archive_hash"] == .string(upload.archive.file.md5))
            #expect(try await tester.follow(.get, done["s3_url"]?.string).text == "an archive of a model")
            #expect(try await tester.value("SELECT count(*) FROM multipart_upload") == "0")
            // The parts are for the sweeper, the whole is not.
            #expect(
                try await tester.value("SELECT string_agg(size::text, ' ' ORDER BY size) FROM stored_file WHERE released IS NOT NULL")
                    == "10 10 11")
            #expect(try await upload.complete([(1, first)]).status == 409)
        }
    }

    @Test func whatIsMissingOrInTheWrongPlaceIsNamed() async throws {
        try await Tester.with { tester in
            let upload = try await Upload(tester)
            let first = try await upload.send("an archive ", number: 1)
            let second = try await upload.send("of a model", number: 2)
            let backwards = try await upload.complete([(2, second), (1, first)])
            #expect(backwards.status == 400 && backwards.codes == ["invalid_part_order"] && backwards.places == ["parts.1"], "\(backwards)")
            let missing = try await upload.complete([(1, first), (2, second), (3, second)])
            #expect(missing.status == 400 && missing.codes == ["invalid_part"] && missing.places == ["parts.2"], "\(missing)")
            let swapped = try await upload.complete([(1, second), (2, first)])
            #expect(swapped.status == 400 && swapped.places == ["parts.0", "parts.1"], "\(swapped)")
            // Both are there, but they are not what was announced.
            let part = try await upload.complete([(1, first)])
            #expect(part.status == 400 && part.codes == ["size_mismatch"], "\(part)")
            #expect(try await upload.complete([]).status == 400)
            #expect(try await upload.complete([(1, first), (2, second)]).status == 200)
        }
    }

    @Test func aPartIsWhatItWasAnnouncedAs() async throws {
        try await Tester.with { tester in
            let upload = try await Upload(tester)
            let url = try await upload.address(number: 1, md5: "CY9rzUYh03PK3k6DJie09g==")
            let refused = try await tester.follow(.put, url, Array("another".utf8))
            #expect(refused.status == 400 && refused.codes == ["digest_mismatch"], "\(refused)")
            #expect(try await tester.follow(.put, url, Array("test".utf8)).status == 200)
            let odd = try await tester.post("/api/v1/multipart/part/", upload.body.adding(["part_number": 1, "md5_hash": "short"]))
            #expect(odd.status == 400 && odd.places == ["md5_hash"], "\(odd)")
            for number in [0, 10_001] {
                let answer = try await tester.post("/api/v1/multipart/part/", upload.body.adding(["part_number": .integer(number)]))
                #expect(answer.status == 400 && answer.places == ["part_number"], "\(answer)")
            }
            // An address is for one part of one upload.
            #expect(try await tester.follow(.put, url?.replacing("/1/", with: "/2/"), Array("test".utf8)).codes == ["capability_refused"])
        }
    }

    @Test func abortingTwiceLeavesNothingBothTimes() async throws {
        try await Tester.with { tester in
            let upload = try await Upload(tester)
            let first = try await upload.send("an archive ", number: 1)
            let url = try await upload.address(number: 2)
            for _ in 0..<2 { #expect(try await tester.post("/api/v1/multipart/abort/", upload.body).status == 204) }
            #expect(try await tester.value("SELECT count(*) FROM multipart_part") == "0")
            #expect(try await upload.complete([(1, first)]).status == 404)
            #expect(try await tester.follow(.put, url, Array("late".utf8)).status == 404)
        }
    }

    @Test func onlyWhoeverMadeTheVersionSendsItsParts() async throws {
        try await Tester.with(.enterprise) { tester in
            let upload = try await Upload(tester)
            let other = try await tester.member("contributor@example.org", of: upload.model, level: 50)
            for (path, more) in [("create", [:]), ("part", ["part_number": 1]), ("abort", [:])] as [(String, JSONValue)] {
                let refused = try await tester.post("/api/v1/multipart/\(path)/", upload.body.adding(more), as: other)
                #expect(refused.status == 403, "\(path): \(refused)")
            }
            let stranger = try await tester.member("stranger@example.org", of: upload.model, level: nil)
            #expect(try await tester.post("/api/v1/multipart/create/", upload.body, as: stranger).status == 404)
            let another = try await Upload(tester, name: "Words")
            let crossed = another.body.adding(["upload_id": upload.body["upload_id"] ?? .null, "part_number": 1])
            #expect(try await tester.post("/api/v1/multipart/part/", crossed).status == 404)
        }
    }

    @Test func uploadsThatNobodyGoesOnWithAreForgotten() async throws {
        try await Tester.with { tester in
            let upload = try await Upload(tester)
            _ = try await upload.send("an archive ", number: 1)
            _ = try await Upload(tester, name: "Words")
            let forget = "SELECT count(*) FROM multipart_upload"
            try await tester.asOwner("UPDATE multipart_upload SET created = now() - interval '2 days'")
            try await tester.sweep()
            // A part that has come lately keeps its upload.
            #expect(try await tester.value(forget) == "1")
            try await tester.asOwner("UPDATE multipart_part SET created = now() - interval '2 days'")
            try await tester.sweep()
            #expect(try await tester.value(forget) == "0")
        }
    }
}

/// A version whose archive is on its way.
private struct Upload: Sendable {
    let tester: Tester
    let archive: TestArchive
    let model: String
    /// What every request about it has.
    let body: JSONValue

    init(_ tester: Tester, name: String = "Letters") async throws {
        self.tester = tester
        archive = try await tester.stored("an archive of a model")
        model = try await tester.model(name)
        let version = try await tester.modelVersion(of: model, archive.announcement)
        // The library sends null for what it does not use.
        let object: JSONValue = ["object_type": "model_version", "object_id": .string(version), "checksum_algorithm": .null]
        let started = try await tester.post("/api/v1/multipart/create/", object).expect(201)
        body = object.adding(["upload_id": started["upload_id"] ?? .null])
    }

    func address(number: Int, md5: String? = nil) async throws -> String? {
        let part: JSONValue = ["part_number": .integer(number), "checksum": .null, "md5_hash": md5.map { .string($0) } ?? .null]
        return try await tester.post("/api/v1/multipart/part/", body.adding(part)).expect()["url"]?.string
    }

    /// - Returns: its ETag.
    func send(_ text: String, number: Int) async throws -> String {
        let answer = try await tester.follow(.put, try await address(number: number), Array(text.utf8))
        try #require(answer.status == 200, "\(answer)")
        return try #require(answer.headers[.eTag])
    }

    func complete(_ parts: [(number: Int, etag: String)]) async throws -> Answer {
        let listed = parts.map {
            ["part_number": .integer($0.number), "etag": .string($0.etag), "checksum": .null, "md5_hash": .null] as JSONValue
        }
        return try await tester.post("/api/v1/multipart/complete/", body.adding(["parts": .array(listed)]))
    }
}
