import HTTPTypes
import Postgres
import Shapes
import Tenancy
import Web

/// One worker version, perhaps with a model version and a configuration, in a process. Every result names the run that made it.
struct WorkerRunRow: Decodable, Sendable {
    struct Version: Decodable, Sendable {
        struct WorkerCard: Decodable, Sendable {
            var id: ID<Worker>
            var name: String
            var slug: String
            var type: String
            var repository_url: String?
        }
        var id: ID<WorkerVersion>
        var version: Int?
        var worker: WorkerCard
        var revision_url: String?
        var tag: String?
        var branch: String?
        var state: String
        var gpu_usage: String
        var model_usage: String
        /// Always null, as is the revision: older clients read the keys.
        var docker_image: String?
        var docker_image_iid: String?
        var docker_image_name: String?
        var revision: String?
        var feature: String?
    }
    struct Configuration: Decodable, Sendable {
        var id: ID<WorkerConfiguration>
        var name: String
        var configuration: JSONValue
        var archived: Bool
    }
    struct ModelVersionCard: Decodable, Sendable {
        struct ModelCard: Decodable, Sendable {
            var id: ID<Model>
            var name: String
        }
        var id: ID<ModelVersion>
        var configuration: JSONValue
        var model: ModelCard
        var tag: String?
        var state: String
        var size: Int?
    }
    struct ProcessCard: Decodable, Sendable {
        var id: ID<Process>
        var name: String?
        var state: String
        var mode: ProcessMode
        var corpus: ID<Corpus>?
        var activity_state: String
        var chunks: Int
        /// Tells base-worker to take its elements from the activities.
        var skip_elements_json: Bool
        var model_id: String?
        var train_folder_id: String?
        var validation_folder_id: String?
        var test_folder_id: String?
    }
    struct Results: Decodable, Sendable {
        var elements: Int
        var transcriptions: Int
        var classifications: Int
        var metadata: Int
        var transcription_entities: Int
        var embeddings: Int
    }
    /// A value of the configuration that is passed over.
    struct Warning: Decodable, Sendable {
        var key: String
        var code: String
        var detail: String
    }
    var id: ID<WorkerRun>
    var parents: [ID<WorkerRun>]
    var summary: String
    var use_gpu: Bool
    var worker_version: Version
    var configuration: Configuration?
    var model_version: ModelVersionCard?
    var process: ProcessCard
    var results: Results
    var created: String
    var creator: String?
    /// Until when results of it that were deleted can be brought back; null when there are none.
    var hidden_until: String?
    var warnings: [Warning]
}

struct OnlyRunID: Codable, Sendable {
    var id: ID<WorkerRun>
}

struct ListWorkerRuns: Codable, Sendable, Paged {
    var id: ID<Process>
    var page: Int?
    var page_size: Int?
}

struct ListCorpusWorkerRuns: Codable, Sendable, Paged {
    var id: ID<Corpus>
    var page: Int?
    var page_size: Int?
}

struct ListElementWorkerRuns: Codable, Sendable, Paged {
    var id: ID<Element>
    var page: Int?
    var page_size: Int?
}

struct CreateWorkerRun: Codable, Sendable {
    struct Content: Codable, Sendable {
        var worker_version_id: ID<WorkerVersion>
        var model_version_id: ID<ModelVersion>?
        var configuration_id: ID<WorkerConfiguration>?
        var parents: [ID<WorkerRun>]?
    }
    var id: ID<Process>
    var body: Content
}

struct PartialUpdateWorkerRun: Codable, Sendable, TakesUndecodedBody {
    struct Content: Codable, Sendable {
        var model_version_id: ID<ModelVersion>?
        var configuration_id: ID<WorkerConfiguration>?
        var parents: [ID<WorkerRun>]?
    }
    var id: ID<WorkerRun>
    var body: JSONBody<Content>
}

struct UpdateWorkerRun: Codable, Sendable {
    var id: ID<WorkerRun>
    var body: PartialUpdateWorkerRun.Content
}

struct SomeWorkerRuns: Codable, Sendable {
    var ids: [ID<WorkerRun>]
}

struct EffectiveConfiguration: Decodable, Sendable {
    struct Item: Decodable, Sendable {
        var key: String
        var value: JSONValue
        var secret: Bool
    }
    var configuration: [Item]
}
