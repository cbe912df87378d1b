import Postgres
import Tenancy
import Web

extension WorkerVersionRow {
    private static let columns = """
        v.id, v.version, jsonb_build_object('id', w.id, 'name', w.name, 'slug', w.slug, 'type', w.type, 'repository_url', w.repository_url)
            AS worker, v.state, v.tag, v.branch, v.revision_url, v.gpu_usage, v.model_usage, v.docker_image_iid, v.command, v.shm_size,
          v.feature, v.fields, v.default_configuration, v.created
        FROM worker_version v JOIN worker w ON w.tenant_id = $tenant AND w.id = v.worker_id
        """
    static let retrieve = Statement<OnlyVersionID, WorkerVersionRow>(
        "retrieve_worker_version", "SELECT \(columns) WHERE v.tenant_id = $tenant AND v.id = $id AND v.tombstone IS NULL")
    static let list = Statement<ListWorkerVersions, WorkerVersionRow>(
        "list_worker_versions",
        """
        SELECT \(columns) WHERE v.tenant_id = $tenant AND v.worker_id = $id AND v.tombstone IS NULL
        ORDER BY v.created DESC, v.id DESC LIMIT $limit OFFSET $offset
        """)
    static let count = Statement<ListWorkerVersions, Count>(
        "count_worker_versions",
        "SELECT count(*) FROM worker_version v WHERE v.tenant_id = $tenant AND v.worker_id = $id AND v.tombstone IS NULL")

    static let save = Statement<NewVersion, OnlyVersionID>(
        "create_worker_version",
        """
        SELECT create_worker_version($worker, $revision_url, $tag, $branch, $state, $gpu_usage, $model_usage, $docker_image_iid, $command,
          $shm_size, $fields, $defaults) AS id
        """)

    static let update = Statement<PartialUpdateWorkerVersion, NoRow>(
        "partial_update_worker_version",
        "SELECT change_worker_version($id, checked.body) FROM "
            + JSONBody<PartialUpdateWorkerVersion.Content>.checked())

    static let destroy = Statement<OnlyVersionID, NoRow>("destroy_worker_version", "SELECT destroy_worker_version($id)")
}
