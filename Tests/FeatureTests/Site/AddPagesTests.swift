import HTTPTypes
import NIOCore
import Postgres
import Shapes
import Tenancy
import Testing

@testable import Server

/// Image files that a form brings in, without a browser.
@Suite struct AddPagesTests {
    @Test func everyFileIsAPageAndTheOthersAreNamed() async throws {
        try await Tester.with { tester in
            let corpus = try await tester.corpus()
            let files: [(String, [UInt8])] = [
                ("1r.png", Samples.png(40, 30)), ("notes.txt", Array("no image".utf8)), ("1v", Samples.png(30, 40)),
            ]
            let answer = try await tester.addPages(files, to: corpus)
            #expect(
                answer.status == 400 && answer.text.contains("notes.txt") && answer.text.contains("not a JPEG, PNG, TIFF or WebP image"))
            let pages = try await tester.get("/api/v1/corpus/\(corpus)/elements/").json["results"]?.list ?? []
            #expect(pages.map { $0["name"] } == ["1r", "1v"])
            #expect(pages.map { $0["zone"]?["image"]?["width"] } == [40, 30])
        }
    }

    /// A connection that breaks leaves what came whole, and nothing of the rest.
    @Test func aFileThatBreaksOffIsNone() async throws {
        try await Tester.with { tester in
            let corpus = try await tester.corpus()
            let files = [("1r.png", Samples.png(40, 30)), ("1v.png", Samples.png(200, 200))]
            let answer = try await tester.addPages(files, to: corpus, cutting: 1000)
            #expect(answer.status == 400 && answer.text.contains("1v.png"))
            let pages = try await tester.get("/api/v1/corpus/\(corpus)/elements/").json["results"]?.list ?? []
            #expect(pages.map { $0["name"] } == ["1r"])
        }
    }

    /// Not even an image, of which nobody would know.
    @Test func whoMayOnlyReadBringsNothingIn() async throws {
        try await Tester.with(.enterprise) { tester in
            let corpus = try await tester.corpus()
            let guest = try await tester.person("guest@example.org")
            try await tester.asOwner("UPDATE user_account SET can_upload_images = true WHERE id = $1", [guest.parameter])
            _ = try await tester.post("/api/v1/memberships/", ["user": .string(guest.text), "corpus": .string(corpus), "level": 10])
                .created()
            let answer = try await tester.addPages([("1r.png", Samples.png(40, 30))], to: corpus, as: guest)
            #expect(answer.status == 403)
            #expect(try await tester.asOwner("SELECT id FROM image").count == 0)
        }
    }

    /// Permissions hold in both editions.
    @Test func whoMayNotUploadIsToldSo() async throws {
        try await Tester.with { tester in
            let corpus = try await tester.corpus()
            let person = try await tester.person("reader@example.org")
            try await tester.asOwner("UPDATE user_account SET can_upload_images = false WHERE id = $1", [person.parameter])
            let answer = try await tester.addPages([("1r.png", Samples.png(40, 30))], to: corpus, as: person)
            #expect(answer.status == 400 && answer.text.contains("This needs the permission to upload images."))
            #expect(answer.text.contains("You have no permission to upload images."))
        }
    }

    @Test func aFormOfAnotherSessionBringsNothingIn() async throws {
        try await Tester.with { tester in
            let corpus = try await tester.corpus()
            let answer = try await tester.addPages([("1r.png", Samples.png(40, 30))], to: corpus, csrf: "stolen")
            #expect(answer.status == 403)
            #expect(try await tester.asOwner("SELECT id FROM image").count == 0)
        }
    }
}

extension Tester {
    fileprivate func corpus() async throws -> String { try await post("/api/v1/corpus/", ["name": "Register"]).created() }

    /// Sends the form as a browser does.
    /// - Parameter end: how many bytes of it never come.
    fileprivate func addPages(
        _ files: [(name: String, bytes: [UInt8])], to corpus: String, as person: ID<User>? = nil, csrf: String? = nil, cutting end: Int = 0
    ) async throws -> Answer {
        let secret = Secret(in: tenant)
        try await asOwner(
            """
            INSERT INTO session (tenant_id, id, user_id, digest, expires)
            SELECT u.tenant_id, uuid7(), u.id, decode($1, 'hex'), now() + interval '1 hour' FROM user_account u
            WHERE coalesce(u.id = $2, u.is_admin)
            """, [.text(secret.digest), person.map(\.parameter) ?? .null])
        var body = ByteBuffer()
        for (name, value) in [("csrf", csrf ?? secret.csrf), ("type", "page")] {
            body.writeString("--b\r\nContent-Disposition: form-data; name=\"\(name)\"\r\n\r\n\(value)\r\n")
        }
        for file in files {
            body.writeString("--b\r\nContent-Disposition: form-data; name=\"files\"; filename=\"\(file.name)\"\r\n\r\n")
            body.writeBytes(file.bytes)
            body.writeString("\r\n")
        }
        body.writeString("--b--\r\n")
        let headers: HTTPFields = [.cookie: "palimpsest.session=\(secret.text)", .contentType: "multipart/form-data; boundary=b"]
        return try await follow(
            .post, "http://localhost/projects/\(corpus)/pages", Array(body.readableBytesView.dropLast(end)), headers: headers)
    }
}
