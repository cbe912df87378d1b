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
          p.chunks, p.element_type, p.name_contains, p.load_children,
          (SELECT jsonb_build_object('id', e.id, 'name', e.name, 'type', t.slug) FROM element e
            JOIN element_type t ON t.tenant_id = $tenant AND t.corpus_id = e.corpus_id AND t.number = e.type_number
            WHERE e.tenant_id = $tenant AND e.id = p.element_id) AS element,
          coalesce((SELECT jsonb_agg(jsonb_build_object('id', t.id, 'slug', t.slug, 'state', t.state, 'worker_run', t.worker_run_id,
              'chunk', t.chunk) ORDER BY t.id)
            FROM task t WHERE t.tenant_id = $tenant AND t.process_id = p.id AND t.round = p.round), '[]') AS tasks
        FROM process p WHERE p.tenant_id = $tenant AND p.id = $id
        """)

    /// Only processes of corpora that the caller may see, and their own without one.
    private static let matching = """
        FROM process p WHERE p.tenant_id = $tenant AND process_level(p.id) IS NOT NULL
          AND ($corpus::uuid IS NULL OR p.corpus_id = $corpus::uuid) AND ($mode::text IS NULL OR p.mode = $mode)
          AND ($state::text IS NULL OR p.state = $state)
          AND ($name::text IS NULL OR position(lower($name) IN lower(p.name)) > 0)
          AND ($started::boolean IS NULL OR (p.started IS NOT NULL) = $started::boolean)
        """
    static let list = Statement<ListProcesses, ProcessItem>(
        "list_processes", "SELECT \(summary) \(matching) ORDER BY p.created DESC, p.id DESC LIMIT $limit OFFSET $offset")
    static let count = Statement<ListProcesses, Count>("count_processes", "SELECT count(*) \(matching)")

    static let create = Statement<CreateProcess, OnlyProcessID>(
        "create_process",
        """
        SELECT create_process($body.corpus, coalesce($body.mode, 'workers'), $body.name, $body.element, $body.element_type,
          $body.name_contains, coalesce($body.load_children::boolean, false)) AS id
        """)
    static let start = Statement<StartProcess, NoRow>("start_process", "SELECT start_process($id, $body.chunks)")
    static let stop = Statement<OnlyProcessID, NoRow>("stop_process", "SELECT stop_process($id)")
    static let retry = Statement<OnlyProcessID, NoRow>("retry_process", "SELECT retry_process($id)")
    static let destroy = Statement<OnlyProcessID, NoRow>("destroy_process", "SELECT destroy_process($id)")
}
