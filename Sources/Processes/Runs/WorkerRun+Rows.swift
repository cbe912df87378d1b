import Postgres
import Tenancy
import Web

extension WorkerRunRow {
    /// `r` is the run. Names come from functions that everyone who reads a result may call; values only with access to the worker.
    static let columns = """
        r.id, r.summary, worker_version_card(r.worker_version_id) AS worker_version,
          (SELECT run_uses_gpu(worker_version_card(r.worker_version_id)->>'gpu_usage', p.use_gpu)
            FROM process p WHERE p.tenant_id = $tenant AND p.id = r.process_id) AS use_gpu,
          configuration_card(r.configuration_id, r.worker_version_id) AS configuration, model_version_card(r.model_version_id) AS model_version,
          to_jsonb(ARRAY(SELECT a.parent_id FROM worker_run_parent a WHERE a.tenant_id = $tenant AND a.worker_run_id = r.id ORDER BY 1))
            AS parents,
          (SELECT jsonb_build_object('id', p.id, 'name', p.name, 'state', p.state, 'mode', p.mode, 'corpus', p.corpus_id,
              'activity_state', CASE WHEN p.mode = 'workers' AND p.started IS NOT NULL THEN 'ready' ELSE 'disabled' END,
              'chunks', p.chunks, 'skip_elements_json', true, 'model_id', p.model_id, 'train_folder_id', NULL, 'validation_folder_id', NULL,
              'test_folder_id', NULL)
            FROM process p WHERE p.tenant_id = $tenant AND p.id = r.process_id) AS process,
          (SELECT u.display_name FROM user_account u WHERE u.tenant_id = $tenant AND u.id = r.creator_id) AS creator, r.created,
          (SELECT max(d.undo_until) FROM source s JOIN hidden_source h ON h.tenant_id = $tenant AND h.source_id = s.id
            JOIN deletion d ON d.tenant_id = $tenant AND d.id = h.deletion_id AND d.state = 'hidden' AND d.undo_until > now()
            WHERE s.tenant_id = $tenant AND s.worker_run_id = r.id) AS hidden_until,
          configuration_warnings(r.worker_version_id, r.configuration_id) AS warnings
        """

    /// Sums of the counters: exact, whatever their number.
    static func results(_ condition: String) -> String {
        """
        (SELECT jsonb_build_object(
              'elements', coalesce(sum(k.n) FILTER (WHERE k.kind = 'element'), 0),
              'transcriptions', coalesce(sum(k.n) FILTER (WHERE k.kind = 'transcription'), 0),
              'classifications', coalesce(sum(k.n) FILTER (WHERE k.kind = 'classification'), 0),
              'metadata', coalesce(sum(k.n) FILTER (WHERE k.kind = 'metadata'), 0),
              'transcription_entities', coalesce(sum(k.n) FILTER (WHERE k.kind = 'transcription_entity'), 0),
              'embeddings', coalesce(sum(k.n) FILTER (WHERE k.kind = 'embedding'), 0))
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

    /// One of several runs with the same version; the version's name is for everyone who reads results.
    private static let versionsInCorpus = """
        FROM (SELECT DISTINCT r.worker_version_id \(inCorpus)) AS used
        """
    static let corpusVersions = Statement<ListCorpusWorkerRuns, Version>(
        "list_corpus_worker_versions",
        """
        SELECT card.* \(versionsInCorpus) CROSS JOIN LATERAL jsonb_to_record(worker_version_card(used.worker_version_id)) AS card (id uuid,
          version integer, worker jsonb, revision_url text, tag text, branch text, state text, gpu_usage text, model_usage text,
          docker_image text, docker_image_iid text, docker_image_name text, revision text, feature text)
        ORDER BY card.worker->>'name', card.id LIMIT $limit OFFSET $offset
        """)
    static let corpusVersionCount = Statement<ListCorpusWorkerRuns, Count>(
        "count_corpus_worker_versions", "SELECT count(*) \(versionsInCorpus)")

    /// What stands on one element, by run and kind.
    private static let onElement = """
        WITH made AS (
          SELECT s.worker_run_id, r.kind, count(*) AS n FROM (
            SELECT e.source_id, 'elements' AS kind FROM element e WHERE e.tenant_id = $tenant AND e.id = $id
            UNION ALL SELECT t.source_id, 'transcriptions' FROM transcription t WHERE t.tenant_id = $tenant AND t.element_id = $id
            UNION ALL SELECT c.source_id, 'classifications' FROM classification c WHERE c.tenant_id = $tenant AND c.element_id = $id
            UNION ALL SELECT m.source_id, 'metadata' FROM metadata m WHERE m.tenant_id = $tenant AND m.element_id = $id
            UNION ALL SELECT n.source_id, 'transcription_entities' FROM transcription_entity n WHERE n.tenant_id = $tenant AND n.element_id = $id
            UNION ALL SELECT v.source_id, 'embeddings' FROM embedding v WHERE v.tenant_id = $tenant AND v.element_id = $id
          ) AS r JOIN source s ON s.tenant_id = $tenant AND s.id = r.source_id AND s.id <> ALL (hidden_sources()) GROUP BY 1, 2)
        """
    static let elementList = Statement<ListElementWorkerRuns, WorkerRunRow>(
        "list_element_worker_runs",
        """
        \(onElement)
        SELECT \(columns), (SELECT jsonb_object_agg(k.kind, coalesce(m.n, 0)) FROM (VALUES ('elements'), ('transcriptions'), ('classifications'),
            ('metadata'), ('transcription_entities'), ('embeddings')) AS k (kind)
          LEFT JOIN made m ON m.kind = k.kind AND m.worker_run_id = r.id) AS results
        FROM worker_run r WHERE r.tenant_id = $tenant AND r.id IN (SELECT m.worker_run_id FROM made m) ORDER BY r.id LIMIT $limit OFFSET $offset
        """)
    static let elementCount = Statement<ListElementWorkerRuns, Count>(
        "count_element_worker_runs", "\(onElement) SELECT count(DISTINCT m.worker_run_id) FROM made m")

    static let create = Statement<CreateWorkerRun, OnlyRunID>(
        "create_worker_run",
        """
        SELECT save_worker_run(NULL, $id, $body.worker_version_id, $body.model_version_id, $body.configuration_id, $body.parents::uuid[]) AS id
        """)
    static let update = Statement<PartialUpdateWorkerRun, NoRow>(
        "partial_update_worker_run",
        """
        SELECT change_worker_run($id, checked.body) FROM \(JSONBody<PartialUpdateWorkerRun.Content>.checked())
        """)
    /// What the body leaves out is none.
    static let replace = Statement<UpdateWorkerRun, NoRow>(
        "update_worker_run",
        """
        SELECT save_worker_run(r.id, r.process_id, r.worker_version_id, $body.model_version_id, $body.configuration_id,
          coalesce($body.parents::uuid[], '{}'))
        FROM worker_run r WHERE r.tenant_id = $tenant AND r.id = $id
        """)
    /// Some runs, for whoever has just made them.
    static let some = Statement<SomeWorkerRuns, WorkerRunRow>(
        "some_worker_runs",
        "SELECT \(columns), \(results("")) FROM worker_run r WHERE r.tenant_id = $tenant AND r.id = ANY ($ids::uuid[]) ORDER BY r.id")
    static let destroy = Statement<OnlyRunID, NoRow>("destroy_worker_run", "SELECT destroy_worker_run($id)")
    static let configuration = Statement<OnlyRunID, EffectiveConfiguration>(
        "retrieve_worker_run_configuration", "SELECT effective_configuration($id) AS configuration")

    static func declarations() throws -> [Declaration] {
        try [
            .init(retrieve), .init(list), .init(count), .init(corpusList), .init(corpusCount), .init(corpusVersions),
            .init(corpusVersionCount), .init(elementList), .init(elementCount),
            .init(create), .init(update), .init(replace),
            .init(some),
            .init(destroy), .init(configuration),
        ]
    }
}
