import FoundationEssentials
import HTTPTypes
import HummingbirdCore
import Logging
import Shapes
import Storage
import Web

/// One look at one page.
struct Visit: Sendable {
    let request: Request
    var visitor: Visitor
    let api: API
    let transfers: Transfers
    /// What stands for the names in the page's path.
    let path: [String: String]
    let shell: Shell
    let logger: Logger
    /// The page's address without parameters; also when a form of it, which has another address, shows it again.
    var here: String
    /// What was sent and refused, when the page is shown again.
    var refused: Refused?
    /// Who has signed in, as `RetrieveUser` tells it; known while a page is made.
    var user = JSONValue.null
    /// What a form has made, to be told this once.
    var made: JSONValue?

    /// Those of the page's address, as browsers' forms write them: a space is a plus.
    private let parameters: [(name: String, value: String)]

    struct Refused: Sendable {
        /// The path that the form declares.
        var form: String
        var problem: Problem
        var fields: Fields
    }

    init(request: Request, visitor: Visitor, api: API, transfers: Transfers, path: [String: String], shell: Shell, logger: Logger) {
        self.request = request
        self.visitor = visitor
        self.api = api
        self.transfers = transfers
        self.path = path
        self.shell = shell
        self.logger = logger
        here = request.uri.path
        parameters = request.uri.parameters
    }

    /// Runs an operation as the visitor.
    /// - Throws: ``Problem``.
    func ask(_ operation: String, _ input: JSONValue = [:]) async throws -> JSONValue {
        try await api.call(operation, input, by: visitor.caller, in: request, logger: logger).json
    }

    /// The same, or nothing where the visitor may not ask it or there is nothing.
    func askIfAllowed(_ operation: String, _ input: JSONValue = [:]) async throws -> JSONValue {
        do {
            return try await ask(operation, input)
        } catch let problem as Problem where [.forbidden, .notFound].contains(problem.status) {
            return .null
        }
    }

    /// Sends a file to where an operation said that it is to go.
    /// - Throws: ``Problem``.
    func send(_ file: RequestBody, to operation: String, of id: String, at address: String) async throws {
        let target = URI(address)
        let path = target.query.map { "\(target.path)?\($0)" } ?? target.path
        try await transfers.put(file, to: operation, at: path, path: ["id": id], in: request, logger: logger)
    }

    /// The same, to see a page about the same thing.
    func seeing(_ page: Page) -> Visit {
        var other = self
        other.here = path.reduce(page.path) { $0.replacing("{\($1.key)}", with: $1.value) }
        return other
    }

    var id: JSONValue { .string(path["id"] ?? "") }

    /// A parameter of the page's address that is not empty.
    func query(_ name: String) -> String? {
        parameters.first { $0.name == name && !$0.value.isEmpty }?.value
    }

    /// The page's number, from 1.
    var page: Int { query("page").flatMap(Int.init) ?? 1 }

    /// The way to a list's next page and the one before.
    func pages(_ answer: JSONValue) -> JSONValue {
        [
            "next": answer["next"] == .null ? .null : .string(address(replacing: ["page": "\(page + 1)"])),
            "previous": page > 1 ? .string(address(replacing: ["page": "\(page - 1)"])) : .null,
        ]
    }

    /// Whether a script asks, to put what it wants of the answer into a page that is open.
    var isOfScript: Bool { request.headers[.htmxRequest] != nil }

    /// The page that a form was sent from, where the browser tells it.
    var sentFrom: String? {
        guard let page = request.headers[.referer].map({ URI($0) }) else { return nil }
        return page.query.map { "\(page.path)?\($0)" } ?? page.path
    }

    /// Whether only what goes into the dialog is wanted.
    var wantsDialog: Bool { request.headers[.htmxTarget] == "dialog-content" }

    /// Parameters that say what has just been done.
    private static let toldOnce = ["saved", "ticked", "deleted"]

    /// This page's address with other values for some parameters; nil takes one out.
    func address(replacing replacements: [String: String?]) -> String {
        var query = parameters.map { ($0.name, $0.value) }
            .filter { replacements[$0.0] == nil && !$0.1.isEmpty && !Self.toldOnce.contains($0.0) }
        query += replacements.sorted { $0.key < $1.key }.compactMap { name, value in value.map { (name, $0) } }
        let text = query.map { "\($0.0.inQuery)=\($0.1.inQuery)" }.joined(separator: "&")
        return text.isEmpty ? here : "\(here)?\(text)"
    }
}

extension String {
    /// RFC 3986's unreserved characters stay.
    var inQuery: String {
        let kept = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~".utf8)
        return utf8.map {
            kept.contains($0) ? String(UnicodeScalar($0)) : "%" + ($0 < 16 ? "0" : "") + String($0, radix: 16, uppercase: true)
        }
        .joined()
    }
}
