import HTTPTypes
public import Shapes

extension API {
    /// The OpenAPI 3 document that existing clients load before their first call. They look operations up by `operationId` and check the
    /// names of parameters against it, so whatever a client may send has to be here. They also take from it what there is: without
    /// RetrieveSecret, workers use the values of secret fields as they are.
    /// - Parameter enterprise: with the operations that the Community edition does not have, each marked `x-edition: enterprise`.
    public func openAPI(enterprise: Bool) -> JSONValue {
        var paths: [String: JSONValue] = [:]
        for operation in operations where enterprise || !operation.decision.isEnterpriseOnly {
            var item: [String: JSONValue] = if case .object(let members) = paths[operation.path.description] { members } else { [:] }
            item[operation.method.rawValue.lowercased()] = operation.openAPI
            paths[operation.path.description] = .object(item)
        }
        return [
            // The version is that of the API which clients know, not of this program.
            "openapi": "3.0.3",
            "info": [
                "title": "Palimpsest", "version": "1.12.0", "description": "Which machine wrote every line of a document collection.",
            ],
            "servers": [["url": "/", "x-csrf-cookie": .string(Credentials.csrfCookie)]],
            "paths": .object(paths),
            "components": ["securitySchemes": ["token": ["type": "apiKey", "in": "header", "name": "Authorization"]]],
        ]
    }
}

extension Operation {
    var openAPI: JSONValue {
        var members: [String: JSONValue] = [
            "operationId": .string(id), "summary": .string(summary), "parameters": .array(parameters), "responses": responses,
        ]
        if let body = input["body"] {
            // The schema stands inline: by reference, clients would name the argument after the component instead of `body`.
            members["requestBody"] = ["required": true, "content": ["application/json": ["schema": body.openAPI]]]
        }
        if decision.isEnterpriseOnly { members["x-edition"] = "enterprise" }
        if let listing { members["x-paginated"] = .boolean(listing != .plain) }
        return .object(members)
    }

    private var parameters: [JSONValue] {
        input.properties.filter { $0.name != "body" }.map { property in
            let inPath = path.names.contains(property.name)
            return [
                "name": .string(property.name), "in": inPath ? "path" : "query", "required": .boolean(inPath || property.required),
                "schema": property.shape.unwrapped.openAPI,
            ]
        }
    }

    private var responses: JSONValue {
        var success: [String: JSONValue] = ["description": .string(summary)]
        if let output { success["content"] = [isStream ? "text/event-stream" : "application/json": ["schema": output.openAPI]] }
        return [String(status.code): .object(success), "default": ["description": "Refused; `errors` says why."]]
    }
}

extension Shape {
    /// As an OpenAPI 3.0 schema. Never empty, since clients take an empty one for no body at all.
    var openAPI: JSONValue {
        switch self {
        case .any: ["description": "Any JSON value.", "nullable": true]
        case .boolean: ["type": "boolean"]
        case .integer(let range):
            JSONValue.object(["type": "integer"]).adding(
                range.map { ["minimum": .integer($0.lowerBound), "maximum": .integer($0.upperBound)] })
        case .number(let range):
            JSONValue.object(["type": "number"]).adding(
                range.map { ["minimum": .number($0.lowerBound), "maximum": .number($0.upperBound)] })
        case .string(let rules): JSONValue.object(["type": "string"]).adding(rules.openAPI)
        case .array(let item, let minimum, let maximum):
            JSONValue.object(["type": "array", "items": item.openAPI]).adding(minimum > 0 ? ["minItems": .integer(minimum)] : nil)
                .adding(maximum.map { ["maxItems": .integer($0)] })
        case .dictionary(let item): ["type": "object", "additionalProperties": item.openAPI]
        case .object(let properties): Self.objectSchema(properties)
        case .nullable(let shape): shape.openAPI.adding(["nullable": true])
        }
    }

    private static func objectSchema(_ properties: [Property]) -> JSONValue {
        let required = properties.filter(\.required).map { JSONValue.string($0.name) }
        let schema: JSONValue = [
            "type": "object",
            "properties": .object(Dictionary(properties.map { ($0.name, $0.shape.openAPI) }) { _, last in last }),
        ]
        return required.isEmpty ? schema : schema.adding(["required": .array(required)])
    }
}

extension Shape.Text {
    fileprivate var openAPI: JSONValue {
        var members: [String: JSONValue] = [:]
        members["format"] = format.map(JSONValue.string)
        members["enum"] = choices.map { .array($0.map(JSONValue.string)) }
        members["minLength"] = minimum > 0 ? .integer(minimum) : nil
        members["maxLength"] = maximum.map(JSONValue.integer)
        members["pattern"] = pattern.map { .string("^(\($0))$") }
        return .object(members)
    }
}
