import FoundationEssentials
import HTTPTypes
public import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import Postgres
import Shapes
public import Tenancy

/// The table of operations, and what is made of it: routes and their description.
public struct API: Sendable {
    public let operations: [Operation]
    private let tenancy: Tenancy
    private let conflicts: [String: Problem]

    /// - Parameter conflicts: what to say when a constraint of this name is broken.
    public init(_ operations: [Operation], conflicts: [String: Problem], tenancy: Tenancy) {
        self.operations = operations
        self.conflicts = conflicts
        self.tenancy = tenancy
    }

    /// Everything that is wrong with the table itself: ids and routes given twice, names of the path that the input lacks.
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
            refuseOtherMethods(on: router, route, allowed: operations.map(\.method))
        }
        let document = ByteBuffer(bytes: (try? JSONEncoder().encode(openAPI)) ?? Data())
        router.get("/api/v1/openapi/") { _, _ in
            Response(
                status: .ok, headers: [.contentType: "application/vnd.oai.openapi+json", .cacheControl: "public, max-age=300"],
                body: .init(byteBuffer: document))
        }
    }

    private func refuseOtherMethods<Context: RequestContext>(
        on router: Router<Context>, _ route: String, allowed: [HTTPRequest.Method]
    ) {
        let allow = allowed.map(\.rawValue).sorted().joined(separator: ", ")
        for method in [HTTPRequest.Method.get, .head, .options, .post, .put, .patch, .delete] where !allowed.contains(method) {
            router.on(RouterPath(route), method: method) { _, _ in
                var response = Response(Problem(.methodNotAllowed, "method_not_allowed", "This address takes \(allow)."))
                response.headers[.allow] = allow
                return response
            }
        }
    }

    /// One request, with every failure turned into a structured answer.
    private func answer(_ request: Request, _ context: some RequestContext, _ operation: Operation) async throws -> Response {
        do {
            return try await operation.respond(exchange(request, context, operation))
        } catch let problem as Problem {
            return Response(problem)
        } catch let failure as PostgresFailure {
            let problem = Problem(failure, conflicts: conflicts)
            if problem.status.kind == .serverError {
                context.logger.error(
                    "\(failure)", metadata: ["operation": .string(operation.id), "detail": .string(failure.debugDescription)])
            }
            return Response(problem)
        } catch is NIOTooManyBytesError {
            return Response(Problem(.contentTooLarge, "too_large", "The body may have at most \(operation.bodyLimit) bytes."))
        }
    }

    private func caller(of request: Request, _ operation: Operation) async throws -> Caller {
        operation.readsCredentials
            ? try await Credentials.caller(of: request, tenancy) : .anonymous(in: try await Credentials.tenant(of: request, tenancy))
    }

    private func exchange(_ request: Request, _ context: some RequestContext, _ operation: Operation) async throws -> Exchange {
        var path: [String: String] = [:]
        for place in operation.path.places {
            path[place.name] = context.parameters.get(place.route)
        }
        var request = request
        // A body that no operation wants is read all the same, up to the limit, so that the connection stays in step.
        let body = try await request.collectBody(upTo: operation.bodyLimit)
        return Exchange(
            request: request, caller: try await caller(of: request, operation), tenancy: tenancy, path: path, body: body)
    }
}

extension Response {
    init(_ problem: Problem) {
        let body = (try? JSONEncoder().encode(problem.body)) ?? Data()
        self.init(status: problem.status, headers: [.contentType: "application/json"], body: .init(byteBuffer: ByteBuffer(bytes: body)))
        if let seconds = problem.retryAfter { headers[.retryAfter] = String(seconds) }
        if problem.status == .unauthorized { headers[.wwwAuthenticate] = "Token" }
    }
}
