public import Shapes
public import Tenancy

/// How sure a machine is, from 0 to 1.
public struct Confidence: Leaf {
    public let value: Double
    public static let shape = Shape.number(0...1)
    public static let sample = Confidence(value: 1)
    public init(value: Double) { self.value = value }
}

/// Points on an image, in pixels from its top left corner: at least a triangle.
public struct Polygon: Leaf {
    public let value: [[Double]]
    public static let shape = Shape.array(.array(.number(0...1_000_000), minimum: 2, maximum: 2), minimum: 3, maximum: 2000)
    public static let sample = Polygon(value: [[0, 0], [0, 1], [1, 1]])
    public init(value: [[Double]]) { self.value = value }
}

/// Text that is not empty.
public struct NonEmptyText: Leaf {
    public let value: String
    public static let shape = Shape.string(.init(minimum: 1))
    public static let sample = NonEmptyText(value: "a")
    public init(value: String) { self.value = value }
}

/// A name of at most 250 characters, not blank.
public struct Name: Leaf {
    public let value: String
    public static let shape = Shape.name(upTo: 250)
    public static let sample = Name(value: "a")
    public init(value: String) { self.value = value.trimmed }
}

/// The short name of an element type, unique in its corpus; always in lower case.
public struct TypeSlug: Leaf {
    public let value: String
    public static let shape = Shape.string(.init(minimum: 1, maximum: 50, pattern: "[-a-zA-Z0-9_]+"))
    public static let sample = TypeSlug(value: "page")
    public init(value: String) { self.value = value.lowercased() }
}

/// Six hexadecimal digits.
public struct Color: Leaf {
    public let value: String
    public static let shape = Shape.string(.init(pattern: "[0-9a-fA-F]{6}"))
    public static let sample = Color(value: "000000")
    public init(value: String) { self.value = value.lowercased() }
}

/// The direction in which text runs.
public enum Orientation: String, Codable, Sendable, CaseIterable, Described {
    case horizontalLeftToRight = "horizontal-lr"
    case horizontalRightToLeft = "horizontal-rl"
    case verticalRightToLeft = "vertical-rl"
    case verticalLeftToRight = "vertical-lr"
    public static let sample = Orientation.horizontalLeftToRight
}

/// A filter by who made something: a worker run's UUID, False for what was made by hand, or True for what any run made.
public struct RunFilter: Leaf {
    public let value: String
    public static let shape = Shape.string(.init(pattern: "[Ff]alse|[Tt]rue|[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"))
    public static let sample = RunFilter(value: "false")
    public init(value: String) { self.value = value.lowercased() }

    /// Nil for what was made by hand, and for what any run made.
    public var run: ID<WorkerRun>? { ID(value) }
}

/// What people call the run that made a row.
public struct RunSummary: Decodable, Sendable {
    public var id: ID<WorkerRun>
    public var summary: String
}

/// An input that is only an id in the path.
public struct OnlyID<Entity>: Codable, Sendable {
    public var id: ID<Entity>
}
