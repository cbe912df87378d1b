import FoundationEssentials
import Shapes

/// The catalogue of everything that the pages say.
struct Words: Sendable {
    private let catalogue: [String: String]

    /// - Throws: when the catalogue cannot be read.
    init() throws {
        let text = Asset.all.first { $0.path == "words/en.json" }?.text ?? "{}"
        catalogue = try JSONDecoder().decode([String: String].self, from: Data(text.utf8))
    }

    subscript(key: String) -> String? { catalogue[key] }

    /// A template that has them in it, and the addresses of what browsers load. Both are the same for every page: looking them up in each
    /// would cost more than all the rest of it.
    /// - Throws: ``NoSuchName`` for one that is not there.
    func filling(_ template: Asset) throws -> String {
        try template.text.replacing(/\{\{(w|assets)\.(\w+)\}\}/) { place in
            let name = String(place.2)
            guard let text = place.1 == "w" ? catalogue[name] : Asset.addresses[name] else {
                throw NoSuchName(description: "\(template.name) asks for \(place.0).")
            }
            return HTML.escaped(text)
        }
    }

    struct NoSuchName: Error, CustomStringConvertible { var description: String }
}
