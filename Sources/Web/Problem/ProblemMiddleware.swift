import HTTPTypes
public import Hummingbird
import HummingbirdCore
import Logging

/// Outermost: gives every request an id, answers whatever no operation caught in the structured form, and writes one line a request.
public struct ProblemMiddleware<Context: RequestContext>: RouterMiddleware {
    private let names: [String: String]
    private let metrics: RequestMetrics?

    /// - Parameters:
    ///   - names: what a request is called in the log, by method and route.
    ///   - metrics: what is told of it too.
    public init(names: [String: String], metrics: RequestMetrics? = nil) {
        self.names = names
        self.metrics = metrics
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
        let took = ContinuousClock.now - began
        let name = names["\(request.method) \(context.endpointPath ?? "")"]
        // What is no operation is a page, or nothing: one name for all, whatever somebody asks for.
        metrics?.note(name ?? (context.endpointPath == nil ? "none" : "page"), status: response.status.code, took: took)
        context.logger.info(
            "request",
            metadata: [
                "operation": .string(name ?? "\(request.method) \(request.uri.path.withoutCapabilities)"),
                "status": .stringConvertible(response.status.code), "ms": .stringConvertible(took.milliseconds),
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
