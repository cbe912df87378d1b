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
        var docker_image_iid: String?
        var docker_image_name: String?
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

struct EffectiveConfiguration: Decodable, Sendable {
    struct Item: Decodable, Sendable {
        var key: String
        var value: JSONValue
        var secret: Bool
    }
    var configuration: [Item]
}

extension WorkerRunRow {
    /// `r` is the run. Names come from functions that everyone who reads a result may call; values only with access to the worker.
    private static let columns = """
        r.id, r.summary, false AS use_gpu, worker_version_card(r.worker_version_id) AS worker_version,
          configuration_card(r.configuration_id, r.worker_version_id) AS configuration, model_version_card(r.model_version_id) AS model_version,
          to_jsonb(ARRAY(SELECT a.parent_id FROM worker_run_parent a WHERE a.tenant_id = $tenant AND a.worker_run_id = r.id ORDER BY 1))
            AS parents,
          (SELECT jsonb_build_object('id', p.id, 'name', p.name, 'state', p.state, 'mode', p.mode, 'corpus', p.corpus_id,
              'activity_state', CASE WHEN p.mode = 'workers' AND p.started IS NOT NULL THEN 'ready' ELSE 'disabled' END,
              'chunks', p.chunks, 'skip_elements_json', true, 'model_id', NULL, 'train_folder_id', NULL, 'validation_folder_id', NULL,
              'test_folder_id', NULL)
            FROM process p WHERE p.tenant_id = $tenant AND p.id = r.process_id) AS process,
          (SELECT u.display_name FROM user_account u WHERE u.tenant_id = $tenant AND u.id = r.creator_id) AS creator, r.created
        """

    /// Sums of the counters: exact, whatever their number.
    private static func results(_ condition: String) -> String {
        """
        (SELECT jsonb_build_object(
              'elements', coalesce(sum(k.n) FILTER (WHERE k.kind = 'element'), 0),
              'transcriptions', coalesce(sum(k.n) FILTER (WHERE k.kind = 'transcription'), 0),
              'classifications', coalesce(sum(k.n) FILTER (WHERE k.kind = 'classification'), 0),
              'metadata', coalesce(sum(k.n) FILTER (WHERE k.kind = 'metadata'), 0),
              'transcription_entities', coalesce(sum(k.n) FILTER (WHERE k.kind = 'transcription_entity'), 0))
            FROM source s JOIN result_count k ON k.tenant_id = $tenant AND k.source_id = s.id
            WHERE s.tenant_id = $tenant AND s.worker_run_id = r.id AND s.id <> ALL (hidden_sources()) \(condition)) AS results
        """
    }

    static let retrieve = Statement<OnlyRunID, WorkerRunRow>(
        "retrieve_worker_run", "SELECT \(columns), \(results("")) FROM worker_run r WHERE r.tenant_id = $tenant AND r.id = $id")
    static let list = Statement<ListWorkerRuns, WorkerRunRow>(
        "list_worker_runs",
        """
        SELECT \(columns), \(results("")) FROM worker_run r WHERE r.tenant_id = $tenant AND r.process_id = $id
        ORDER BY r.id LIMIT $limit OFFSET $offset
        """)
    static let count = Statement<ListWorkerRuns, Count>(
        "count_worker_runs", "SELECT count(*) FROM worker_run r WHERE r.tenant_id = $tenant AND r.process_id = $id")

    private static let inCorpus = """
        FROM worker_run r WHERE r.tenant_id = $tenant AND EXISTS (SELECT FROM source s
          JOIN result_count k ON k.tenant_id = $tenant AND k.source_id = s.id AND k.n > 0
          WHERE s.tenant_id = $tenant AND s.worker_run_id = r.id AND s.corpus_id = $id AND s.id <> ALL (hidden_sources()))
        """
    static let corpusList = Statement<ListCorpusWorkerRuns, WorkerRunRow>(
        "list_corpus_worker_runs",
        "SELECT \(columns), \(results("AND s.corpus_id = $id")) \(inCorpus) ORDER BY r.id LIMIT $limit OFFSET $offset")
    static let corpusCount = Statement<ListCorpusWorkerRuns, Count>("count_corpus_worker_runs", "SELECT count(*) \(inCorpus)")

    private static let create = Statement<CreateWorkerRun, OnlyRunID>(
        "create_worker_run",
        """
        SELECT save_worker_run(NULL, $id, $body.worker_version_id, $body.model_version_id, $body.configuration_id, $body.parents::uuid[]) AS id
        """)
    private static let update = Statement<PartialUpdateWorkerRun, NoRow>(
        "partial_update_worker_run",
        """
        SELECT save_worker_run(r.id, r.process_id, r.worker_version_id,
          CASE WHEN checked.body ? 'model_version_id' THEN (checked.body->>'model_version_id')::uuid ELSE r.model_version_id END,
          CASE WHEN checked.body ? 'configuration_id' THEN (checked.body->>'configuration_id')::uuid ELSE r.configuration_id END,
          CASE WHEN jsonb_typeof(checked.body->'parents') = 'array'
            THEN ARRAY(SELECT jsonb_array_elements_text(checked.body->'parents')::uuid) END)
        FROM \(JSONBody<PartialUpdateWorkerRun.Content>.checked()) JOIN worker_run r ON r.tenant_id = $tenant AND r.id = $id
        """)
    private static let destroy = Statement<OnlyRunID, NoRow>("destroy_worker_run", "SELECT destroy_worker_run($id)")
    private static let configuration = Statement<OnlyRunID, EffectiveConfiguration>(
        "retrieve_worker_run_configuration", "SELECT effective_configuration($id) AS configuration")

    static func declarations() throws -> [Declaration] {
        try [
            .init(retrieve), .init(list), .init(count), .init(corpusList), .init(corpusCount), .init(create), .init(update),
            .init(destroy), .init(configuration),
        ]
    }

    static let operations: [Operation] = [
        Operation(
            "ListWorkerRuns", "/api/v1/process/{id}/workers/", "The worker runs of a process",
            rule: .level(.guest, on: .process, \.id), page: list, count: count),
        Operation(
            "CreateWorkerRun", .post, "/api/v1/process/{id}/workers/", "Add a worker run to a process",
            rule: .level(.admin, on: .process, \.id), status: .created
        ) { (input: CreateWorkerRun, scope: Scope) -> Reply<WorkerRunRow> in
            guard let made = try await scope.first(create, input) else { throw Problem.notFound }
            return try .row(await scope.rows(retrieve, made))
        },
        Operation(
            "RetrieveWorkerRun", .get, "/api/v1/process/workers/{id}/", "A worker run: version, model, configuration, process, counts",
            rule: .level(.guest, on: .workerRun, \.id), one: retrieve),
        Operation(
            "PartialUpdateWorkerRun", .patch, "/api/v1/process/workers/{id}/", "Change a worker run of a process that has not started",
            rule: .level(.admin, on: .workerRun, \.id)
        ) { (input: PartialUpdateWorkerRun, scope: Scope) -> Reply<WorkerRunRow> in
            let rows = try await scope.run([scope.call(update, input), scope.call(retrieve, OnlyRunID(id: input.id))])
            return try .row(rows[1])
        },
        Operation(
            "DestroyWorkerRun", .delete, "/api/v1/process/workers/{id}/", "Take a worker run out of a process that has not started",
            rule: .level(.admin, on: .workerRun, \.id), nothing: destroy),
        Operation(
            "RetrieveWorkerRunConfiguration", .get, "/api/v1/workers/runs/{id}/configuration/",
            "What a worker run really works with: defaults, then the model's, then the chosen configuration's values",
            rule: .level(.guest, on: .workerRun, \.id), one: configuration),
        Operation(
            "ListCorpusWorkerRuns", "/api/v1/corpus/{id}/worker-runs/", "The worker runs that have results in a project",
            rule: .level(.guest, on: .corpus, \.id), page: corpusList, count: corpusCount),
    ]
}
