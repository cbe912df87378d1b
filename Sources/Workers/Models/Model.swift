import Shapes
import Tenancy
import Web

/// What workers predict with, in versions that training makes.
struct ModelRow: Decodable, Sendable {
    var id: ID<Model>
    var name: String
    var description: String
    var archived: Bool
    var `public`: Bool
    var rights: [String]
    var created: String
    var updated: String
    /// Those that the caller may see.
    var compatible_workers: [CompatibleWorker]
}

/// A worker that a model is meant for.
struct CompatibleWorker: Decodable, Sendable {
    var id: ID<Worker>
    var name: String
    var slug: String
    var type: String
}

struct OnlyModelID: Codable, Sendable {
    var id: ID<Model>
}

struct ListModels: Codable, Sendable, Paged {
    var name: String?
    var archived: Bool?
    /// Only models that name this worker as one they are meant for.
    var compatible_worker: ID<Worker>?
    var page: Int?
    var page_size: Int?
}

struct CreateModel: Codable, Sendable {
    struct Content: Codable, Sendable {
        var name: ShortText
        var description: String?
        var `public`: Bool?
    }
    var body: Content
}

struct PartialUpdateModel: Codable, Sendable, TakesUndecodedBody {
    struct Content: Codable, Sendable {
        var name: ShortText?
        var description: String?
        var archived: Bool?
        var `public`: Bool?
    }
    var id: ID<Model>
    var body: JSONBody<Content>
}

struct ListCompatibleWorkers: Codable, Sendable, Paged {
    var id: ID<Model>
    var page: Int?
    var page_size: Int?
}

/// A model and one of the workers that it is meant for.
struct ModelAndWorker: Codable, Sendable {
    var model: ID<Model>
    var worker: ID<Worker>
}
