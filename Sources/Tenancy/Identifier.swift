public import Postgres
public import Shapes

/// The UUID of a thing of one kind. Phantom-typed, so that a worker's id cannot be passed where a corpus' is meant.
public struct ID<Entity>: Sendable, Hashable {
    /// The canonical text in lower case, as PostgreSQL prints it.
    public let text: String

    /// - Returns: nil when `text` is not a UUID in its canonical form of 36 characters.
    public init?(_ text: some StringProtocol) {
        guard text.isUUID else { return nil }
        self.text = text.lowercased()
    }

    /// - Returns: nil when `digits` is not a UUID's 32 digits without hyphens.
    init?(digits: Substring) {
        guard digits.utf8.count == 32 else { return nil }
        self.init([(0, 8), (8, 4), (12, 4), (16, 4), (20, 12)].map { digits.dropFirst($0.0).prefix($0.1) }.joined(separator: "-"))
    }

    /// A new UUIDv7 (RFC 9562): milliseconds first, so that new rows go to the end of every index, then 74 random bits.
    public init(at milliseconds: UInt64 = WallClock.milliseconds()) {
        let high = milliseconds << 16 | 0x7000 | UInt64.random(in: 0..<0x1000)
        let low = UInt64.random(in: 0..<(1 << 62)) | 1 << 63
        let digits = high.hexadecimal + low.hexadecimal
        text = [0..<8, 8..<12, 12..<16, 16..<20, 20..<32]
            .map { String(digits.dropFirst($0.lowerBound).prefix($0.count)) }
            .joined(separator: "-")
    }

    private init(trusted text: String) { self.text = text }

    /// All zeros: nobody's id.
    public static var nobody: Self { Self(trusted: "00000000-0000-0000-0000-000000000000") }
}

extension ID: CustomStringConvertible {
    public var description: String { text }
}

extension ID: ParameterConvertible {
    public var parameter: Parameter { .text(text) }
}

extension ID: Described {
    public static var shape: Shape { .uuid }
    public static var sample: Self { .nobody }
}

extension ID: Codable {
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let id = Self(try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "Must be a UUID.")
        }
        self = id
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }
}

extension UInt64 {
    fileprivate var hexadecimal: String {
        let digits = String(self, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
