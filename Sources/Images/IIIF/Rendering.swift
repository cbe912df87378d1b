import HTTPTypes
import Web

/// What the IIIF Image API 2.1 asks of an image, worked out for its size.
/// <https://iiif.io/api/image/2.1/>, chapter 4.
struct Rendering: Sendable, Equatable {
    struct Region: Sendable, Equatable {
        var left: Int
        var top: Int
        var width: Int
        var height: Int
    }
    enum Quality: String, Sendable { case color, gray, bitonal }
    enum Format: String, Sendable { case jpg, png }

    let region: Region
    /// Of the region before it is turned.
    let width: Int
    let height: Int
    let mirrored: Bool
    let degrees: Int
    let quality: Quality
    let format: Format

    /// The four segments of the path.
    struct Words: Sendable {
        var region: String
        var size: String
        var rotation: String
        var file: String
    }

    /// More pixels are only given where the region has as many.
    static let mostPixels = 100_000_000

    /// - Throws: 400 for what makes no sense, 501 for what the API knows and we do not.
    init(_ words: Words, width fullWidth: Int, height fullHeight: Int) throws {
        region = try Self.region(words.region, fullWidth, fullHeight)
        (width, height) = try Self.size(words.size, of: region)
        (mirrored, degrees) = try Self.rotation(words.rotation)
        (quality, format) = try Self.file(words.file)
    }

    /// Whether it is the whole image as it is.
    func isWhole(width fullWidth: Int, height fullHeight: Int) -> Bool {
        region == Region(left: 0, top: 0, width: fullWidth, height: fullHeight) && width == fullWidth && height == fullHeight && !mirrored
            && degrees == 0 && quality == .color
    }

    /// What a cache calls it: different renderings have different names.
    var name: String {
        "\(region.left),\(region.top),\(region.width),\(region.height)-\(width),\(height)-\(mirrored ? "m" : "")\(degrees)-\(quality).\(format)"
    }
}

extension Rendering {
    private static func region(_ word: String, _ width: Int, _ height: Int) throws -> Region {
        if word == "full" { return Region(left: 0, top: 0, width: width, height: height) }
        if word == "square" {
            let side = min(width, height)
            return Region(left: (width - side) / 2, top: (height - side) / 2, width: side, height: side)
        }
        let percent = word.hasPrefix("pct:")
        let numbers = (percent ? word.dropFirst(4) : word[...]).split(separator: ",", omittingEmptySubsequences: false)
            .map { percent ? Decimal(percentage: $0) : Int($0).map(Decimal.init(whole:)) }
        guard numbers.count == 4, let left = numbers[0], let top = numbers[1], let wide = numbers[2], let high = numbers[3] else {
            throw malformed("region", "full, square, x,y,w,h or pct:x,y,w,h")
        }
        let box = Region(left: left.of(width), top: top.of(height), width: wide.of(width), height: high.of(height))
        guard box.left >= 0, box.top >= 0, box.width > 0, box.height > 0, box.left < width, box.top < height else {
            throw malformed("region", "a part of the image, which has \(width) by \(height) pixels")
        }
        return Region(left: box.left, top: box.top, width: min(box.width, width - box.left), height: min(box.height, height - box.top))
    }

    private static func size(_ word: String, of region: Region) throws -> (Int, Int) {
        if word == "full" || word == "max" { return (region.width, region.height) }
        let form = "full, max, w,  ,h  w,h  !w,h or pct:n"
        if word.hasPrefix("pct:") {
            guard let scale = Decimal(percentage: word.dropFirst(4)) else { throw malformed("size", form) }
            return try bounded(scale.of(region.width), scale.of(region.height), region)
        }
        let within = word.hasPrefix("!")
        let sides = (within ? word.dropFirst() : word[...]).split(separator: ",", omittingEmptySubsequences: false)
        guard sides.count == 2, sides.allSatisfy({ $0.isEmpty || Int($0) != nil && !$0.hasPrefix("+") }) else {
            throw malformed("size", form)
        }
        let (ratioWide, ratioHigh) = (Double(region.width), Double(region.height))
        switch (Int(sides[0]), Int(sides[1])) {
        case (let wide?, nil) where !within: return try bounded(wide, (Double(wide) * ratioHigh / ratioWide).rounded, region)
        case (nil, let high?) where !within: return try bounded((Double(high) * ratioWide / ratioHigh).rounded, high, region)
        case (let wide?, let high?) where within:
            let scale = min(Double(wide) / ratioWide, Double(high) / ratioHigh)
            return try bounded((ratioWide * scale).rounded, (ratioHigh * scale).rounded, region)
        case (let wide?, let high?): return try bounded(wide, high, region)
        default: throw malformed("size", form)
        }
    }

    /// A side that would vanish has one pixel; a side that is asked to is a mistake.
    private static func bounded(_ width: Int, _ height: Int, _ region: Region) throws -> (Int, Int) {
        guard width >= 0, height >= 0, width > 0 || height > 0 else { throw malformed("size", "at least one pixel wide and high") }
        let (wide, high) = (max(width, 1), max(height, 1))
        let most = max(region.width * region.height, mostPixels)
        guard wide <= Picture.longestSide, high <= Picture.longestSide, wide * high <= most else {
            throw malformed("size", "at most \(Picture.longestSide) pixels a side and \(most) in all")
        }
        return (wide, high)
    }

    private static func rotation(_ word: String) throws -> (Bool, Int) {
        let mirrored = word.hasPrefix("!")
        guard let degrees = Double(mirrored ? word.dropFirst() : word[...]), (0...360).contains(degrees) else {
            throw malformed("rotation", "0 to 360, after ! for a mirror image")
        }
        guard let whole = Int(exactly: degrees), whole % 90 == 0 else {
            throw Problem(.notImplemented, "not_implemented", "Images are turned by 0, 90, 180 and 270 degrees only.")
        }
        return (mirrored, whole % 360)
    }

    private static func file(_ word: String) throws -> (Quality, Format) {
        let parts = word.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2, ["default", "color", "gray", "bitonal"].contains(parts[0]) else {
            throw malformed("quality", "default, color, gray or bitonal, a point and jpg or png")
        }
        guard let format = Format(rawValue: parts[1]) else {
            guard ["tif", "gif", "jp2", "pdf", "webp"].contains(parts[1]) else { throw malformed("format", "jpg or png") }
            throw Problem(.notImplemented, "not_implemented", "Images are given as jpg and png only.")
        }
        return (Quality(rawValue: parts[0]) ?? .color, format)
    }

    private static func malformed(_ name: String, _ right: String) -> Problem {
        .invalid(name, "Must be \(right).")
    }
}

/// A number of pixels, or a share of a side.
private struct Decimal {
    let value: Double
    let isPercentage: Bool

    init(whole: Int) {
        value = Double(whole)
        isPercentage = false
    }

    init?(percentage: Substring) {
        guard percentage.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) || $0 == UInt8(ascii: ".") }),
            let value = Double(percentage), value.isFinite
        else { return nil }
        self.value = value
        isPercentage = true
    }

    func of(_ side: Int) -> Int { isPercentage ? (Double(side) * value / 100).rounded : value.rounded }
}

extension Double {
    /// To the nearest pixel; what no image has is as large as it can be.
    fileprivate var rounded: Int { Int(exactly: self.rounded(.toNearestOrAwayFromZero)) ?? (self < 0 ? Int.min / 4 : 1 << 31) }
}
