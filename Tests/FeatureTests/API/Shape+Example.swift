import Shapes
import Tenancy

extension Shape {
    /// A value of this shape. Identifiers are new: nothing has them.
    var example: JSONValue {
        switch self {
        case .any: ["key": "value"]
        case .boolean: true
        case .integer(let range): .integer(range?.lowerBound ?? 1)
        case .number(let range): .number(range?.upperBound ?? 0.5)
        case .string(let rules) where rules.format == "uuid": .string(ID<Corpus>().text)
        case .string(let rules): .string(rules.choices?.first ?? Self.words.first { faults(in: .string($0)).isEmpty } ?? "word")
        case .array(let item, let minimum, _): .array((0..<minimum).map { _ in item.example })
        case .object(let properties):
            .object(Dictionary(properties.filter(\.required).map { ($0.name, $0.shape.example) }) { $1 })
        case .dictionary: [:]
        case .nullable(let shape): shape.example
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
