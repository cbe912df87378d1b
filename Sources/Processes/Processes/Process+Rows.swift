import Postgres
import Tenancy
import Web

extension ProcessRow {
    private static let summary = """
        p.id, p.name, p.mode, p.state, p.corpus_id AS corpus, p.created, p.started, p.finished,
          (SELECT u.display_name FROM user_account u WHERE u.tenant_id = $tenant AND u.id = p.creator_id) AS creator,
          (SELECT count(*) FROM worker_run r WHERE r.tenant_id = $tenant AND r.process_id = p.id)::integer AS worker_runs
        """

    static let retrieve = Statement<OnlyProcessID, ProcessRow>(
        "retrieve_process",
        """
        SELECT \(summary), CASE WHEN p.mode = 'workers' AND p.started IS NOT NULL THEN 'ready' ELSE 'disabled' END AS activity_state,
          p.chunks, p.selection, p.element_type, p.name_contains, p.load_children, p.use_gpu, p.model_id,
          (SELECT jsonb_build_object('id', c.id, 'name', c.name) FROM ml_class c WHERE c.tenant_id = $tenant AND c.id = p.ml_class_id)
            AS ml_class,
          (SELECT jsonb_build_object('id', e.id, 'name', e.name, 'type', t.slug) FROM element e
            JOIN element_type t ON t.tenant_id = $tenant AND t.corpus_id = e.corpus_id AND t.number = e.type_number
            WHERE e.tenant_id = $tenant AND e.id = p.element_id) AS element,
          coalesce((SELECT jsonb_agg(jsonb_build_object('id', t.id, 'slug', t.slug, 'state', t.state, 'worker_run', t.worker_run_id,
              'chunk', t.chunk) ORDER BY t.id)
            FROM task t WHERE t.tenant_id = $tenant AND t.process_id = p.id AND t.round = p.round), '[]') AS tasks
        FROM process p WHERE p.tenant_id = $tenant AND p.id = $id
        """)

    /// Only processes of corpora that the caller may see. Those without one hold somebody's user worker runs, and are nowhere listed.
    private static let matching = """
        FROM process p WHERE p.tenant_id = $tenant AND p.corpus_id IS NOT NULL AND process_level(p.id) IS NOT NULL
          AND ($corpus::uuid IS NULL OR p.corpus_id = $corpus::uuid)
          AND CASE WHEN $mode::text IS NULL THEN p.mode <> 'template' ELSE p.mode = $mode END
          AND ($state::text IS NULL OR p.state = $state) AND ($creator::uuid IS NULL OR p.creator_id = $creator::uuid)
          AND ($name::text IS NULL OR position((SELECT folded($name)) IN folded(p.name)) > 0 OR starts_with(p.id::text, lower($name)))
          AND ($started::boolean IS NULL OR (p.started IS NOT NULL) = $started::boolean)
        """
    static let list = Statement<ListProcesses, ProcessItem>(
        "list_processes", "SELECT \(summary) \(matching) ORDER BY p.created DESC, p.id DESC LIMIT $limit OFFSET $offset")
    static let count = Statement<ListProcesses, Count>("count_processes", "SELECT count(*) \(matching)")

    static let create = Statement<CreateProcess, OnlyProcessID>(
        "create_process",
        """
        SELECT create_process($body.corpus, coalesce($body.mode, 'workers'), $body.name, $body.element, $body.element_type,
          $body.name_contains, $body.ml_class, coalesce($body.load_children::boolean, false), coalesce($body.selection::boolean, false),
          coalesce($body.dataset_sets::uuid[], '{}'), $body.model_id) AS id
        """)
    static let update = Statement<PartialUpdateProcess, NoRow>(
        "partial_update_process",
        "SELECT change_process($id, checked.body) FROM \(JSONBody<PartialUpdateProcess.Content>.checked())")
    static let start = Statement<StartProcess, NoRow>(
        "start_process", "SELECT start_process($id, $body.chunks, coalesce($body.use_gpu::boolean, false))")
    static let stop = Statement<OnlyProcessID, NoRow>("stop_process", "SELECT stop_process($id)")
    static let retry = Statement<OnlyProcessID, NoRow>("retry_process", "SELECT retry_process($id)")
    static let destroy = Statement<OnlyProcessID, NoRow>("destroy_process", "SELECT destroy_process($id)")
}
