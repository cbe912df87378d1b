package import Hummingbird

/// A path with names in braces, as OpenAPI writes it: `/api/v1/corpus/{corpus}/elements/`.
public struct Template: Sendable, Hashable, ExpressibleByStringLiteral, CustomStringConvertible {
    public let description: String

    public init(stringLiteral value: String) {
        description = value
    }

    /// The names, from left to right.
    public var names: [String] {
        segments.filter(\.isName).map { String($0.dropFirst().dropLast()) }
    }

    /// The same path with names by position, so that templates which differ in names alone share one node of the router.
    package var route: String {
        "/" + segments.enumerated().map { $1.isName ? "{\($0)}" : String($1) }.joined(separator: "/")
    }

    /// Name of the template by name of the route.
    var places: [(route: String, name: String)] {
        segments.enumerated().filter { $1.isName }.map { ("\($0)", String($1.dropFirst().dropLast())) }
    }

    /// What stands in a request's path in the places of the names.
    package func values(_ parameters: Parameters) -> [String: String] {
        Dictionary(places.compactMap { place in parameters.get(place.route).map { (place.name, $0) } }) { first, _ in first }
    }

    private var segments: [Substring] {
        description.split(separator: "/")
    }
}

extension Substring {
    fileprivate var isName: Bool { hasPrefix("{") && hasSuffix("}") }
}
