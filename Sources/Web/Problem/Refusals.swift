import FoundationEssentials
import HTTPTypes
package import Hummingbird
import HummingbirdCore
package import Logging
import NIOCore
import Postgres

/// Turns refusals and failures of the database into structured answers. Whatever else goes wrong is for the middleware around all routes.
package struct Refusals: Sendable {
    private let conflicts: [String: Problem]

    /// - Parameter conflicts: what to say when a constraint of this name is broken.
    package init(conflicts: [String: Problem]) {
        self.conflicts = conflicts
    }

    /// - Parameters:
    ///   - id: what the log calls the route.
    ///   - body: makes the answer.
    package func answer(_ id: String, _ logger: Logger, _ body: () async throws -> Response) async throws -> Response {
        do {
            return try await translating(id, logger, body)
        } catch let problem as Problem {
            return Response(problem)
        }
    }

    /// Turns failures of the database into what a client is told of them; those that are the server's own are logged.
    /// - Throws: ``Problem``, and whatever else `body` throws.
    package func translating<Value>(_ id: String, _ logger: Logger, _ body: () async throws -> Value) async throws -> Value {
        do {
            return try await body()
        } catch let failure as PostgresFailure {
            let problem = Problem(failure, conflicts: conflicts)
            if problem.status.kind == .serverError {
                logger.error("\(failure)", metadata: ["operation": .string(id), "detail": .string(failure.debugDescription)])
            }
            throw problem
        }
    }
}

extension Response {
    package init(_ problem: Problem) {
        let body = (try? JSONEncoder().encode(problem.body)) ?? Data()
        self.init(status: problem.status, headers: [.contentType: "application/json"], body: .init(byteBuffer: ByteBuffer(bytes: body)))
        if let seconds = problem.retryAfter { headers[.retryAfter] = String(seconds) }
        if problem.status == .unauthorized { headers[.wwwAuthenticate] = "Token" }
    }
}

extension Router {
    /// 405 with Allow for the methods that a route does not have.
    package func refuseOtherMethods(_ route: String, allowed: [HTTPRequest.Method]) {
        let allow = allowed.map(\.rawValue).sorted().joined(separator: ", ")
        for method in [HTTPRequest.Method.get, .head, .options, .post, .put, .patch, .delete] where !allowed.contains(method) {
            on(RouterPath(route), method: method) { _, _ in
                var response = Response(Problem(.methodNotAllowed, "method_not_allowed", "This address takes \(allow)."))
                response.headers[.allow] = allow
                return response
            }
        }
    }
}
