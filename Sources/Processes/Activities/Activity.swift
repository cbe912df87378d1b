import HTTPTypes
import Postgres
import Shapes
import Tenancy
import Web

/// The element that a worker is to process next.
struct StartedActivity: Decodable, Sendable {
    var id: ID<Element>
    var name: String
    var type_id: ID<ElementType>
}

enum ReportedState: String, Codable, Sendable, CaseIterable, Described {
    case started, processed, error
    static let sample = ReportedState.started
}

enum ActivityState: String, Codable, Sendable, CaseIterable, Described {
    case queued, started, processed, error
    static let sample = ActivityState.queued
}

struct UpdateWorkerActivity: Codable, Sendable {
    struct Content: Codable, Sendable {
        var element_id: ID<Element>
        var process_id: ID<Process>
        var state: ReportedState
    }
    /// The worker run, although the address speaks of versions: clients have sent that since base-worker 0.3.
    var id: ID<WorkerRun>
    var body: Content
}

struct UpdatedActivity: Codable, Sendable {
    var element_id: ID<Element>
    var process_id: ID<Process>
    var state: ReportedState
}

/// How far a run has come.
struct ActivityStatistics: Decodable, Sendable {
    struct Run: Decodable, Sendable {
        var id: ID<WorkerRun>
        var summary: String
    }
    var worker_run: Run
    var queued: Int
    var started: Int
    var processed: Int
    var error: Int
}

struct OnlyCorpusID: Codable, Sendable {
    var id: ID<Corpus>
}

struct ListWorkerActivities: Codable, Sendable, Cursored {
    var id: ID<Process>
    var worker_run: ID<WorkerRun>?
    var state: ActivityState?
    var cursor: String?
    var page_size: Int?
    var with_count: Bool?
}

struct ActivityItem: Decodable, Sendable {
    struct ElementCard: Decodable, Sendable {
        var id: ID<Element>
        var name: String
        var type: String
    }
    var worker_run: ID<WorkerRun>
    var element: ElementCard
    var state: ActivityState
    var task: ID<WorkTask>?
    var started: String?
    var updated: String
}

struct ListProcessElements: Codable, Sendable, Cursored {
    var id: ID<Process>
    var with_image: Bool?
    var cursor: String?
    var page_size: Int?
    var with_count: Bool?
}

struct ProcessElement: Decodable, Sendable {
    var id: ID<Element>
    var name: String
    var type_id: ID<ElementType>
    var confidence: Double?
    var image_id: ID<Image>?
    var image_url: String?
    var image_width: Int?
    var image_height: Int?
    var polygon: [[Int]]?
    var rotation_angle: Int?
    var mirrored: Bool?
}

enum Activities {
    static let start = Statement<NoInput, StartedActivity>("start_worker_activity", "SELECT id, name, type_id FROM start_activity()")
    static let update = Statement<UpdateWorkerActivity, UpdatedActivity>(
        "update_worker_activity",
        """
        SELECT $body.element_id::uuid AS element_id, $body.process_id::uuid AS process_id, $body.state AS state
        FROM update_activity($id, $body.element_id, $body.process_id, $body.state)
        """)
    /// What a deletion has hidden is not spoken of either.
    private static let onWhatIsSeen = """
        ((SELECT nothing_hidden()) OR EXISTS (SELECT FROM element seen WHERE seen.tenant_id = $tenant AND seen.id = a.element_id))
        """

    /// The runs of `process`, SQL that gives ids, with how many of their activities are in each state.
    private static func statistics(of process: String) -> String {
        """
        SELECT jsonb_build_object('id', r.id, 'summary', r.summary) AS worker_run,
          count(*) FILTER (WHERE shown.state = 'queued') AS queued, count(*) FILTER (WHERE shown.state = 'started') AS started,
          count(*) FILTER (WHERE shown.state = 'processed') AS processed, count(*) FILTER (WHERE shown.state = 'error') AS error
        FROM worker_run r LEFT JOIN LATERAL (SELECT activity_state(a.state, a.source_id) AS state FROM worker_activity a
            WHERE a.tenant_id = $tenant AND a.process_id = r.process_id AND a.worker_run_id = r.id AND \(onWhatIsSeen)) AS shown ON true
        WHERE r.tenant_id = $tenant AND r.process_id IN (\(process)) GROUP BY r.id, r.summary ORDER BY r.id
        """
    }
    static let statistics = Statement<OnlyProcessID, ActivityStatistics>("process_activity_stats", statistics(of: "$id"))
    /// Of the processes that hand out elements, the newest runs last.
    static let corpusStatistics = Statement<OnlyCorpusID, ActivityStatistics>(
        "corpus_activity_stats",
        statistics(
            of: """
                SELECT p.id FROM process p
                WHERE p.tenant_id = $tenant AND p.corpus_id = $id AND p.mode = 'workers' AND p.started IS NOT NULL
                """))

    private static let matching = """
        FROM worker_activity a WHERE a.tenant_id = $tenant AND a.process_id = $id
          AND ($worker_run::uuid IS NULL OR a.worker_run_id = $worker_run::uuid) AND \(onWhatIsSeen)
          AND ($state::text IS NULL OR activity_state(a.state, a.source_id) = $state)
        """
    /// In the order of the elements, and for one element of the runs.
    static let list = Statement<ListWorkerActivities, ActivityItem>(
        "list_worker_activities",
        """
        SELECT a.worker_run_id AS worker_run, jsonb_build_object('id', e.id, 'name', e.name, 'type', t.slug) AS element,
          activity_state(a.state, a.source_id) AS state,
          a.task_id AS task, a.started, a.updated, a.element_id || ':' || a.worker_run_id AS cursor_key
        FROM (SELECT a.* \(matching) AND ($after::text IS NULL
              OR (a.element_id, a.worker_run_id) > (split_part($after, ':', 1)::uuid, split_part($after, ':', 2)::uuid))
            ORDER BY a.element_id, a.worker_run_id LIMIT $limit) AS a
          JOIN element e ON e.tenant_id = $tenant AND e.id = a.element_id
          JOIN element_type t ON t.tenant_id = $tenant AND t.corpus_id = e.corpus_id AND t.number = e.type_number
        ORDER BY a.element_id, a.worker_run_id
        """)
    static let count = Statement<ListWorkerActivities, Count>("count_worker_activities", "SELECT count(*) \(matching)")

    /// The elements that a process works on, by its filters.
    private static func chosen(_ page: String = "") -> String {
        "FROM process p CROSS JOIN LATERAL elements_of_process(p\(page)) AS chosen (id) WHERE p.tenant_id = $tenant AND p.id = $id"
    }
    static let elements = Statement<ListProcessElements, ProcessElement>(
        "list_process_elements",
        """
        SELECT e.id, e.name, t.id AS type_id, e.confidence, e.id AS cursor_key,
          CASE WHEN $with_image::boolean THEN e.image_id END AS image_id,
          CASE WHEN $with_image::boolean THEN image_card(e.image_id)->>'url' END AS image_url,
          CASE WHEN $with_image::boolean THEN (image_card(e.image_id)->>'width')::integer END AS image_width,
          CASE WHEN $with_image::boolean THEN (image_card(e.image_id)->>'height')::integer END AS image_height,
          CASE WHEN $with_image::boolean THEN to_jsonb(e.polygon) END AS polygon,
          CASE WHEN $with_image::boolean THEN e.rotation_angle END AS rotation_angle,
          CASE WHEN $with_image::boolean THEN e.mirrored END AS mirrored
        FROM (SELECT chosen.id \(chosen(", $after::uuid, $limit::integer"))) AS chosen
          JOIN element e ON e.tenant_id = $tenant AND e.id = chosen.id
          JOIN element_type t ON t.tenant_id = $tenant AND t.corpus_id = e.corpus_id AND t.number = e.type_number
        ORDER BY e.id
        """)
    static let elementCount = Statement<ListProcessElements, Count>("count_process_elements", "SELECT count(*) \(chosen())")

    static let operations: [Operation] = [
        // The token names the task, and the task its run: there is nothing to ask.
        Operation(
            "StartWorkerActivity", .post, "/api/v1/process/start-activity/", "Take the next element of the caller's task",
            rule: .task, one: start),
        Operation(
            "UpdateWorkerActivity", .put, "/api/v1/workers/versions/{id}/activity/", "Report on an element",
            rule: .level(.contributor, on: .workerRun, \.id), one: update),
        Operation(
            "ProcessActivityStats", .get, "/api/v1/process/{id}/activity-stats/", "How far each worker run of a process has come",
            rule: .level(.guest, on: .process, \.id), list: statistics),
        Operation(
            "CorpusActivityStats", .get, "/api/v1/corpus/{id}/activity-stats/", "How far the worker runs of a project have come",
            rule: .level(.guest, on: .corpus, \.id), list: corpusStatistics),
        Operation(
            "ListWorkerActivities", "/api/v1/process/{id}/activities/", "The activities of a process",
            rule: .level(.guest, on: .process, \.id), cursor: list, count: count),
        Operation(
            "ListProcessElements", "/api/v1/process/{id}/elements/", "The elements that a process works on",
            rule: .level(.guest, on: .process, \.id), cursor: elements, count: elementCount),
    ]
}
