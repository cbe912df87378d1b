import Shapes
import Testing

/// Polygons that are none, and such as are the same.
@Suite struct PolygonTests {
    @Test func lessThanThreePointsAreNoPolygon() async throws {
        try await Tester.with { tester in
            let scenario = try await Scenario(tester, pages: 1)
            let polygons: [JSONValue] = [
                [[0, 0], [0, 0], [0, 0]], .rectangle(0, 0, 9, 9), [[0, 0], [5, 0], [0, 0], [5, 0]], [[0, 0], [0, 0], [5, 0], [5, 5]],
            ]
            let items = polygons.map { ["name": "1", "type": "text_line", "polygon": $0] as JSONValue }
            let path = "/api/v1/element/\(scenario.pages[0])/"
            let refused = try await tester.post("\(path)children/bulk/", ["elements": .array(items)])
            #expect(refused.status == 400 && refused.places == ["elements.0.polygon", "elements.2.polygon"], "\(refused)")
            let changed = try await tester.patch(path, ["polygon": polygons[2]])
            #expect(changed.status == 400 && changed.places == ["polygon"], "\(changed)")
        }
    }

    @Test func aPolygonIsTheSameWhereverItBegins() async throws {
        try await Tester.with { tester in
            let scenario = try await Scenario(tester, pages: 1)
            let polygons: [JSONValue] = [
                [[10, 10], [50, 10], [50, 30], [10, 30]], [[10, 10], [50, 10], [50, 30], [10, 30], [10, 10]],
                [[50, 30], [10, 30], [10, 10], [50, 10]], [[10, 30], [50, 30], [50, 10], [10, 10]],
                [[10, 10], [50, 30], [50, 10], [10, 30]],
            ]
            func write(_ chosen: [JSONValue]) async throws -> [JSONValue] {
                let items = chosen.map { ["polygon": $0, "text": "a"] as JSONValue }
                let body: JSONValue = ["element_type": "text_line", "transcriptions": .array(items), "return_elements": true]
                return try await tester.post("/api/v1/element/\(scenario.pages[0])/transcriptions/bulk/", body).expect(201).list
            }
            let made = try await write(polygons)
            #expect(made.map { $0["created"] } == [true, false, false, false, true])
            #expect(Set(made.compactMap { $0["element_id"]?.string }).count == 2)
            let again = try await write(polygons.reversed())
            #expect(again.map { $0["created"] } == [false, false, false, false, false])
            #expect(again.map { $0["element_id"] } == made.reversed().map { $0["element_id"] })
        }
    }
}
