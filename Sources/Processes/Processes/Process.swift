import HTTPTypes
import Postgres
import Shapes
import Tenancy
import Web

/// Worker runs over some elements of a corpus.
struct ProcessRow: Decodable, Sendable {
    struct ElementCard: Decodable, Sendable {
        var id: ID<Element>
        var name: String
        var type: String
    }
    struct ClassCard: Decodable, Sendable {
        var id: ID<MLClass>
        var name: String
    }
    struct TaskCard: Decodable, Sendable {
        var id: ID<WorkTask>
        var slug: String
        var state: String
        var worker_run: ID<WorkerRun>
        var chunk: Int
    }
    var id: ID<Process>
    var name: String?
    var mode: ProcessMode
    var state: String
    var activity_state: String
    var corpus: ID<Corpus>?
    var creator: String?
    var created: String
    var started: String?
    var finished: String?
    var chunks: Int
    var element: ElementCard?
    /// Whether it works on elements that were selected when it was made.
    var selection: Bool
    var element_type: String?
    var name_contains: String?
    var ml_class: ClassCard?
    var load_children: Bool
    var use_gpu: Bool
    /// The model that it trains.
    var model_id: ID<Model>?
    /// Of the last round.
    var tasks: [TaskCard]
    var worker_runs: Int
}

struct ProcessItem: Decodable, Sendable {
    var id: ID<Process>
    var name: String?
    var mode: ProcessMode
    var state: String
    var corpus: ID<Corpus>?
    var creator: String?
    var created: String
    var started: String?
    var finished: String?
    var worker_runs: Int
}

enum ProcessMode: String, Codable, Sendable, CaseIterable, Described {
    case workers, template, local, dataset, export, files, s3
    static let sample = ProcessMode.workers
}

enum ProcessState: String, Codable, Sendable, CaseIterable, Described {
    case unstarted, pending, running, completed, failed, stopping, stopped
    static let sample = ProcessState.unstarted
}

/// How many tasks share a run's elements.
struct Chunks: Leaf {
    let value: Int
    static let shape = Shape.integer(1...10)
    static let sample = Chunks(value: 1)
    init(value: Int) { self.value = value }
}

struct ProcessName: Leaf {
    let value: String
    static let shape = Shape.name(upTo: 250)
    static let sample = ProcessName(value: "a")
    init(value: String) { self.value = value.trimmed }
}

struct OnlyProcessID: Codable, Sendable {
    var id: ID<Process>
}

struct CreateProcess: Codable, Sendable {
    struct Content: Codable, Sendable {
        var corpus: ID<Corpus>
        var mode: ProcessMode?
        var name: ProcessName?
        /// A folder whose content is to be processed, or a single element.
        var element: ID<Element>?
        /// Of the elements there, those of this type, with this in their name, of this class.
        var element_type: String?
        var name_contains: String?
        var ml_class: ID<MLClass>?
        var load_children: Bool?
        /// Instead of an element, those that the caller has selected in this project.
        var selection: Bool?
        /// In mode dataset, the sets of datasets that it works on.
        var dataset_sets: [ID<DatasetSet>]?
        /// In mode dataset, the model that it trains.
        var model_id: ID<Model>?
    }
    var body: Content
}

struct PartialUpdateProcess: Codable, Sendable, TakesUndecodedBody {
    struct Content: Codable, Sendable {
        var name: ProcessName?
        var element: ID<Element>?
        var element_type: String?
        var name_contains: String?
        var ml_class: ID<MLClass>?
        var load_children: Bool?
        /// True takes the caller's selection as it is now.
        var selection: Bool?
        var dataset_sets: [ID<DatasetSet>]?
        var model_id: ID<Model>?
    }
    var id: ID<Process>
    var body: JSONBody<Content>
}

/// Templates are listed only when their mode is asked for.
struct ListProcesses: Codable, Sendable, Paged {
    var corpus: ID<Corpus>?
    var mode: ProcessMode?
    var state: ProcessState?
    /// Part of the name, or the beginning of the id.
    var name: String?
    var creator: ID<User>?
    var started: Bool?
    var page: Int?
    var page_size: Int?
}

struct StartProcess: Codable, Sendable {
    struct Content: Codable, Sendable {
        var chunks: Chunks?
        var use_gpu: Bool?
    }
    var id: ID<Process>
    var body: Content
}
