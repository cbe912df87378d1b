import Postgres
import Storage
import Tenancy

extension ArtifactRow {
    struct Announced: Decodable, Sendable {
        var size: Int
    }
    struct Kept: Codable, Sendable {
        var id: ID<Artifact>
        var file: StoredFile
    }
    struct Address: Decodable, Sendable {
        var url: String
    }
    struct Found: Decodable, Sendable {
        var digest: String
        var name: String
    }

    static let list = Statement<OnlyTaskID, ArtifactRow>(
        "list_artifacts",
        """
        SELECT a.id, a.path, a.size, a.content_type, NULL::text AS s3_put_url, a.created, a.updated FROM artifact a
        WHERE a.tenant_id = $tenant AND a.task_id = $id AND a.digest IS NOT NULL ORDER BY a.path
        """)
    static let create = Statement<CreateArtifact, OnlyArtifactID>(
        "create_artifact", "SELECT create_artifact($id, $body.path, $body.content_type, $body.size) AS id")

    /// An hour, whatever becomes of the task: what it leaves may be large, and comes at its end.
    static let retrieve = Statement<OnlyArtifactID, ArtifactRow>(
        "retrieve_artifact",
        """
        SELECT a.id, a.path, a.size, a.content_type, a.created, a.updated,
          CASE WHEN a.digest IS NULL THEN capability_url('/api/v1/artifact/' || a.id || '/', 'artifact', 'PUT', a.id::text,
            'e' || to_hex(extract(epoch FROM now() + interval '1 hour')::bigint)) END AS s3_put_url
        FROM artifact a WHERE a.tenant_id = $tenant AND a.id = $id
        """)
    static let locate = Statement<ArtifactOfTask, Address>(
        "locate_artifact",
        """
        SELECT capability_url('/api/v1/artifact/' || a.id || '/', 'artifact', 'GET', a.id::text, capability_until('1 hour')) AS url
        FROM artifact a WHERE a.tenant_id = $tenant AND a.task_id = $id AND a.path = $path AND a.digest IS NOT NULL
        """)
    static let expected = Statement<OnlyArtifactID, Announced>("expected_artifact", "SELECT expected_artifact($id) AS size")
    static let keep = Statement<Kept, NoRow>("keep_artifact", "SELECT keep_artifact($id, $file.digest, $file.md5, $file.size)")
    static let find = Statement<OnlyArtifactID, Found>(
        "find_artifact",
        """
        SELECT encode(a.digest, 'hex') AS digest, a.path AS name FROM artifact a
        WHERE a.tenant_id = $tenant AND a.id = $id AND a.digest IS NOT NULL
        """)
}
