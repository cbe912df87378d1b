import FoundationEssentials
import HTTPTypes
public import Hummingbird
import HummingbirdCore
import NIOCore
import Shapes
public import Tenancy

/// The table of operations, and what is made of it: routes and their description.
public struct API: Sendable {
    public let operations: [Operation]
    let tenancy: Tenancy
    let refusals: Refusals

    /// - Parameter conflicts: what to say when a constraint of this name is broken.
    public init(_ operations: [Operation], conflicts: [String: Problem], tenancy: Tenancy) {
        self.operations = operations
        refusals = Refusals(conflicts: conflicts)
        self.tenancy = tenancy
    }

    /// Everything that is wrong with the table itself: ids and routes given twice, names of the path that the input
    /// lacks.
    public func faults() -> [String] {
        var seen: Set<String> = []
        return operations.flatMap { operation in
            var faults: [String] = []
            if !seen.insert(operation.id).inserted { faults.append("\(operation.id) is declared twice.") }
            let route = "\(operation.method) \(operation.path.route)"
            if !seen.insert(route).inserted { faults.append("\(operation.id): \(route) is taken.") }
            for name in operation.path.names where operation.input[name] == nil {
                faults.append("\(operation.id): its input lacks \(name).")
            }
            return faults
        }
    }

    /// The ids of the operations, by method and route.
    public var names: [String: String] {
        Dictionary(operations.map { ("\($0.method) \($0.path.route)", $0.id) }) { first, _ in first }
    }

    /// Registers every operation, 405 with Allow for the methods that a path does not have, and the OpenAPI document.
    public func mount<Context: RequestContext>(on router: Router<Context>) {
        for (route, operations) in Dictionary(grouping: operations, by: \.path.route) {
            for operation in operations {
                router.on(RouterPath(route), method: operation.method) { request, context in
                    try await answer(request, context, operation)
                }
            }
            router.refuseOtherMethods(route, allowed: operations.map(\.method))
        }
        let documents = [true, false].map { enterprise in
            Result { ByteBuffer(bytes: try JSONEncoder().encode(openAPI(enterprise: enterprise))) }
        }
        router.get("/api/v1/openapi/") { _, context in
            try await refusals.answer("openapi", context.logger) {
                let document = try await (tenancy.isEnterprise() ? documents[0] : documents[1]).get()
                return Response(
                    status: .ok, headers: [.contentType: "application/vnd.oai.openapi+json", .cacheControl: "public, max-age=300"],
                    body: .init(byteBuffer: document))
            }
        }
    }

    /// One request, with every failure turned into a structured answer.
    private func answer(_ request: Request, _ context: some RequestContext, _ operation: Operation) async throws -> Response {
        try await refusals.answer(operation.id, context.logger) {
            do {
                try Credentials.requireOwnSite(request)
                let response = try await operation.respond(exchange(request, context, operation))
                return request.headers[.forwardedProtocol] == "https" ? response.withSecureCookies : response
            } catch is NIOTooManyBytesError {
                throw Problem(.contentTooLarge, "too_large", "The body may have at most \(operation.bodyLimit) bytes.")
            }
        }
    }

    private func caller(of request: Request, _ operation: Operation) async throws -> Caller {
        operation.decision.readsCredentials
            ? try await Credentials.caller(of: request, tenancy) : .anonymous(in: try await Credentials.tenant(of: request, tenancy))
    }

    private func exchange(_ request: Request, _ context: some RequestContext, _ operation: Operation) async throws -> Exchange {
        var request = request
        // A body that no operation wants is read all the same, up to the limit, so that the connection stays in step.
        let body = try await request.collectBody(upTo: operation.bodyLimit)
        return Exchange(
            request: request, caller: try await caller(of: request, operation), tenancy: tenancy,
            path: operation.path.values(context.parameters), body: body)
    }
}
