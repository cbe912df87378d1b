/// A single value with rules of its own, written on the wire as that value: a name, a confidence, a polygon.
public protocol Leaf: Codable, Sendable, Described {
    associatedtype Value: Codable & Sendable
    var value: Value { get }
    /// The value is of the right shape already.
    init(value: Value)
}

extension Leaf {
    public init(from decoder: any Decoder) throws {
        self.init(value: try decoder.singleValueContainer().decode(Value.self))
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(value)
    }
}
