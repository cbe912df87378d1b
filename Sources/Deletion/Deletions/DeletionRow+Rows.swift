import Postgres
import Tenancy
import Web

extension DeletionRow {
    private static let filter = """
        jsonb_strip_nulls(jsonb_build_object('worker_run_id', $filter.worker_run_id::uuid, 'worker_version_id', $filter.worker_version_id::uuid,
          'model_version_id', $filter.model_version_id::text, 'configuration_id', $filter.configuration_id::text,
          'element_id', $filter.element_id::uuid, 'selection', nullif($filter.selection::boolean, false)))
        """

    static let preview = Statement<ChosenResults, PreviewedDeletion>(
        "preview_worker_results_deletion", "SELECT * FROM preview_deletion($id, \(filter), $keep_manual::boolean)")
    static let destroy = Statement<ChosenResults, MadeDeletion>(
        "destroy_worker_results", "SELECT * FROM delete_worker_results($id, \(filter), $keep_manual::boolean, $token)")
    static let restore = Statement<RestoreWorkerResults, DeletionCounts>(
        "restore_worker_results",
        """
        SELECT counts->'results' AS results, counts->'manual' AS manual, counts->'other_runs' AS other_runs
        FROM restore_deletion($id, $body.deletion) AS counts
        """)

    private static let matching = "d.tenant_id = $tenant AND d.corpus_id = $id AND ($state::text IS NULL OR d.state = $state)"
    static let list = Statement<ListDeletions, DeletionRow>(
        "list_deletions",
        """
        SELECT d.id, d.state, run_cards(d.worker_runs) AS worker_runs, d.counts, d.keep_manual, d.created, d.undo_until, d.ended, d.job_id AS job,
          coalesce(d.filter->>'element_id', d.filter->>'element')::uuid AS element,
          deleted_name(d.corpus_id, coalesce(d.filter->>'element_id', d.filter->>'element')::uuid) AS element_name, d.filter ? 'selection' AS selection,
          (SELECT u.display_name FROM user_account u WHERE u.tenant_id = $tenant AND u.id = d.creator_id) AS by
        FROM deletion d WHERE \(matching) ORDER BY d.id DESC LIMIT $limit OFFSET $offset
        """)
    static let count = Statement<ListDeletions, Count>("count_deletions", "SELECT count(*) FROM deletion d WHERE \(matching)")
}
