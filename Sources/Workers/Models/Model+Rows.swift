import Postgres
import Tenancy
import Web

extension ModelRow {
    private static let columns = """
        m.id, m.name, m.description, m.archived IS NOT NULL AS archived, m.public, m.created, m.updated,
          rights_of(model_level(m.id)) AS rights,
          coalesce((SELECT jsonb_agg(jsonb_build_object('id', w.id, 'name', w.name, 'slug', w.slug, 'type', w.type) ORDER BY w.name, w.id)
            FROM model_worker c JOIN worker w ON w.tenant_id = $tenant AND w.id = c.worker_id
            WHERE c.tenant_id = $tenant AND c.model_id = m.id), '[]') AS compatible_workers
        """
    static let retrieve = Statement<OnlyModelID, ModelRow>(
        "retrieve_model", "SELECT \(columns) FROM model m WHERE m.tenant_id = $tenant AND m.id = $id")

    private static let matching = """
        FROM model m WHERE m.tenant_id = $tenant AND ($name::text IS NULL OR position((SELECT folded($name)) IN folded(m.name)) > 0)
          AND (m.archived IS NOT NULL) = coalesce($archived::boolean, false)
          AND ($compatible_worker::uuid IS NULL OR EXISTS (SELECT FROM model_worker c JOIN worker w ON w.tenant_id = $tenant AND w.id = c.worker_id
            WHERE c.tenant_id = $tenant AND c.model_id = m.id AND c.worker_id = $compatible_worker::uuid))
        """
    static let list = Statement<ListModels, ModelRow>(
        "list_models", "SELECT \(columns) \(matching) ORDER BY m.name, m.id LIMIT $limit OFFSET $offset")
    static let count = Statement<ListModels, Count>("count_models", "SELECT count(*) \(matching)")

    static let create = Statement<CreateModel, OnlyModelID>(
        "create_model", "SELECT create_model($body.name, coalesce($body.description, ''), coalesce($body.public::boolean, false)) AS id")
    static let update = Statement<PartialUpdateModel, NoRow>(
        "partial_update_model", "SELECT change_model($id, checked.body) FROM \(JSONBody<PartialUpdateModel.Content>.checked())")
}

extension CompatibleWorker {
    private static let matching = """
        FROM model_worker c JOIN worker w ON w.tenant_id = $tenant AND w.id = c.worker_id WHERE c.tenant_id = $tenant AND c.model_id = $id
        """
    static let list = Statement<ListCompatibleWorkers, CompatibleWorker>(
        "list_compatible_workers", "SELECT w.id, w.name, w.slug, w.type \(matching) ORDER BY w.name, w.id LIMIT $limit OFFSET $offset")
    static let count = Statement<ListCompatibleWorkers, Count>("count_compatible_workers", "SELECT count(*) \(matching)")
    static let retrieve = Statement<ModelAndWorker, CompatibleWorker>(
        "retrieve_compatible_worker",
        """
        SELECT w.id, w.name, w.slug, w.type FROM model_worker c JOIN worker w ON w.tenant_id = $tenant AND w.id = c.worker_id
        WHERE c.tenant_id = $tenant AND c.model_id = $model AND c.worker_id = $worker
        """)
    static let add = Statement<ModelAndWorker, NoRow>("add_compatible_worker", "SELECT add_compatible_worker($model, $worker)")
    static let remove = Statement<ModelAndWorker, NoRow>("remove_compatible_worker", "SELECT remove_compatible_worker($model, $worker)")
}
