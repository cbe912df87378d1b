import FoundationEssentials
import HTTPTypes
import Hummingbird
package import HummingbirdCore
package import NIOCore
package import Shapes

/// Reads an operation's input out of a request: the template's names, the query, and `body`. All faults are named at once.
package struct RequestReader<Input: Decodable>: Sendable {
    package let shape: Shape
    let undecodedBody: Bool
    /// Names that the operation does not know, and nulls, are faults.
    private let isStrict = Input.self is any TakesNothingElse.Type

    package init(_ shape: Shape, undecodedBody: Bool) {
        self.shape = shape
        self.undecodedBody = undecodedBody
    }

    /// - Throws: ``Problem`` 400.
    func read(_ exchange: Exchange) throws -> Input {
        try read(exchange.request, path: exchange.path, body: exchange.body)
    }

    /// - Parameter path: values of the template's names.
    /// - Throws: ``Problem`` 400.
    package func read(_ request: Request, path: [String: String], body: ByteBuffer) throws -> Input {
        var (members, faults) = query(request, besides: path)
        for (name, value) in path {
            if let text = value.percentDecoded {
                members[name] = shape[name]?.unwrapped.value(from: text) ?? .string(text)
            } else {
                faults.append(Fault(path: [.key(name)], code: "invalid", detail: "Must be UTF-8, percent-encoded where it has to be."))
            }
        }
        // A body that may be left out is, when there is none.
        if let wanted = shape.properties.first(where: { $0.name == "body" }), wanted.required || undecodedBody || body.readableBytes > 0 {
            members["body"] = try value(of: body)
        }
        if isStrict { faults += strangers(request, try body.readableBytes > 0 ? value(of: body) : nil) }
        faults += shape.faults(in: .object(members)).map { fault in
            var fault = fault
            if fault.path.first == .key("body") { fault.path.removeFirst() }
            return fault
        }
        guard faults.isEmpty else { throw Problem.invalid(faults) }
        return try decode(.object(members), body)
    }

    private func decode(_ value: JSONValue, _ body: ByteBuffer) throws -> Input {
        let decoder = JSONDecoder()
        decoder.userInfo[.body] = body
        do {
            return try decoder.decode(Input.self, from: JSONEncoder().encode(value))
        } catch let error as DecodingError {
            throw Problem.invalid([error.fault])
        }
    }

    private func strangers(_ request: Request, _ body: JSONValue?) -> [Fault] {
        let names = request.uri.parameters.map(\.name).filter { shape[$0] == nil || $0 == "body" }
        var faults = names.map { Fault(path: [.key($0)], code: "unknown", detail: "There is no such parameter; nothing was done.") }
        guard case .object(let members) = body else { return faults }
        for (name, value) in members.sorted(by: { $0.key < $1.key }) {
            if shape["body"]?[name] == nil {
                faults.append(Fault(path: [.key(name)], code: "unknown", detail: "There is no such field; nothing was done."))
            } else if value == .null {
                faults.append(
                    Fault(path: [.key(name)], code: "null", detail: "This field may not be null: leave it out, or say what is meant."))
            }
        }
        return faults
    }

    /// Only the parameters that the operation knows, each in its own type.
    private func query(_ request: Request, besides path: [String: String]) -> ([String: JSONValue], [Fault]) {
        var members: [String: JSONValue] = [:]
        var faults: [Fault] = []
        for (name, values) in Dictionary(grouping: request.uri.parameters, by: \.name) {
            guard name != "body", path[name] == nil, let wanted = shape[name]?.unwrapped else { continue }
            let texts = values.map(\.value)
            if case .array(let item, _, _) = wanted {
                members[name] = .array(texts.map { item.unwrapped.value(from: $0) })
            } else if texts.count == 1 {
                members[name] = wanted.value(from: texts[0])
            } else {
                faults.append(Fault(path: [.key(name)], code: "repeated", detail: "This parameter may be given only once."))
            }
        }
        return (members, faults)
    }

    private func value(of body: ByteBuffer) throws -> JSONValue {
        if undecodedBody { return try undecoded(body) }
        do {
            return try body.withUnsafeReadableBytes { try JSONValue(parsing: $0) }
        } catch {
            throw Problem(.badRequest, "parse_error", "The body must be one JSON value, at most 512 levels deep.")
        }
    }

    /// PostgreSQL will parse it; here it stands for whatever its shape allows.
    private func undecoded(_ body: ByteBuffer) throws -> JSONValue {
        guard body.readableBytes > 0 else { throw Problem(.badRequest, "parse_error", "The body must be one JSON value.") }
        return .object([:])
    }
}

extension Shape {
    /// The value that a query parameter's text means; text that does not fit stays text and fails the check.
    func value(from text: String) -> JSONValue {
        switch self {
        case .boolean:
            switch text.lowercased() {
            case "true", "1": .boolean(true)
            case "false", "0": .boolean(false)
            default: .string(text)
            }
        case .integer: Int(text).map(JSONValue.integer) ?? .string(text)
        case .number: Double(text).map(JSONValue.number) ?? .string(text)
        default: .string(text)
        }
    }
}

extension DecodingError {
    /// What a type's own initializer had against a value of the right shape.
    var fault: Fault {
        switch self {
        case .dataCorrupted(let context), .typeMismatch(_, let context), .valueNotFound(_, let context), .keyNotFound(_, let context):
            Fault(path: context.codingPath.steps, code: "invalid", detail: context.debugDescription)
        @unknown default:
            Fault(path: [], code: "invalid", detail: "Invalid.")
        }
    }
}

extension [any CodingKey] {
    fileprivate var steps: [Fault.Step] {
        drop { $0.stringValue == "body" }.map { $0.intValue.map(Fault.Step.index) ?? .key($0.stringValue) }
    }
}
