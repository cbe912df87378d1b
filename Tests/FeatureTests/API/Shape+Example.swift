import Shapes
import Tenancy

extension Shape {
    /// A value of this shape. Identifiers are new: nothing has them.
    var example: JSONValue { example(items: 0) { _ in false } }

    /// - Parameters:
    ///   - items: at least as many in each list.
    ///   - optional: which of the properties that may be left out are there.
    func example(items: Int, optional: (Shape) -> Bool) -> JSONValue {
        switch self {
        case .any: ["key": "value"]
        case .boolean: true
        case .integer(let range): .integer(range?.lowerBound ?? 1)
        case .number(let range): .number(range?.upperBound ?? 0.5)
        case .string(let rules) where rules.format == "uuid": .string(ID<Corpus>().text)
        case .string(let rules): .string(rules.choices?.first ?? Self.words.first { faults(in: .string($0)).isEmpty } ?? "word")
        case .array(let item, let minimum, _):
            .array((0..<max(minimum, items)).map { _ in item.example(items: items, optional: optional) })
        case .object(let properties):
            .object(
                Dictionary(
                    properties.filter { $0.required || optional($0.shape) }
                        .map { ($0.name, $0.shape.example(items: items, optional: optional)) }
                ) { $1 })
        case .dictionary: [:]
        case .nullable(let shape): shape.example(items: items, optional: optional)
        }
    }

    /// Whether it is an id, or has one in it.
    var names: Bool {
        switch self {
        case .string(let rules): rules.format == "uuid"
        case .array(let item, _, _): item.names
        case .object(let properties): properties.contains { $0.shape.names }
        case .nullable(let shape): shape.names
        default: false
        }
    }

    private static let words = ["word", "a@example.org", "false", "000000", "https://images.example.org/iiif/2/other"]

    /// The names of the keys, from the outside in, below which nothing is known of a value that comes or goes.
    func unknown(below path: [String] = []) -> [String] {
        switch self {
        case .any: [path.joined(separator: ".")]
        case .array(let item, _, _), .dictionary(let item): item.unknown(below: path + ["*"])
        case .object(let properties): properties.flatMap { $0.shape.unknown(below: path + [$0.name]) }
        case .nullable(let shape): shape.unknown(below: path)
        default: []
        }
    }
}
