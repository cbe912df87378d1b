import Foundation
import HTTPTypes
import NIOCore
import Shapes
import Testing

/// What the server answered.
struct Answer: Sendable, CustomStringConvertible {
    let status: Int
    let headers: HTTPFields
    let bytes: ByteBuffer

    var text: String { String(buffer: bytes) }

    /// The body; null when there is none, or when it is not JSON.
    var json: JSONValue {
        (try? JSONDecoder().decode(JSONValue.self, from: Data(text.utf8))) ?? .null
    }

    var description: String { "\(status) \(text)" }

    /// The codes of a refusal, in order.
    var codes: [String] { json["errors"]?.list.compactMap { $0["code"]?.string } ?? [] }

    /// Where the faults of a refusal are, in order, as `elements.3.name`; an empty string for the whole.
    var places: [String] {
        json["errors"]?.list.map { error in
            (error["attr"]?.list ?? []).map { $0.string ?? $0.text }.joined(separator: ".")
        } ?? []
    }

    /// The ids of a page's results, or of a plain list.
    var ids: [String] {
        (json["results"] ?? json).list.compactMap { $0["id"]?.string }
    }

    var id: String? { json["id"]?.string }

    /// Where the page after this one is.
    var next: String? { json["next"]?.string?.replacing("http://localhost", with: "") }

    /// The body of an answer that has to be a success.
    func expect(_ wanted: Int = 200, sourceLocation: SourceLocation = #_sourceLocation) throws -> JSONValue {
        try #require(status == wanted, "\(self)", sourceLocation: sourceLocation)
        return json
    }

    /// The id in an answer that has to be 201.
    func created(sourceLocation: SourceLocation = #_sourceLocation) throws -> String {
        try #require(status == 201, "\(self)", sourceLocation: sourceLocation)
        return try #require(id, "\(self)", sourceLocation: sourceLocation)
    }
}

extension JSONValue {
    subscript(index: Int) -> JSONValue? {
        if case .array(let items) = self, items.indices.contains(index) { items[index] } else { nil }
    }

    /// Its items; none if this is not an array.
    var list: [JSONValue] {
        if case .array(let items) = self { items } else { [] }
    }

    var int: Int? {
        if case .integer(let number) = self { number } else { nil }
    }
}

/// Lets a few through at once.
actor Turnstile {
    static let shared = Turnstile(places: 10)

    private var free: Int
    private var waiting: [CheckedContinuation<Void, Never>] = []

    init(places: Int) { free = places }

    func passing<Result: Sendable>(_ body: @Sendable () async throws -> Result) async throws -> Result {
        await enter()
        defer { leave() }
        return try await body()
    }

    private func enter() async {
        guard free == 0 else {
            free -= 1
            return
        }
        await withCheckedContinuation { waiting.append($0) }
    }

    private func leave() {
        if waiting.isEmpty { free += 1 } else { waiting.removeFirst().resume() }
    }
}
