import Shapes
import Tenancy
import Web

/// How many results of each kind.
struct KindCounts: Codable, Sendable {
    var elements: Int
    var transcriptions: Int
    var classifications: Int
    var metadata: Int
    var transcription_entities: Int
    var embeddings: Int
}

struct RunCard: Codable, Sendable {
    var id: ID<WorkerRun>
    var summary: String
}

/// What a deletion takes and leaves, as it was when it was asked for.
struct DeletionCounts: Codable, Sendable {
    struct OtherRun: Codable, Sendable {
        var worker_run: RunCard
        var results: KindCounts
    }
    /// What the runs made and nobody has worked on: it goes.
    var results: KindCounts
    /// Work by hand that stands there: it stays, unless `keep_manual` is false.
    var manual: KindCounts
    /// What other runs made on or below what goes: it goes too.
    var other_runs: [OtherRun]
}

/// What a deletion would do.
struct PreviewedDeletion: Decodable, Sendable {
    /// Deleting with it does this and nothing else.
    var token: ID<DeletionPreview>
    var results: KindCounts
    var manual: KindCounts
    var other_runs: [DeletionCounts.OtherRun]
    var worker_runs: [RunCard]
    var keep_manual: Bool
    var expires: String
}

/// A deletion that was made: what it hid can be brought back until then.
struct MadeDeletion: Decodable, Sendable {
    var deletion: ID<WorkerResultsDeletion>
    var job: ID<Job>?
    var undo_until: String
}

struct RestoreWorkerResults: Codable, Sendable {
    struct Content: Codable, Sendable { var deletion: ID<WorkerResultsDeletion> }
    var id: ID<Corpus>
    var body: Content
}

struct ListDeletions: Codable, Sendable, Paged {
    var id: ID<Corpus>
    var state: DeletionRow.State?
    var page: Int?
    var page_size: Int?
}

/// A deletion of results in a corpus, whatever has become of it.
struct DeletionRow: Decodable, Sendable {
    enum State: String, Codable, Sendable, CaseIterable, Described {
        case preparing, hidden, restored, purging, purged
        static let sample = State.hidden
    }

    var id: ID<WorkerResultsDeletion>
    var state: State
    var worker_runs: [RunCard]
    var counts: DeletionCounts
    /// What it was limited to, with what is below; where no worker run is named, what was deleted.
    var element: ID<Element>?
    /// What that is called, as long as it is not purged.
    var element_name: String?
    /// Whether it was limited to what its maker had selected.
    var selection: Bool
    var keep_manual: Bool
    /// Who asked for it.
    var by: String?
    var created: String
    var undo_until: String
    /// When it was restored or purged.
    var ended: String?
    var job: ID<Job>?
}
