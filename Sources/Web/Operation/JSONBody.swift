public import NIOCore
public import Postgres
public import Shapes

/// A request's body that is not decoded but handed to PostgreSQL as it came: for thousands of items, and where null and absent differ.
/// The type it is of gives its shape; ``checked`` checks that in the database.
public struct JSONBody<Content: Decodable>: Codable, Sendable {
    /// The body's bytes.
    public let bytes: ByteBuffer

    public init(from decoder: any Decoder) throws {
        bytes = decoder.userInfo[.body] as? ByteBuffer ?? ByteBuffer(string: "{}")
    }

    /// Only ever a statement's parameter.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(String(buffer: bytes))
    }

    private init() { bytes = ByteBuffer(string: "{}") }

    /// SQL for a FROM list: the body as `checked.body`, refused with all its faults when it breaks its shape. What comes from it cannot
    /// run before the check.
    /// - Throws: when the type cannot be recorded, which a test asserts for every operation.
    public static func checked() -> String {
        let shape = Self.shape
        return
            "check_body($body::jsonb, \(Self.literal(shape.json.text))::jsonb, \(Self.literal(shape.violation))::jsonpath) AS checked (body)"
    }

    private static func literal(_ text: String) -> String {
        "'" + text.replacing("'", with: "''") + "'"
    }
}

extension JSONBody: ParameterConvertible {
    public var parameter: Parameter { .bytes(bytes) }
}

extension JSONBody: Described {
    public static var shape: Shape { (try? Shape(recording: Content.self)) ?? .any }
    public static var sample: JSONBody { JSONBody() }
}

extension CodingUserInfoKey {
    /// Where the reader leaves the bytes of the body for a ``JSONBody``.
    static var body: CodingUserInfoKey { CodingUserInfoKey(rawValue: "body").unsafelyUnwrapped }
}
