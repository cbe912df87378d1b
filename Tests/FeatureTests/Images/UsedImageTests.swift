import HTTPTypes
import Shapes
import Testing

@testable import Server

/// Elements rely on what their image looks like.
@Suite struct UsedImageTests {
    /// Hidden ones too: they may come back.
    @Test(arguments: [false, true]) func underElementsTheFileStays(hidden: Bool) async throws {
        try await Tester.with { tester in
            let corpus = try await tester.post("/api/v1/corpus/", ["name": "Any"]).created()
            let made = try await tester.post("/api/v1/image/", ["path": "1"]).expect(201)
            let path = "/api/v1/image/\(try #require(made["id"]?.string))/"
            #expect(try await tester.follow(.put, made["s3_put_url"]?.string, Samples.png(30, 20)).status == 200)
            // Not checked yet, but its size is known.
            let page = try await tester.element(corpus, "page", "1", ["image": made["id"] ?? .null])
            if hidden { #expect(try await tester.delete("/api/v1/element/\(page)/").status < 300) }
            let second = try await tester.follow(.put, made["s3_put_url"]?.string, Samples.png(300, 200))
            #expect(second.status == 409 && second.codes == ["image_in_use"], "\(second)")
            #expect(try await tester.patch(path, ["status": "checked"]).expect()["width"] == 30)
            for status in ["error", "unchecked"] {
                let refused = try await tester.patch(path, ["status": .string(status)])
                #expect(refused.status == 409 && refused.codes == ["image_in_use"], "\(refused)")
            }
            #expect(try await tester.get(path).expect()["s3_put_url"] == .null)
        }
    }

    @Test func aBadFileLeavesTheGoodOneBefore() async throws {
        try await Tester.with { tester in
            let made = try await tester.post("/api/v1/image/", ["path": "1"]).expect(201)
            let path = "/api/v1/image/\(try #require(made["id"]?.string))/"
            #expect(try await tester.follow(.put, made["s3_put_url"]?.string, Samples.png(30, 20)).status == 200)
            let junk = try await tester.follow(.put, made["s3_put_url"]?.string, Array("Not an image".utf8))
            #expect(junk.status == 400 && junk.codes == ["not_an_image"], "\(junk)")
            let image = try await tester.patch(path, ["status": "checked"]).expect()
            #expect(image["status"] == "checked" && image["width"] == 30 && image["problem"] == .null, "\(image)")
            let shown = try await tester.follow(image["url"]?.string.map { "\($0)/full/full/0/default.png" })
            #expect(shown.status == 200)
            #expect(try await tester.value("SELECT count(*) FROM stored_file WHERE released IS NULL") == "1")
        }
    }

    /// At the edge of the image there is no pixel to begin with.
    @Test func theZoneOfALineAtTheEdgeIsShown() async throws {
        try await Tester.with { tester in
            let corpus = try await tester.post("/api/v1/corpus/", ["name": "Any"]).created()
            let image = try await tester.localImage("1", Samples.png(40, 30)).id
            for points in [[[40, 0], [40, 10], [40, 20]], [[0, 30], [10, 30], [20, 30]], [[40, 30], [39, 30], [40, 29]]] {
                let polygon = JSONValue.array(points.map { .array($0.map(JSONValue.integer)) })
                let line = try await tester.element(corpus, "text_line", "1", ["image": .string(image), "polygon": polygon])
                let zone = try await tester.get("/api/v1/element/\(line)/").expect()["zone"]
                #expect(try await tester.follow(zone?["url"]?.string).status == 200, "\(String(describing: zone))")
            }
        }
    }
}
