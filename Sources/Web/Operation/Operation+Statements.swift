import FoundationEssentials
public import HTTPTypes
import NIOCore
public import Postgres
import Shapes
import Tenancy

/// Most operations are one statement: what it returns is written to the response from libpq's bytes.
extension Operation {
    /// The first row as an object; 404 without one.
    public init<Input: Codable & Sendable, Row: Decodable & Sendable>(
        _ id: String, _ method: HTTPRequest.Method, _ path: Template, _ summary: String, rule: Rule<Input>, writes: Bool? = nil,
        status: HTTPResponse.Status? = nil, one statement: Statement<Input, Row>
    ) {
        self.init(id, method, path, summary, rule: rule, writes: writes, status: status) { (input: Input, scope: Scope) -> Reply<Row> in
            try .row(await scope.rows(statement, input))
        }
    }

    /// Nothing: 204.
    public init<Input: Codable & Sendable>(
        _ id: String, _ method: HTTPRequest.Method, _ path: Template, _ summary: String, rule: Rule<Input>,
        nothing statement: Statement<Input, NoRow>
    ) {
        self.init(id, method, path, summary, rule: rule) { (input: Input, scope: Scope) -> Reply<Nothing> in
            _ = try await scope.rows(statement, input)
            return .nothing
        }
    }

    /// All rows as a list without paging.
    public init<Input: Codable & Sendable, Row: Decodable & Sendable>(
        _ id: String, _ method: HTTPRequest.Method, _ path: Template, _ summary: String, rule: Rule<Input>,
        status: HTTPResponse.Status? = nil, list statement: Statement<Input, Row>
    ) {
        self.init(id, method, path, summary, rule: rule, status: status, listing: .plain) { (input: Input, scope: Scope) -> Reply<[Row]> in
            .list(try await scope.rows(statement, input))
        }
    }

    /// One page of rows and their count, in one round trip. The statement has the placeholders `$limit` and `$offset`.
    public init<Input: Codable & Sendable & Paged, Row: Decodable & Sendable>(
        _ id: String, _ path: Template, _ summary: String, rule: Rule<Input>,
        page statement: Statement<Input, Row>, count: Statement<Input, Count>
    ) {
        self.init(id, path, summary, rule: rule) { (input: Input) in (statement, count) }
    }

    /// One page, with statements that are chosen by the input: a list with fewer filters has a cheaper plan.
    public init<Input: Codable & Sendable & Paged, Row: Decodable & Sendable>(
        _ id: String, _ path: Template, _ summary: String, rule: Rule<Input>,
        choosing statements: @escaping @Sendable (Input) -> (Statement<Input, Row>, Statement<Input, Count>)
    ) {
        self.init(id, .get, path, summary, rule: rule, writes: false, status: nil, listing: .pages) {
            (input: Input, scope: Scope, exchange: Exchange) -> Reply<Page<Row>> in
            let (statement, count) = statements(input)
            let place = try PagePlace(input)
            let results = try await scope.run([
                scope.call(statement, input, also: ["limit": .text("\(place.size)"), "offset": .text("\(place.offset)")]),
                scope.call(count, input),
            ])
            let total = try count.rows(results[1]).first?.count ?? 0
            return Reply(body: try place.body(results[0], total: total, exchange))
        }
    }

    /// A queue page by page: rows carry the key that the next page begins after. The statement has the placeholders `$limit` and `$after`
    /// and a column `cursor_key` that is not shown.
    public init<Input: Codable & Sendable & Cursored, Row: Decodable & Sendable>(
        _ id: String, _ path: Template, _ summary: String, rule: Rule<Input>,
        cursor statement: Statement<Input, Row>, count: Statement<Input, Count>
    ) {
        self.init(id, .get, path, summary, rule: rule, writes: false, status: nil, listing: .cursor) {
            (input: Input, scope: Scope, exchange: Exchange) -> Reply<CursorPage<Row>> in
            let place = try CursorPlace(input)
            var calls = [try scope.call(statement, input, also: ["limit": .text("\(place.size + 1)"), "after": place.after])]
            if place.counts { calls.append(try scope.call(count, input)) }
            let results = try await place.explaining { try await scope.run(calls) }
            let total = place.counts ? try count.rows(results[1]).first?.count : nil
            return Reply(body: place.body(results[0], total: total, exchange))
        }
    }
}

/// Where in a list a numbered page lies.
private struct PagePlace {
    let number: Int
    let size: Int
    var offset: Int { (number - 1) * size }

    init(_ input: some Paged) throws {
        number = input.page ?? 1
        size = min(input.page_size ?? PageSize.usual, PageSize.greatest)
        guard number >= 1, number <= 1 << 32 else { throw Problem.invalid("page", "Pages are numbered from 1.") }
        guard size >= 1 else { throw Problem.invalid("page_size", "Must be between 1 and \(PageSize.greatest).") }
    }

    /// - Throws: 404 for a page after the last.
    func body(_ rows: Rows, total: Int, _ exchange: Exchange) throws -> ByteBuffer {
        if number > 1, offset >= total { throw Problem(.notFound, "not_found", "There is no page \(number).") }
        let next = offset + size < total ? exchange.address(replacing: ["page": "\(number + 1)"]) : nil
        let previous = number > 1 ? exchange.address(replacing: ["page": number == 2 ? nil : "\(number - 1)"]) : nil
        var body = ByteBuffer()
        body.writeString("{\"count\":\(total),\"number\":\(number),\"next\":\(next.json),\"previous\":\(previous.json),\"results\":")
        rows.writeArray(into: &body)
        body.writeString("}")
        return body
    }
}

/// Where in a queue a cursor stands.
private struct CursorPlace {
    let after: Parameter
    let size: Int
    let counts: Bool

    init(_ input: some Cursored) throws {
        size = min(input.page_size ?? PageSize.usual, PageSize.greatest)
        guard size >= 1 else { throw Problem.invalid("page_size", "Must be between 1 and \(PageSize.greatest).") }
        if let cursor = input.cursor, !cursor.isEmpty {
            guard cursor.utf8.count <= 100 else { throw Self.unknown }
            after = .text(cursor)
        } else {
            after = .null
        }
        counts = input.with_count ?? false
    }

    private static let unknown = Problem.invalid("cursor", "Must be the cursor of an earlier answer.")

    /// Each queue knows the form of its own cursors: what it cannot read has come from elsewhere.
    func explaining<Result>(_ run: () async throws -> Result) async throws -> Result {
        do { return try await run() } catch let failure as PostgresFailure where failure.sqlState == "22P02" && after != .null {
            throw Self.unknown
        }
    }

    func body(_ rows: Rows, total: Int?, _ exchange: Exchange) -> ByteBuffer {
        let key = rows.columns.firstIndex { $0.name == "cursor_key" } ?? 0
        let next = rows.count > size ? rows.text(size - 1, key).map { exchange.address(replacing: ["cursor": $0]) } : nil
        var body = ByteBuffer()
        body.writeString("{\"count\":\(total.map(String.init) ?? "null"),\"next\":\((next ?? nil).json),\"previous\":null,\"results\":[")
        for row in 0..<min(rows.count, size) {
            if row > 0 { body.writeString(",") }
            rows.writeObject(row, into: &body, skipping: ["cursor_key"])
        }
        body.writeString("]}")
        return body
    }
}

extension String? {
    /// As JSON.
    fileprivate var json: String { map { JSONValue.string($0).text } ?? "null" }
}
