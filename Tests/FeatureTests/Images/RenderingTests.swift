import HTTPTypes
import Testing
import Web

@testable import Images

/// The words of an IIIF address, for an image of 1,000 by 2,000 pixels.
@Suite struct RenderingTests {
    private func rendering(_ region: String, _ size: String, _ rotation: String = "0", _ file: String = "default.jpg") throws -> Rendering {
        try Rendering(.init(region: region, size: size, rotation: rotation, file: file), width: 1000, height: 2000)
    }

    @Test(arguments: [
        ("full", "full", [0, 0, 1000, 2000, 1000, 2000]), ("full", "max", [0, 0, 1000, 2000, 1000, 2000]),
        ("square", "full", [0, 500, 1000, 1000, 1000, 1000]), ("10,20,300,400", "full", [10, 20, 300, 400, 300, 400]),
        // What lies outside is cut off.
        ("900,1900,300,400", "full", [900, 1900, 100, 100, 100, 100]), ("pct:10,20,50,25", "full", [100, 400, 500, 500, 500, 500]),
        ("pct:0.05,0,99.96,100", "full", [1, 0, 999, 2000, 999, 2000]), ("full", "500,", [0, 0, 1000, 2000, 500, 1000]),
        ("full", ",128", [0, 0, 1000, 2000, 64, 128]), ("full", "!100,100", [0, 0, 1000, 2000, 50, 100]),
        ("full", "!4000,2000", [0, 0, 1000, 2000, 1000, 2000]), ("full", "30,40", [0, 0, 1000, 2000, 30, 40]),
        ("full", "pct:50", [0, 0, 1000, 2000, 500, 1000]), ("0,0,10,2000", "1,", [0, 0, 10, 2000, 1, 200]),
        // A line as high as one pixel does not vanish, and workers ask for more than there is.
        ("0,0,1000,1", "100,", [0, 0, 1000, 1, 100, 1]), ("0,0,100,50", "1000,", [0, 0, 100, 50, 1000, 500]),
    ])
    func areWorkedOut(region: String, size: String, expected: [Int]) throws {
        let made = try rendering(region, size)
        #expect([made.region.left, made.region.top, made.region.width, made.region.height, made.width, made.height] == expected)
    }

    @Test(arguments: [
        ("", "full"), ("all", "full"), ("0,0,0,10", "full"), ("0,0,10,0", "full"), ("-1,0,10,10", "full"), ("1000,0,10,10", "full"),
        ("0,2000,10,10", "full"), ("0,0,10", "full"), ("0,0,10,10,10", "full"), ("0,0,1.5,10", "full"), ("pct:0,0,-5,10", "full"),
        ("pct:nan,0,5,10", "full"), ("pct:100,0,5,10", "full"), ("0,0,99999999999999999999,1", "full"), ("full", ""), ("full", "0,"),
        ("full", ",0"), ("full", "0,0"), ("full", "!0,0"), ("full", ","), ("full", "!100,"), ("full", "-5,"), ("full", "+5,"),
        ("full", "a,b"),
        ("full", "pct:0"), ("full", "pct:-5"), ("full", "65501,"), ("full", "9223372036854775807,"), ("full", "65000,65000"),
        ("0,0,100,2000", "4000,"), ("full", "1e3,"), ("full", "^max"),
    ])
    func whatMakesNoSenseIsRefused(region: String, size: String) {
        let problem = #expect(throws: Problem.self) { try rendering(region, size) }
        #expect(problem?.status.code == 400)
    }

    @Test(arguments: [("0", false, 0), ("90", false, 90), ("180.0", false, 180), ("!270", true, 270), ("360", false, 0)])
    func turns(rotation: String, mirrored: Bool, degrees: Int) throws {
        let made = try rendering("full", "full", rotation)
        #expect(made.mirrored == mirrored && made.degrees == degrees)
    }

    @Test(arguments: [
        ("45", "default.jpg", 501), ("0.5", "default.jpg", 501), ("-90", "default.jpg", 400), ("361", "default.jpg", 400),
        ("nan", "default.jpg", 400), ("", "default.jpg", 400), ("0", "default.tif", 501), ("0", "default.webp", 501),
        ("0", "default.exe", 400), ("0", "native.jpg", 400), ("0", "default", 400), ("0", "default.jpg.png", 400), ("0", "", 400),
    ])
    func whatIsNotDoneIsSaid(rotation: String, file: String, status: Int) {
        let problem = #expect(throws: Problem.self) { try rendering("full", "full", rotation, file) }
        #expect(problem?.status.code == status)
    }

    @Test func onlyTheWholeIsWhole() throws {
        #expect(try rendering("0,0,1000,2000", "1000,", "360", "color.jpg").isWhole(width: 1000, height: 2000))
        for (size, rotation, file) in [("999,", "0", "default.jpg"), ("full", "!0", "default.jpg"), ("full", "0", "gray.jpg")] {
            let part = try rendering("full", size, rotation, file)
            #expect(!part.isWhole(width: 1000, height: 2000))
        }
    }

    @Test func differentRenderingsHaveDifferentNames() throws {
        let names = try [
            rendering("full", "full"), rendering("full", "500,"), rendering("0,0,500,1000", "500,"), rendering("full", "500,", "90"),
            rendering("full", "500,", "!90"), rendering("full", "500,", "0", "gray.jpg"), rendering("full", "500,", "0", "gray.png"),
        ].map(\.name)
        #expect(Set(names).count == names.count && names.allSatisfy { !$0.contains("/") })
    }
}
