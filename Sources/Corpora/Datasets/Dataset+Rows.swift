import Postgres
import Tenancy
import Web

extension DatasetRow {
    private static let columns = """
        d.id, d.name, d.description, d.corpus_id, d.unique_elements, d.created, d.updated,
          coalesce((SELECT jsonb_agg(jsonb_build_object('id', s.id, 'name', s.name) ORDER BY s.id)
            FROM dataset_set s WHERE s.tenant_id = $tenant AND s.dataset_id = d.id), '[]') AS sets,
          (SELECT u.display_name FROM user_account u WHERE u.tenant_id = $tenant AND u.id = d.creator_id) AS creator
        """
    static let retrieve = Statement<OnlyID<Dataset>, DatasetRow>(
        "retrieve_dataset", "SELECT \(columns) FROM dataset d WHERE d.tenant_id = $tenant AND d.id = $id")

    private static let matching = """
        FROM dataset d WHERE d.tenant_id = $tenant AND d.corpus_id = $id AND ($name::text IS NULL OR position((SELECT folded($name)) IN folded(d.name)) > 0)
        """
    static let list = Statement<ListCorpusDatasets, DatasetRow>(
        "list_corpus_datasets", "SELECT \(columns) \(matching) ORDER BY d.name, d.id LIMIT $limit OFFSET $offset")
    static let count = Statement<ListCorpusDatasets, Count>("count_corpus_datasets", "SELECT count(*) \(matching)")

    static let create = Statement<CreateDataset, OnlyID<Dataset>>(
        "create_dataset",
        """
        SELECT create_dataset($id, $body.name, coalesce($body.description, ''), $body.set_names::text[],
          coalesce($body.unique_elements::boolean, true)) AS id
        """)
    static let update = Statement<PartialUpdateDataset, NoRow>(
        "partial_update_dataset", "SELECT change_dataset($id, checked.body) FROM \(JSONBody<PartialUpdateDataset.Content>.checked())")
    static let destroy = Statement<OnlyID<Dataset>, NoRow>("destroy_dataset", "SELECT destroy_dataset($id)")
}
