import HTTPTypes
import NIOCore
import Postgres
import Shapes
import SystemPackage
import Tenancy
import Testing

@testable import Images
@testable import Server
@testable import Storage

/// Images that this server keeps: from the upload to what viewers get.
@Suite struct LocalImageTests {
    @Test func anImageIsUploadedCheckedAndShown() async throws {
        try await Tester.with { tester in
            let made = try await tester.post("/api/v1/image/", ["path": "register/1.png"]).expect(201)
            #expect(made["status"] == "unchecked" && made["width"] == 0 && made["s3_url"] == .null)
            let id = try #require(made["id"]?.string)
            // Nothing has come yet.
            let early = try await tester.patch("/api/v1/image/\(id)/", ["status": "checked"])
            #expect(early.status == 400 && early.codes == ["no_file"], "\(early)")
            #expect(try await tester.element("page", on: id).codes == ["image_without_size"])

            #expect(try await tester.follow(.put, made["s3_put_url"]?.string, Samples.png(300, 200)).status == 200)
            let sized = try await tester.get("/api/v1/image/\(id)/").expect()
            #expect(sized["width"] == 300 && sized["height"] == 200 && sized["status"] == "unchecked")
            #expect(try await tester.follow(sized["url"]?.string.map { "\($0)/info.json" }).status == 404)
            let checked = try await tester.patch("/api/v1/image/\(id)/", ["status": "checked"]).expect()
            #expect(checked["status"] == "checked" && checked["s3_put_url"] == .null && checked["problem"] == .null)

            let url = try #require(checked["url"]?.string)
            let information = try await tester.follow("\(url)/info.json").expect()
            #expect(information["width"] == 300 && information["height"] == 200 && information["@id"] == .string(url))
            let whole = try await tester.follow("\(url)/full/full/0/default.jpg")
            #expect(
                whole.status == 200 && whole.headers[.contentType] == "image/jpeg"
                    && whole.bytes.readableBytesView.starts(with: [0xFF, 0xD8, 0xFF]))
            #expect(whole.headers[.accessControlAllowOrigin] == "*" && whole.headers[.cacheControl] == "private, max-age=3600")
            let again = try await tester.follow("\(url)/full/full/0/default.jpg", headers: [.ifNoneMatch: whole.headers[.eTag] ?? ""])
            #expect(again.status == 304)
            // No more uploads: elements rely on what it looks like.
            let late = try await tester.follow(.put, made["s3_put_url"]?.string, Samples.png(3, 2))
            #expect(late.status == 409 && late.codes == ["image_checked"], "\(late)")
        }
    }

    /// The size of what comes out, seen by the same library that looks at uploads.
    @Test(arguments: [
        ("full/max/0/default.jpg", 300, 200), ("full/150,/0/default.jpg", 150, 100), ("full/,50/90/default.jpg", 50, 75),
        ("10,20,30,40/full/0/default.png", 30, 40), ("10,20,30,40/full/270/gray.jpg", 40, 30), ("full/!90,90/180/bitonal.png", 90, 60),
        ("pct:50,50,50,50/full/!0/color.jpg", 150, 100), ("0,0,10,10/400,/0/default.jpg", 400, 400), ("square/1,1/0/default.jpg", 1, 1),
    ])
    func renderingsHaveTheSizeThatWasAsked(words: String, width: Int, height: Int) async throws {
        try await Tester.with { tester in
            let url = try await tester.localImage("1", Samples.png(300, 200)).url
            let answer = try await tester.follow("\(url)/\(words)")
            #expect(answer.status == 200, "\(answer.status)")
            let file = try await tester.files.receive([answer.bytes].stream, in: tester.tenant, as: .init(limit: 1 << 20))
            let picture = try Picture(lookingAt: tester.files.place(of: file.digest, in: tester.tenant))
            #expect(picture.width == width && picture.height == height)
        }
    }

    @Test(arguments: [
        ("an empty file", []), ("text", Array("Not an image".utf8)), ("a page", Array("<html><script>alert(1)</script></html>".utf8)),
        ("a file that is cut short", Array(Samples.png(300, 200).prefix(30_000))),
        ("a header alone", Array(Samples.png(300, 200).prefix(40))),
        ("a bomb", Samples.png(10, 10, claims: (60_000, 60_000))), ("a long one", Samples.png(10, 10, claims: (70_000, 1))),
        ("a drawing", Array("<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'/>".utf8)),
        ("a script behind the name of an image", [0x47, 0x49, 0x46, 0x38, 0x39, 0x61] + Array("/*<?php exit(); ?>*/".utf8)),
        ("PDF", Array("%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>".utf8)),
    ])
    func whatIsNoImageIsRefusedAndNoted(what: String, bytes: [UInt8]) async throws {
        try await Tester.with { tester in
            let made = try await tester.post("/api/v1/image/", ["path": "1"]).expect(201)
            let id = try #require(made["id"]?.string)
            let put = try await tester.follow(.put, made["s3_put_url"]?.string, bytes)
            #expect(put.status == 400 && put.codes == ["not_an_image"], "\(what): \(put)")
            let after = try await tester.patch("/api/v1/image/\(id)/", ["status": "checked"]).expect()
            #expect(after["status"] == "error" && after["problem"]?.string?.isEmpty == false, "\(what): \(after)")
            // Not kept: the sweeper has it next.
            #expect(try await tester.value("SELECT count(*) FROM stored_file WHERE released IS NULL") == "0")
            // A better one may come.
            #expect(try await tester.follow(.put, after["s3_put_url"]?.string, Samples.png(3, 2)).status == 200)
            #expect(try await tester.patch("/api/v1/image/\(id)/", ["status": "checked"]).expect()["status"] == "checked")
        }
    }

    /// A PNG with a ZIP's, or a page's, bytes behind it: an image is all that ever comes out of it.
    @Test func aPolyglotComesOutAsAnImageAlone() async throws {
        try await Tester.with { tester in
            let tail = "<script>alert(1)</script>"
            let url = try await tester.localImage("1", Samples.png(30, 20) + Array(tail.utf8)).url
            let answer = try await tester.follow("\(url)/full/full/0/default.png")
            #expect(answer.status == 200 && answer.headers[.contentType] == "image/png")
            #expect(answer.headers[.xContentTypeOptions] == "nosniff" && !answer.text.contains(tail))
        }
    }

    @Test func theSecondUploadReplacesTheFirst() async throws {
        try await Tester.with { tester in
            let made = try await tester.post("/api/v1/image/", ["path": "1"]).expect(201)
            for size in [10, 20] {
                #expect(try await tester.follow(.put, made["s3_put_url"]?.string, Samples.png(size, size)).status == 200)
            }
            let path = "/api/v1/image/\(try #require(made["id"]?.string))/"
            #expect(try await tester.patch(path, ["status": "checked"]).expect()["width"] == 20)
            #expect(try await tester.value("SELECT count(*) FROM stored_file WHERE released IS NOT NULL") == "1")
        }
    }

    @Test func uploadsAtOnceLeaveOneWholeImage() async throws {
        try await Tester.with { tester in
            let made = try await tester.post("/api/v1/image/", ["path": "1"]).expect(201)
            let url = made["s3_put_url"]?.string
            try await withThrowingTaskGroup(of: Int.self) { group in
                for size in 1...8 {
                    group.addTask { try await tester.follow(.put, url, Samples.png(size, 2 * size)).status }
                }
                for try await status in group { #expect(status == 200) }
            }
            let path = "/api/v1/image/\(try #require(made["id"]?.string))/"
            let image = try await tester.patch(path, ["status": "checked"]).expect()
            let width = try #require(image["width"]?.int)
            #expect(image["height"]?.int == 2 * width)
            let shown = try await tester.follow(image["url"]?.string.map { "\($0)/full/full/0/default.png" })
            #expect(shown.status == 200)
            #expect(try await tester.value("SELECT count(*) FROM stored_file WHERE released IS NULL") == "1")
        }
    }

    @Test func aPathIsThereOnce() async throws {
        try await Tester.with { tester in
            let first = try await tester.post("/api/v1/image/", ["path": "a/b"]).created()
            let second = try await tester.post("/api/v1/image/", ["path": "a/b"])
            #expect(second.status == 409 && second.json["existing_id"] == .string(first) && second.places == ["path"])
        }
    }
}

/// Who gets to see an image of a private corpus.
@Suite struct ImageAccessTests {
    @Test func onlyReadersOfTheCorpusAndBearersOfTheAddress() async throws {
        try await Tester.with(.enterprise) { tester in
            let (id, url) = try await tester.localImage("1", Samples.png(30, 20))
            let corpus = try await tester.post("/api/v1/corpus/", ["name": "Private"]).created()
            let page = try await tester.element(corpus, "page", "1", ["image": .string(id)])
            let reader = try await tester.person("reader@example.org")
            let readers = Tester.Caller.token(try await tester.token(of: reader))
            let strangers = Tester.Caller.token(try await tester.token(of: try await tester.person("stranger@example.org")))
            try await tester.asOwner(
                "INSERT INTO membership (tenant_id, id, user_id, corpus_id, level) VALUES ($1, uuid7(), $2, $3, 10)",
                [tester.tenant.parameter, reader.parameter, .text(corpus)])
            let bare = "/iiif/2/\(id)/full/full/0/default.jpg"
            #expect(try await tester.get(bare, as: .nobody).status == 401)
            #expect(try await tester.get(bare, as: strangers).status == 404)
            #expect(try await tester.get("/iiif/2/\(id)/info.json", as: strangers).status == 404)
            #expect(try await tester.get("/api/v1/image/\(id)/", as: strangers).status == 404)
            #expect(try await tester.get(bare, as: readers).status == 200)
            #expect(try await tester.get("/api/v1/image/\(id)/", as: readers).expect()["s3_put_url"] == .null)
            #expect(try await tester.patch("/api/v1/image/\(id)/", ["status": "error"], as: readers).status == 403)
            #expect(try await tester.send(.put, "/api/v1/image/\(id)/file/", bytes: [], as: readers).status == 403)
            // A stranger cannot pull it into a corpus of their own.
            let mine = try await tester.post("/api/v1/corpus/", ["name": "Mine"], as: strangers).created()
            let linked = try await tester.post(
                "/api/v1/elements/create/", ["corpus": .string(mine), "type": "page", "name": "1", "image": .string(id)], as: strangers)
            #expect(linked.status == 400 && linked.places == ["image"], "\(linked)")
            // The address works for whoever has it, and for nothing else.
            let zone = try await tester.get("/api/v1/element/\(page)/", as: readers).expect()["zone"]
            let crop = try #require(zone?["url"]?.string)
            #expect(crop.hasPrefix(url) && crop.hasSuffix("/0,0,30,20/full/0/default.jpg"))
            #expect(try await tester.follow(crop).status == 200)
            let other = try await tester.localImage("2", Samples.png(3, 2)).id
            #expect(try await tester.follow(crop.replacing(id, with: other)).status == 403)
            #expect(
                try await tester.follow(.put, "http://localhost/api/v1/image/\(id)/file/?capability=\(url.split(separator: "~")[1])").status
                    == 403)
            // Once the corpus is public, nobody needs anything.
            try await tester.asOwner("UPDATE corpus SET public = true WHERE id = $1", [.text(corpus)])
            #expect(try await tester.get(bare, as: .nobody).status == 200)
        }
    }

    /// The same address for everyone until the hour, so that caches work, and an address of its own for a task.
    @Test func addressesAreTheSameUntilTheHour() async throws {
        try await Tester.with { tester in
            let (id, url) = try await tester.localImage("1", Samples.png(30, 20))
            #expect(try await tester.get("/api/v1/image/\(id)/").expect()["url"] == .string(url))
            let until = try #require(url.split(separator: ".").dropFirst().first.flatMap { Int($0.dropFirst(), radix: 16) })
            #expect(until % 3600 == 0)
            let scenario = try await Scenario(tester, pages: 1)
            let page = try await tester.element(scenario.corpus, "page", "2", ["image": .string(id)])
            let task = try await scenario.claimed()
            let own = try await tester.get("/api/v1/element/\(page)/", as: task.caller).expect()
            let crop = try #require(own["zone"]?["url"]?.string)
            #expect(try await tester.follow(crop).status == 200)
            // What viewers are told to go on with does not outlive the task either.
            let base = crop.replacing("/0,0,30,20/full/0/default.jpg", with: "")
            #expect(try await tester.follow("\(base)/info.json").expect()["@id"] == .string(base))
            _ = try await tester.patch("/api/v1/task/\(task.task)/", ["state": "completed"], as: task.caller)
            #expect(try await tester.follow(crop).status == 403)
        }
    }

    @Test func uploadingNeedsThePermission() async throws {
        try await Tester.with(.enterprise) { tester in
            let person = try await tester.person("nobody@example.org")
            let caller = Tester.Caller.token(try await tester.token(of: person))
            #expect(try await tester.post("/api/v1/image/", ["path": "1"], as: caller).status == 403)
            try await tester.asOwner("UPDATE user_account SET can_upload_images = true WHERE id = $1", [person.parameter])
            #expect(try await tester.post("/api/v1/image/", ["path": "1"], as: caller).status == 201)
        }
    }
}

/// The cache is bounded, and keeps what was asked for last.
@Suite struct RenderingCacheTests {
    @Test func theOldestGo() async throws {
        try await Tester.with { tester in
            let url = try await tester.localImage("1", Samples.png(300, 200)).url
            for width in [10, 20, 30] { _ = try await tester.follow("\(url)/full/\(width),/0/default.jpg") }
            let root = tester.files.cache.appending("images")
            let before = tester.renderings
            #expect(before.count == 3)
            RenderingCache.evict(in: root, limit: 1 << 20)
            #expect(tester.renderings.count == 3)
            RenderingCache.evict(in: root, limit: 10)
            #expect(tester.renderings.isEmpty)
            // Made again.
            #expect(try await tester.follow("\(url)/full/10,/0/default.jpg").status == 200)
            #expect(tester.renderings.count == 1)
        }
    }

    @Test func theOperatorSaysHowMuchIsKept() async throws {
        try await Tester.with(cacheLimit: 0) { tester in
            let url = try await tester.localImage("1", Samples.png(300, 200)).url
            for width in [10, 20, 30] {
                #expect(try await tester.follow("\(url)/full/\(width),/0/default.jpg").status == 200)
                #expect(tester.renderings.isEmpty)
            }
        }
    }
}

extension Tester {
    /// An image that has been uploaded and checked.
    func localImage(_ path: String, _ bytes: [UInt8]) async throws -> (id: String, url: String) {
        let made = try await post("/api/v1/image/", ["path": .string(path)]).expect(201)
        let id = try #require(made["id"]?.string)
        let put = try await follow(.put, made["s3_put_url"]?.string, bytes)
        try #require(put.status == 200, "\(put)")
        let checked = try await patch("/api/v1/image/\(id)/", ["status": "checked"]).expect()
        return (id, try #require(checked["url"]?.string))
    }

    fileprivate func element(_ type: String, on image: String) async throws -> Answer {
        let corpus = try await post("/api/v1/corpus/", ["name": "Any"]).created()
        return try await post(
            "/api/v1/elements/create/", ["corpus": .string(corpus), "type": .string(type), "name": "1", "image": .string(image)])
    }
}
