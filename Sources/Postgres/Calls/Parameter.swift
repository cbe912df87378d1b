public import NIOCore

/// One parameter of a ``Call``, in PostgreSQL's text format, or NULL. PostgreSQL infers its type from the SQL.
///
/// PostgreSQL's text cannot hold a NUL character: a parameter with one is refused when the call is sent
/// (``PostgresFailure/Code/invalidParameter``), before a byte has left.
public struct Parameter: Sendable, Hashable {
    enum Content: Sendable, Hashable {
        case null
        case text(String)
        case bytes(ByteBuffer)
    }

    let content: Content

    public static let null = Parameter(content: .null)

    public static func text(_ text: String) -> Parameter {
        Parameter(content: .text(text))
    }

    /// The readable bytes of `buffer` as text, such as a JSON body. They are copied once, into the connection's output, and never become a `String`.
    public static func bytes(_ buffer: ByteBuffer) -> Parameter {
        Parameter(content: .bytes(buffer))
    }
}

/// A type with a text form of its own in PostgreSQL, used instead of its `Encodable` conformance when it is a statement's parameter.
public protocol ParameterConvertible {
    var parameter: Parameter { get }
}

extension Parameter: ParameterConvertible {
    public var parameter: Parameter { self }
}

extension Parameter {
    /// Runs `body` with the UTF-8 bytes, nil for NULL.
    func withBytes<R>(_ body: (UnsafeRawBufferPointer?) throws -> R) rethrows -> R {
        switch content {
        case .null: return try body(nil)
        case .bytes(let buffer): return try buffer.withUnsafeReadableBytes(body)
        case .text(var text): return try text.withUTF8 { try body(UnsafeRawBufferPointer($0)) }
        }
    }
}
