/// What a value looks like on the wire: one declaration that the request check, the OpenAPI document, the check of
/// bulk bodies inside PostgreSQL and the tests all read.
public indirect enum Shape: Sendable, Equatable {
    /// Anything at all, including an object with free keys.
    case any
    case boolean
    case integer(ClosedRange<Int>?)
    case number(ClosedRange<Double>?)
    case string(Text)
    case array(Shape, minimum: Int = 0, maximum: Int? = nil)
    case object([Property])
    /// An object whose keys are data.
    case dictionary(Shape)
    case nullable(Shape)

    /// The rules for a string.
    public struct Text: Sendable, Equatable {
        /// OpenAPI's `format`: `uuid`, `date-time`, `uri`, `email`.
        public var format: String?
        /// The only values allowed, if there is such a list.
        public var choices: [String]?
        /// In characters.
        public var minimum: Int
        public var maximum: Int?
        /// A regular expression that both Swift and PostgreSQL understand.
        public var pattern: String?
        /// Whether it may be white space alone.
        public var mayBeBlank: Bool

        public init(
            format: String? = nil, choices: [String]? = nil, minimum: Int = 0, maximum: Int? = nil, pattern: String? = nil,
            mayBeBlank: Bool = true
        ) {
            self.format = format
            self.choices = choices
            self.minimum = minimum
            self.maximum = maximum
            self.pattern = pattern
            self.mayBeBlank = mayBeBlank
        }
    }

    /// One key of an object.
    public struct Property: Sendable, Equatable {
        public var name: String
        public var shape: Shape
        /// False where the key may be left out.
        public var required: Bool

        public init(_ name: String, _ shape: Shape, required: Bool) {
            self.name = name
            self.shape = shape
            self.required = required
        }
    }

    public static let text = Shape.string(Text())
    /// What people call something: more than white space.
    public static func name(upTo maximum: Int) -> Shape { .string(Text(minimum: 1, maximum: maximum, mayBeBlank: false)) }
    public static let uuid = Shape.string(Text(format: "uuid"))
    public static let dateTime = Shape.string(Text(format: "date-time"))

    /// The keys, if this is an object.
    public var properties: [Property] {
        switch self {
        case .object(let properties): properties
        case .nullable(let shape): shape.properties
        default: []
        }
    }

    /// The shape of one key.
    public subscript(name: String) -> Shape? {
        properties.first { $0.name == name }?.shape
    }

    /// The same without a permitted null.
    public var unwrapped: Shape {
        if case .nullable(let shape) = self { shape } else { self }
    }

    public var isNullable: Bool {
        if case .nullable = self { true } else { self == .any }
    }
}

/// A type that says its own shape, because recording its `init(from:)` cannot: it validates, or has payloads.
public protocol Described {
    static var shape: Shape { get }
    /// A valid value, handed out while an enclosing type is being recorded.
    static var sample: Self { get }
}

extension Described where Self: CaseIterable & RawRepresentable, RawValue == String {
    public static var shape: Shape { .string(.init(choices: allCases.map(\.rawValue))) }
}
