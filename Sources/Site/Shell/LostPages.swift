import HTTPTypes
import Hummingbird
import Shapes
import Web

/// Tells a browser that asks for an address where nothing is so on a page; programs keep the structured form.
struct LostPages<Context: RequestContext>: RouterMiddleware {
    let shell: Shell

    func handle(_ request: Request, context: Context, next: (Request, Context) async throws -> Response) async throws -> Response {
        do {
            return try await next(request, context)
        } catch let error as HTTPError where error.status == .notFound && request.isOfBrowser {
            return shell.refusal(Problem.notFound)
        }
    }
}

extension Request {
    /// Whether somebody wants to read the answer: what a page loads by itself asks for other types.
    fileprivate var isOfBrowser: Bool {
        method == .get && !uri.path.hasPrefix("/api/") && headers[.accept]?.contains("text/html") == true
    }
}
