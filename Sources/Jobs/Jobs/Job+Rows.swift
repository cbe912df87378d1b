import Postgres
import Tenancy
import Web

extension JobRow {
    fileprivate static let columns = """
        j.id, j.kind, j.state, j.description, j.corpus_id AS corpus, j.worker_run_id AS worker_run, j.total, j.done, speed.rate,
          CASE WHEN speed.rate > 0 AND j.total > j.done THEN now() + (j.total - j.done) / speed.rate * interval '1 second' END AS eta,
          j.run_at, j.failures, j.error, 
          (SELECT d.undo_until FROM deletion d WHERE d.tenant_id = $tenant AND d.job_id = j.id AND d.state = 'hidden' AND d.undo_until > now())
            AS undo_until,
          (SELECT u.display_name FROM user_account u WHERE u.tenant_id = $tenant AND u.id = j.creator_id) AS creator,
          j.created, j.started, j.finished
        FROM job j
          CROSS JOIN LATERAL (SELECT CASE WHEN j.state = 'running' AND j.heartbeat > j.claimed
            THEN ((j.done - j.claimed_done) / extract(epoch FROM j.heartbeat - j.claimed))::double precision END AS rate) AS speed
        """

    private static let matching = """
        j.tenant_id = $tenant AND ($corpus::uuid IS NULL OR j.corpus_id = $corpus::uuid) AND ($state::text IS NULL OR j.state = $state)
          AND ($kind::text IS NULL OR j.kind = $kind)
        """

    static let retrieve = Statement<OnlyJobID, JobRow>("retrieve_job", "SELECT \(columns) WHERE j.tenant_id = $tenant AND j.id = $id")
    static let list = Statement<ListJobs, JobRow>(
        "list_jobs", "SELECT \(columns) WHERE \(matching) ORDER BY j.id DESC LIMIT $limit OFFSET $offset")
    static let count = Statement<ListJobs, Count>("count_jobs", "SELECT count(*) FROM job j WHERE \(matching)")
    static let destroy = Statement<OnlyJobID, NoRow>("destroy_job", "SELECT destroy_job($id)")
}

extension StreamJobs {
    static let mark = Statement<NoInput, Mark>("job_stream_mark", "SELECT pg_snapshot_xmin(pg_current_snapshot())::text AS mark")
    /// A mark of another cluster, before a restore, is none.
    static let changed = Statement<Look, JobRow>(
        "stream_jobs",
        """
        SELECT \(JobRow.columns) WHERE j.tenant_id = $tenant AND ($corpus::uuid IS NULL OR j.corpus_id = $corpus::uuid) AND ($kind::text IS NULL OR j.kind = $kind)
          AND CASE WHEN $after::text::xid8 <= pg_snapshot_xmax(pg_current_snapshot()) THEN j.changed >= $after::text::xid8
            ELSE j.state IN ('queued', 'running') END
        ORDER BY j.changed, j.id
        """)
}
