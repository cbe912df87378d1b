import HTTPTypes
public import Hummingbird
import HummingbirdCore
import Logging

/// Outermost: gives every request an id, answers whatever no operation caught in the structured form, and writes one line a request.
public struct ProblemMiddleware<Context: RequestContext>: RouterMiddleware {
    private let names: [String: String]

    /// - Parameter names: what a request is called in the log, by method and route.
    public init(names: [String: String]) {
        self.names = names
    }

    public func handle(
        _ request: Request, context: Context, next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        let began = ContinuousClock.now
        var response: Response
        do {
            response = try await next(request, context)
        } catch let error as HTTPError {
            response = Response(Problem(error.status, "refused", error.body ?? error.status.reasonPhrase))
        } catch let problem as Problem {
            response = Response(problem)
        } catch is CancellationError {
            response = Response(Problem(.serviceUnavailable, "stopping", "The server is stopping.", retryAfter: 5))
        } catch {
            context.logger.error("Unexpected failure", metadata: ["error": .string(String(reflecting: error))])
            response = Response(
                Problem(
                    .internalServerError, "server_error", "Something went wrong on the server. It has been logged under the request's id."))
        }
        response.headers[.requestID] = context.id
        context.logger.info(
            "request",
            metadata: [
                "operation": .string(
                    names["\(request.method) \(context.endpointPath ?? "")"] ?? "\(request.method) \(request.uri.path.withoutCapabilities)"),
                "status": .stringConvertible(response.status.code), "ms": .stringConvertible((ContinuousClock.now - began).milliseconds),
            ])
        return response
    }
}

extension String {
    /// A path as it may stand in a log: what follows a `~` may be a capability.
    fileprivate var withoutCapabilities: String { replacing(#/~[^/]+/#, with: "~…") }
}

extension Duration {
    fileprivate var milliseconds: Int64 { components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000 }
}
