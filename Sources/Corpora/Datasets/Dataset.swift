import Shapes
import Tenancy
import Web

/// Elements of a corpus that a model is trained with, shared among named sets.
struct DatasetRow: Decodable, Sendable {
    struct Set: Decodable, Sendable {
        var id: ID<DatasetSet>
        var name: String
    }
    var id: ID<Dataset>
    var name: String
    var description: String
    var corpus_id: ID<Corpus>
    var sets: [Set]
    var unique_elements: Bool
    var creator: String?
    var created: String
    var updated: String
}

/// A set's name, unique in its dataset.
struct SetName: Leaf {
    let value: String
    static let shape = Shape.name(upTo: 50)
    static let sample = SetName(value: "train")
    init(value: String) { self.value = value.trimmed }
}

struct DatasetName: Leaf {
    let value: String
    static let shape = Shape.name(upTo: 100)
    static let sample = DatasetName(value: "a")
    init(value: String) { self.value = value.trimmed }
}

/// The names of a dataset's sets, all different.
struct SetNames: Codable, Sendable, Described {
    let names: [SetName]
    static let shape = Shape.array(SetName.shape, minimum: 1, maximum: 100)
    static let sample = SetNames(names: [])

    private init(names: [SetName]) { self.names = names }
    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        names = try container.decode([SetName].self)
        guard Set(names.map(\.value)).count == names.count else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "Every set needs a name of its own.")
        }
    }
    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(names)
    }
}

struct ListCorpusDatasets: Codable, Sendable, Paged {
    var id: ID<Corpus>
    var name: String?
    var page: Int?
    var page_size: Int?
}

struct CreateDataset: Codable, Sendable {
    struct Content: Codable, Sendable {
        var name: DatasetName
        var description: String?
        var set_names: SetNames
        var unique_elements: Bool?
    }
    var id: ID<Corpus>
    var body: Content
}

struct PartialUpdateDataset: Codable, Sendable, TakesUndecodedBody {
    struct Content: Codable, Sendable {
        var name: DatasetName?
        var description: String?
        var unique_elements: Bool?
    }
    var id: ID<Dataset>
    var body: JSONBody<Content>
}
