import Shapes
import Tenancy
import Web

/// A corpus or a dataset as an SQLite file.
struct ExportRow: Decodable, Sendable {
    struct Person: Decodable, Sendable {
        var id: ID<User>
        var email: String
        var display_name: String
    }
    var id: ID<Export>
    var corpus_id: ID<Corpus>
    /// Null for the whole corpus.
    var dataset_id: ID<Dataset>?
    var state: ExportState
    /// Always `default`: there is one database.
    var source: String
    /// Why the last attempt failed, for those who see its job: who asked for it, and administrators of the project.
    var error: String?
    var size: Int?
    /// Results were deleted or brought back since: it can no longer be fetched.
    var outdated: Bool
    var created: String
    var updated: String
    /// Who asked for it; null for a task.
    var user: Person?
}

enum ExportState: String, Codable, Sendable, CaseIterable, Described {
    case created, running, failed, done
    static let sample = ExportState.created
}

struct ListExports: Codable, Sendable, Paged {
    var id: ID<Corpus>
    var dataset_id: ID<Dataset>?
    var page: Int?
    var page_size: Int?
}

struct StartExport: Codable, Sendable {
    struct Content: Codable, Sendable {
        var dataset_id: ID<Dataset>?
    }
    var id: ID<Corpus>
    var body: Content
}
