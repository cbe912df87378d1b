import FoundationEssentials
public import HTTPTypes
public import NIOCore
public import Postgres

/// What an operation answers: JSON that is already written, and of what type it is.
public struct Reply<Output>: Sendable {
    public var status: HTTPResponse.Status
    public var body: ByteBuffer
    public var headers: HTTPFields
    /// Goes on after the head, in place of a body that is written already.
    var events: (@Sendable (inout EventSink) async throws -> Void)?

    public init(_ status: HTTPResponse.Status = .ok, body: ByteBuffer = ByteBuffer(), headers: HTTPFields = [:]) {
        self.status = status
        self.body = body
        self.headers = headers
    }

    /// Encodes a small value. Lists come from the database's bytes instead.
    public static func json(_ value: Output, status: HTTPResponse.Status = .ok, headers: HTTPFields = [:]) throws -> Reply
    where Output: Encodable {
        Reply(status, body: ByteBuffer(bytes: try JSONEncoder().encode(value)), headers: headers)
    }

    /// The first row as an object.
    /// - Throws: 404 when there is none.
    public static func row(_ rows: Rows, status: HTTPResponse.Status = .ok) throws -> Reply {
        guard rows.count > 0 else { throw Problem.notFound }
        var body = ByteBuffer()
        rows.writeObject(0, into: &body)
        return Reply(status, body: body)
    }

    /// All rows as a plain list.
    public static func list(_ rows: Rows, status: HTTPResponse.Status = .ok) -> Reply {
        var body = ByteBuffer()
        rows.writeArray(into: &body)
        return Reply(status, body: body)
    }
}

/// No body: 204.
public struct Nothing: Codable, Sendable {
    public init() {}
}

extension Reply<Nothing> {
    public static var nothing: Reply { Reply(.noContent) }
}
