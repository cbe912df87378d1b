import Shapes
import Tenancy
import Web

/// A piece of background work, as people follow it.
struct JobRow: Decodable, Sendable {
    enum State: String, Codable, Sendable, CaseIterable, Described {
        case queued, running, done, failed, cancelled
        static let sample = State.queued
    }

    var id: ID<Job>
    var kind: String
    var state: State
    var description: String
    var corpus: ID<Corpus>?
    var worker_run: ID<WorkerRun>?
    /// In objects; null while it is not known how many there are.
    var total: Int?
    var done: Int
    /// Objects a second since its holder took it; null while it does not run.
    var rate: Double?
    /// When it will be done at this rate.
    var eta: String?
    /// It does not begin before.
    var run_at: String
    /// How often in a row it has failed; the last reason is in `error`.
    var failures: Int
    var error: String?
    /// Until when what it carries out can be undone instead.
    var undo_until: String?
    var creator: String?
    var created: String
    var started: String?
    var finished: String?
}

struct OnlyJobID: Codable, Sendable {
    var id: ID<Job>
}

struct ListJobs: Codable, Sendable, Paged {
    var corpus: ID<Corpus>?
    var state: JobRow.State?
    var kind: String?
    var page: Int?
    var page_size: Int?
}
