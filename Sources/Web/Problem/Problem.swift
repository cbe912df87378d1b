public import HTTPTypes
public import Shapes

/// A refusal as clients read it. They know the structured form only when it matches exactly: a type that follows from the status,
/// and errors whose `attr` is null or a list of keys and indexes.
public struct Problem: Error, Sendable {
    /// One thing that is wrong.
    public struct Item: Sendable, Encodable {
        public var attr: [Fault.Step]?
        public var code: String
        public var detail: String
    }

    public var status: HTTPResponse.Status
    public var items: [Item]
    /// Further keys at the top of the body: `existing_id`, `archived`, the bare lists that older clients read.
    public var extra: [String: JSONValue]
    /// When it makes sense to come again, in seconds.
    public var retryAfter: Int?

    public init(
        _ status: HTTPResponse.Status, _ code: String, _ detail: String, at attr: [Fault.Step]? = nil, extra: [String: JSONValue] = [:],
        retryAfter: Int? = nil
    ) {
        self.init(status, items: [Item(attr: attr, code: code, detail: detail)], extra: extra)
        self.retryAfter = retryAfter
    }

    public init(_ status: HTTPResponse.Status, items: [Item], extra: [String: JSONValue] = [:]) {
        self.status = status
        self.items = items
        self.extra = extra
    }

    /// 400 with every fault of a request.
    public static func invalid(_ faults: [Fault]) -> Problem {
        Problem(.badRequest, items: faults.map { Item(attr: $0.path.isEmpty ? nil : $0.path, code: $0.code, detail: $0.detail) })
    }

    /// 400 for one field.
    public static func invalid(_ field: String, code: String = "invalid", _ detail: String) -> Problem {
        .invalid([Fault(path: [.key(field)], code: code, detail: detail)])
    }

    /// 404.
    public static let notFound = Problem(.notFound, "not_found", "Not found.")
}

extension Problem {
    /// `validation_error` for 400, `client_error` for the other refusals, `server_error` from 500 on.
    var type: String {
        switch status.code {
        case 400: "validation_error"
        case 500...: "server_error"
        default: "client_error"
        }
    }

    /// The body. Beside the structured form it has `detail`, which clients from before it print.
    var body: JSONValue {
        var members = extra
        members["type"] = .string(type)
        members["errors"] = .array(items.map(\.json))
        if status != .badRequest, members["detail"] == nil { members["detail"] = .string(items.map(\.detail).joined(separator: " ")) }
        return .object(members)
    }
}

extension Problem.Item {
    var json: JSONValue {
        ["attr": attr.map { .array($0.map(\.json)) } ?? .null, "code": .string(code), "detail": .string(detail)]
    }
}

extension Fault.Step: Encodable {
    public func encode(to encoder: any Encoder) throws {
        try json.encode(to: encoder)
    }

    var json: JSONValue {
        switch self {
        case .key(let key): .string(key)
        case .index(let index): .integer(index)
        }
    }
}

extension Fault.Step: ExpressibleByStringLiteral {
    public init(stringLiteral value: String) { self = .key(value) }
}
