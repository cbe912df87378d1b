import HTTPTypes
public import Hummingbird
package import HummingbirdCore
package import Logging
public import Tenancy
public import Web

/// The table of transfers, and the routes that are made of it.
public struct Transfers: Sendable {
    public let all: [Transfer]
    private let store: FileStore
    private let tenancy: Tenancy
    private let refusals: Refusals

    /// - Parameter conflicts: what to say when a constraint of this name is broken.
    public init(_ all: [Transfer], store: FileStore, tenancy: Tenancy, conflicts: [String: Problem]) {
        self.all = all
        self.store = store
        self.tenancy = tenancy
        refusals = Refusals(conflicts: conflicts)
    }

    /// What requests are called in the log, by method and route.
    public var names: [String: String] {
        Dictionary(
            all.flatMap { transfer in transfer.methods.map { ("\($0) \(transfer.path.route)", transfer.id) } }
        ) { first, _ in first }
    }

    /// Registers every transfer, and 405 with Allow for the methods that a path does not have.
    public func mount<Context: RequestContext>(on router: Router<Context>) {
        for (route, transfers) in Dictionary(grouping: all, by: \.path.route) {
            for transfer in transfers {
                for method in transfer.methods {
                    router.on(RouterPath(route), method: method) { request, context in
                        try await answer(request, context, transfer)
                    }
                }
            }
            router.refuseOtherMethods(route, allowed: transfers.flatMap(\.methods))
        }
    }

    /// Takes a file that is a part of another request's body, as a PUT to an address that an operation gave out.
    /// - Parameters:
    ///   - address: with its capability.
    ///   - body: throws when it breaks off.
    ///   - request: the one that the file is a part of; answers take the server's address from it.
    /// - Throws: ``Problem``, as a client would get it.
    package func put(
        _ body: RequestBody, to id: String, at address: String, path: [String: String], in request: Request, logger: Logger
    ) async throws {
        guard let transfer = all.first(where: { $0.id == id && $0.method == .put }) else {
            throw Problem(.notImplemented, "no_operation", "This server takes no files by \(id).")
        }
        let head = HTTPRequest(method: .put, scheme: request.head.scheme, authority: request.head.authority, path: address)
        let passage = Passage(request: Request(head: head, body: body), tenancy: tenancy, store: store, path: path, isPart: true)
        _ = try await refusals.translating(id, logger) { try await transfer.respond(passage) }
    }

    private func answer(_ request: Request, _ context: some RequestContext, _ transfer: Transfer) async throws -> Response {
        var response = try await refusals.answer(transfer.id, context.logger) {
            if request.method == .options { return Response(status: .noContent, headers: [.allow: transfer.allow]) }
            let passage = Passage(request: request, tenancy: tenancy, store: store, path: transfer.path.values(context.parameters))
            return try await transfer.respond(passage)
        }
        if transfer.crossOrigin {
            response.headers[.accessControlAllowOrigin] = "*"
            response.headers[.accessControlAllowMethods] = transfer.allow
            response.headers[.accessControlAllowHeaders] = "*"
        }
        return request.method == .head ? response.createHeadResponse() : response
    }
}

extension Transfer {
    /// With those that follow from the one that is declared.
    var methods: [HTTPRequest.Method] {
        (method == .get ? [.get, .head] : [method]) + (crossOrigin ? [.options] : [])
    }

    fileprivate var allow: String { methods.map(\.rawValue).sorted().joined(separator: ", ") }
}
