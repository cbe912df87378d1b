import HTTPTypes
import Hummingbird
import HummingbirdCore
import Mustache
import NIOCore
import Shapes
import Web

/// What is around every page: templates, words, the addresses of style and scripts, and the headers that keep a page to itself.
struct Shell: Sendable {
    private let library: MustacheLibrary
    private let words: Words

    /// - Throws: when a template or the catalogue of words cannot be read.
    init() throws {
        MustacheContentTypes.register(HTML(), named: "HTML")
        words = try Words()
        var library = MustacheLibrary()
        for asset in Asset.all where asset.path.hasPrefix("templates/") {
            try library.register(HTML.pragma + words.filling(asset), named: String(asset.name.prefix { $0 != "." }))
        }
        self.library = library
    }

    /// A word of the catalogue; a test asserts that all that are used are there.
    func word(_ key: String) -> String { words[key] ?? key }

    func hasWord(_ key: String) -> Bool { words[key] != nil }

    func page(_ template: String, _ content: JSONValue, status: HTTPResponse.Status = .ok, headers: HTTPFields = [:]) -> Response {
        let text = library.render(content.context, withTemplate: template) ?? "There is no template \(template)."
        var fields = Self.headers
        for field in headers { fields.append(field) }
        return Response(status: status, headers: fields, body: .init(byteBuffer: ByteBuffer(string: text)))
    }

    /// A page that says what is wrong and what can be done.
    /// - Parameters:
    ///   - signIn: where whoever is asked to sign in does so.
    ///   - sent: what was sent in vain.
    func refusal(_ problem: Problem, signIn: String? = nil, sent: JSONValue? = nil) -> Response {
        let content: JSONValue = [
            "status": .integer(problem.status.code), "title": .string(word("error_\(problem.status.code)")),
            "sentences": .array(problem.items.map { .string($0.detail) }), "user": .null, "edition": .null, "csrf": .null,
            "version": .string(PalimpsestVersion.number), "sign_in": signIn.map(JSONValue.string) ?? .null,
        ]
        return page("error", content.adding(sent), status: problem.status)
    }

    static func redirect(to address: String, headers: HTTPFields = [:]) -> Response {
        var fields = headers
        fields[.location] = address
        return Response(status: .seeOther, headers: fields)
    }

    /// Pages are a person's own: nobody keeps them, frames them, or adds a script to them. Images come from whatever IIIF server has them.
    private static let headers: HTTPFields = [
        .contentType: "text/html; charset=utf-8", .cacheControl: "no-store", .xContentTypeOptions: "nosniff",
        .contentSecurityPolicy:
            "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' https: http:; "
            + "form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
        .referrerPolicy: "same-origin", .vary: "HX-Request",
    ]
}

extension HTTPField.Name {
    static var referrerPolicy: HTTPField.Name { HTTPField.Name("Referrer-Policy").unsafelyUnwrapped }
    static var htmxRequest: HTTPField.Name { HTTPField.Name("HX-Request").unsafelyUnwrapped }
    static var htmxTarget: HTTPField.Name { HTTPField.Name("HX-Target").unsafelyUnwrapped }
}
