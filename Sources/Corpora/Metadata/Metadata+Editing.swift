import HTTPTypes
import Postgres
import Shapes
import Tenancy
import Web

struct PartialUpdateMetaData: Codable, Sendable, TakesUndecodedBody {
    struct Content: Codable, Sendable {
        var type: MetadataType?
        var name: Name?
        var value: MetadataValue?
    }
    var id: ID<MetaData>
    var body: JSONBody<Content>
}

/// Changes by hand.
extension MetadataSummary {
    static let retrieve = Statement<OnlyID<MetaData>, MetadataSummary>(
        "retrieve_metadata",
        """
        SELECT r.id, r.type, r.name, r.value, '[]'::jsonb AS dates, run_of_source(r.source_id) AS worker_run,
          \(ElementSQL.edit(of: "r")) AS edited
        FROM metadata r WHERE r.tenant_id = $tenant AND r.id = $id
        """)
    static let update = Statement<PartialUpdateMetaData, NoRow>(
        "partial_update_metadata", "SELECT change_metadata($id, checked.body) FROM \(JSONBody<PartialUpdateMetaData.Content>.checked())")
    static let destroy = Statement<OnlyID<MetaData>, NoRow>("destroy_metadata", "SELECT destroy_result('metadata', $id)")

    static let editing: [Operation] = [
        Operation(
            "PartialUpdateMetaData", .patch, "/api/v1/metadata/{id}/", "Change a metadata by hand",
            rule: .level(.contributor, on: .metadata, \.id)
        ) { (input: PartialUpdateMetaData, scope: Scope) -> Reply<MetadataSummary> in
            try .row(await scope.run([scope.call(update, input), scope.call(retrieve, OnlyID(id: input.id))])[1])
        },
        Operation(
            "DestroyMetaData", .delete, "/api/v1/metadata/{id}/", "Delete a metadata", rule: .level(.contributor, on: .metadata, \.id),
            nothing: destroy),
    ]
}
