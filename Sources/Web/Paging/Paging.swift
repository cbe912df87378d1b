/// Page-number mode: what clients ask of most lists.
public protocol Paged {
    var page: Int? { get }
    var page_size: Int? { get }
}

/// Cursor mode, for long queues.
public protocol Cursored {
    var cursor: String? { get }
    var page_size: Int? { get }
    var with_count: Bool? { get }
}

/// How many items a page has when the request does not say, and at the most.
public enum PageSize {
    public static let usual = 20
    public static let greatest = 500
}

/// The wire form of a page.
public struct Page<Item: Decodable & Sendable>: Decodable, Sendable {
    public var count: Int
    public var number: Int
    public var next: String?
    public var previous: String?
    public var results: [Item]
}

/// The wire form of a cursor page. The first one counts when asked; later ones say null.
public struct CursorPage<Item: Decodable & Sendable>: Decodable, Sendable {
    public var count: Int?
    public var next: String?
    public var previous: String?
    public var results: [Item]
}

/// What a counting statement returns.
public struct Count: Codable, Sendable {
    public var count: Int
}
