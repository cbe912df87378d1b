import Glibc
import Shapes

/// An element's image, cut to what it covers and a little around, turned as the element is; with its own outline and its children's on it.
///
/// Everything is placed in the whole image as it is when it is turned. Zones keep the coordinates that they have, and are turned along.
struct Picture {
    let json: JSONValue
    /// In pixels: enough for a column of a wide screen.
    private static let greatestWidth = 1200
    private static let mostZones = 500
    /// What is shown around an element that is a part of its image, in pixels, at least.
    private static let surroundings = 60

    /// What the list below names, and more of it than one page of the list has.
    static func zones(on element: JSONValue, among children: JSONValue, _ filter: ElementFilter, _ visit: Visit) async throws -> JSONValue {
        guard element["zone"]?["image"] != nil, (children["count"]?.int ?? 0) > (children["results"]?.items.count ?? 0) else {
            return children
        }
        let input = filter.input.adding(["id": visit.id, "recursive": .boolean(filter.isDeep), "page": 1, "page_size": .integer(mostZones)])
        return try await visit.ask("ListElementChildren", input)
    }

    init?(of element: JSONValue, with children: JSONValue) {
        guard let zone = element["zone"], let image = zone["image"], let url = image["url"]?.string, let own = Box(zone["polygon"]) else {
            return nil
        }
        let whole = Box(left: 0, top: 0, width: image["width"]?.int ?? own.width, height: image["height"]?.int ?? own.height)
        let box = own == whole ? whole : own.wider(by: max(Self.surroundings, min(own.width, own.height) / 4), within: whole)
        let turn = Turn(degrees: element["rotation_angle"]?.int ?? 0, isMirrored: element["mirrored"]?.isTrue == true, of: whole)
        let shown = turn.bounds(of: box)
        let address = "\(url)/\(box.left),\(box.top),\(box.width),\(box.height)"
        json = [
            "image": .string(url), "image_width": .integer(turn.width), "image_height": .integer(turn.height),
            "source": .string("\(address)/\(min(box.width, Self.greatestWidth)),/\(turn.word)/default.jpg"),
            "whole": zone["url"]?.string.map { .string($0.replacing("/0/default.jpg", with: "/\(turn.word)/default.jpg")) } ?? .null,
            "width": .integer(shown.width), "height": .integer(shown.height), "turn": .string(turn.word), "matrix": .string(turn.matrix),
            "view": .string("\(shown.left) \(shown.top) \(shown.width) \(shown.height)"),
            "own": own == whole ? .null : .string(Self.points(zone["polygon"])),
            "outlines": .array((children["results"]?.items ?? []).compactMap { Self.outline($0, on: image) }),
        ]
    }

    private static func outline(_ child: JSONValue, on image: JSONValue) -> JSONValue? {
        guard let polygon = child["zone"]?["polygon"], child["zone"]?["image"]?["id"] == image["id"] else { return nil }
        return [
            "points": .string(points(polygon)), "id": child["id"] ?? .null, "name": child["name"] ?? .null, "type": child["type"] ?? .null,
        ]
    }

    private static func points(_ polygon: JSONValue?) -> String {
        (polygon?.items ?? []).map { "\($0.items.first?.int ?? 0),\($0.items.last?.int ?? 0)" }.joined(separator: " ")
    }
}

/// A rectangle on an image.
struct Box: Equatable {
    var left: Int, top: Int, width: Int, height: Int

    init(left: Int, top: Int, width: Int, height: Int) {
        (self.left, self.top, self.width, self.height) = (left, top, width, height)
    }

    /// The one around a polygon.
    init?(_ polygon: JSONValue?) {
        let points = (polygon?.items ?? []).map { ($0.items.first?.int ?? 0, $0.items.last?.int ?? 0) }
        guard let left = points.map(\.0).min(), let right = points.map(\.0).max(), let top = points.map(\.1).min(),
            let bottom = points.map(\.1).max()
        else { return nil }
        self.init(left: left, top: top, width: max(right - left, 1), height: max(bottom - top, 1))
    }

    func wider(by margin: Int, within whole: Box) -> Box {
        let (left, top) = (max(left - margin, 0), max(top - margin, 0))
        let (right, bottom) = (min(self.left + width + margin, whole.width), min(self.top + height + margin, whole.height))
        return Box(left: left, top: top, width: max(right - left, 1), height: max(bottom - top, 1))
    }
}

/// How a whole image is turned: mirrored first, then clockwise, as IIIF does it. What it takes up then begins at 0, 0.
struct Turn {
    /// As in an address of IIIF.
    let word: String
    let width: Int
    let height: Int
    private let a: Double, b: Double, c: Double, d: Double, e: Double, f: Double

    init(degrees: Int, isMirrored: Bool, of whole: Box) {
        word = (isMirrored ? "!" : "") + "\(degrees)"
        // Quarters of a turn are exact.
        let quarters: [Int: (Double, Double)] = [0: (1, 0), 90: (0, 1), 180: (-1, 0), 270: (0, -1)]
        let angle = Double(degrees) * .pi / 180
        let (cosine, sine) = quarters[degrees % 360] ?? (cos(angle), sin(angle))
        let (w, h) = (Double(whole.width), Double(whole.height))
        let turned = (width: w * abs(cosine) + h * abs(sine), height: w * abs(sine) + h * abs(cosine))
        (width, height) = (Int(turned.width.rounded()), Int(turned.height.rounded()))
        let side: Double = isMirrored ? -1 : 1
        (a, b, c, d) = (side * cosine, side * sine, -sine, cosine)
        (e, f) = (turned.width / 2 - (a * w + c * h) / 2, turned.height / 2 - (b * w + d * h) / 2)
    }

    /// For SVG.
    var matrix: String { "matrix(\([a, b, c, d, e, f].map { "\(($0 * 1e6).rounded() / 1e6)" }.joined(separator: " ")))" }

    /// What a rectangle takes up when it is turned.
    func bounds(of box: Box) -> Box {
        let corners = [(0, 0), (box.width, 0), (0, box.height), (box.width, box.height)].map { x, y in
            let (x, y) = (Double(box.left + x), Double(box.top + y))
            return (a * x + c * y + e, b * x + d * y + f)
        }
        let (left, top) = (corners.map(\.0).min() ?? 0, corners.map(\.1).min() ?? 0)
        let (right, bottom) = (corners.map(\.0).max() ?? 0, corners.map(\.1).max() ?? 0)
        return Box(
            left: Int(left.rounded()), top: Int(top.rounded()), width: max(Int((right - left).rounded()), 1),
            height: max(Int((bottom - top).rounded()), 1))
    }
}
