import HTTPTypes
import Postgres
import Shapes
import Tenancy
import Web

/// One part of a dataset: to train, to validate, to test with.
struct DatasetSetRow: Decodable, Sendable {
    var id: ID<DatasetSet>
    var name: String
}

/// A set is named in addresses.
struct SetOfDataset: Codable, Sendable {
    var dataset: ID<Dataset>
    var set: SetName
}

struct CreateDatasetSet: Codable, Sendable {
    struct Content: Codable, Sendable {
        var name: SetName
    }
    var id: ID<Dataset>
    var body: Content
}

struct PartialUpdateDatasetSet: Codable, Sendable {
    struct Content: Codable, Sendable {
        var name: SetName
    }
    var dataset: ID<Dataset>
    var set: SetName
    var body: Content
}

extension DatasetSetRow {
    static let retrieve = Statement<SetOfDataset, DatasetSetRow>(
        "retrieve_dataset_set",
        "SELECT s.id, s.name FROM dataset_set s WHERE s.tenant_id = $tenant AND s.dataset_id = $dataset AND s.name = $set")
    static let create = Statement<CreateDatasetSet, DatasetSetRow>(
        "create_dataset_set",
        "INSERT INTO dataset_set (tenant_id, id, dataset_id, name) VALUES ($tenant, uuid7(), $id, $body.name) RETURNING id, name")
    static let update = Statement<PartialUpdateDatasetSet, DatasetSetRow>(
        "partial_update_dataset_set",
        """
        UPDATE dataset_set s SET name = $body.name WHERE s.tenant_id = $tenant AND s.dataset_id = $dataset AND s.name = $set
        RETURNING s.id, s.name
        """)
    static let destroy = Statement<SetOfDataset, NoRow>("destroy_dataset_set", "SELECT destroy_dataset_set($dataset, $set)")

    static let operations: [Operation] = [
        Operation(
            "CreateDatasetSet", .post, "/api/v1/datasets/{id}/sets/", "Add a set to a dataset",
            rule: .level(.contributor, on: .dataset, \.id), status: .created, one: create),
        Operation(
            "RetrieveDatasetSet", .get, "/api/v1/datasets/{dataset}/sets/{set}/", "A set of a dataset, by its name",
            rule: .level(.guest, on: .dataset, \.dataset), one: retrieve),
        Operation(
            "PartialUpdateDatasetSet", .patch, "/api/v1/datasets/{dataset}/sets/{set}/", "Rename a set",
            rule: .level(.contributor, on: .dataset, \.dataset), one: update),
        Operation(
            "DestroyDatasetSet", .delete, "/api/v1/datasets/{dataset}/sets/{set}/", "Delete a set, but none of its elements",
            rule: .level(.admin, on: .dataset, \.dataset), nothing: destroy),
    ]
}
