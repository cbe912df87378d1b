import Postgres
import Tenancy
import Web

extension ModelVersionRow {
    private static let columns = """
        v.id, v.model_id, (SELECT p.id FROM model_version p WHERE p.tenant_id = $tenant AND p.id = v.parent_id) AS parent, v.state, v.tag, v.description, v.configuration, v.size, v.archive_hash, v.created,
          CASE WHEN v.archive_digest IS NOT NULL
            THEN (SELECT '"' || encode(f.md5, 'hex') || '"' FROM stored_file f WHERE f.tenant_id = $tenant AND f.digest = v.archive_digest) END AS s3_etag,
          CASE WHEN fills_model_version(v) THEN capability_url('/api/v1/modelversion/' || v.id || '/archive/', 'model_archive', 'PUT', v.id::text,
            capability_until('1 day')) END AS s3_put_url,
          CASE WHEN v.state = 'available' AND v.archive_digest IS NOT NULL THEN capability_url('/api/v1/modelversion/' || v.id || '/archive/',
            'model_archive', 'GET', v.id::text, capability_until('1 day')) END AS s3_url,
          (SELECT u.display_name FROM user_account u WHERE u.tenant_id = $tenant AND u.id = v.creator_id) AS creator
        """
    static let retrieve = Statement<OnlyModelVersionID, ModelVersionRow>(
        "retrieve_model_version",
        "SELECT \(columns) FROM model_version v WHERE v.tenant_id = $tenant AND v.id = $id AND v.tombstone IS NULL")

    private static let matching = """
        FROM model_version v WHERE v.tenant_id = $tenant AND v.model_id = $id AND v.tombstone IS NULL
          AND ($state::text IS NULL OR v.state = $state) AND ($tag::text IS NULL OR v.tag = $tag)
        """
    static let list = Statement<ListModelVersions, ModelVersionRow>(
        "list_model_versions", "SELECT \(columns) \(matching) ORDER BY v.created DESC, v.id DESC LIMIT $limit OFFSET $offset")
    static let count = Statement<ListModelVersions, Count>("count_model_versions", "SELECT count(*) \(matching)")

    static let create = Statement<CreateModelVersion, OnlyModelVersionID>(
        "create_model_version",
        "SELECT create_model_version($id, checked.body) AS id FROM \(JSONBody<CreateModelVersion.Content>.checked())")
    static let update = Statement<UpdateModelVersion, NoRow>(
        "update_model_version", "SELECT change_model_version($id, checked.body) FROM \(JSONBody<UpdateModelVersion.Content>.checked())")
    static let destroy = Statement<OnlyModelVersionID, NoRow>("destroy_model_version", "SELECT destroy_model_version($id)")
}
