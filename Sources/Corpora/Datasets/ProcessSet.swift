import Postgres
import Tenancy
import Web

/// A set that a process works on.
struct ProcessSetRow: Decodable, Sendable {
    /// As ``DatasetRow``, without what changes.
    struct Parent: Decodable, Sendable {
        var id: ID<Dataset>
        var name: String
        var description: String
        var corpus_id: ID<Corpus>
        var creator: String?
        var sets: [DatasetRow.Set]
    }
    /// The set's own.
    var id: ID<DatasetSet>
    var set_name: String
    var dataset: Parent
}

struct ListProcessSets: Codable, Sendable, Paged {
    var id: ID<Process>
    var page: Int?
    var page_size: Int?
}

extension ProcessSetRow {
    static let list = Statement<ListProcessSets, ProcessSetRow>(
        "list_process_sets",
        """
        SELECT s.id, s.name AS set_name, jsonb_build_object('id', d.id, 'name', d.name, 'description', d.description, 'corpus_id', d.corpus_id,
            'creator', (SELECT u.display_name FROM user_account u WHERE u.tenant_id = $tenant AND u.id = d.creator_id),
            'sets', (SELECT jsonb_agg(jsonb_build_object('id', o.id, 'name', o.name) ORDER BY o.id)
              FROM dataset_set o WHERE o.tenant_id = $tenant AND o.dataset_id = d.id)) AS dataset
        FROM process_set g JOIN dataset_set s ON s.tenant_id = $tenant AND s.id = g.set_id
          JOIN dataset d ON d.tenant_id = $tenant AND d.id = s.dataset_id
        WHERE g.tenant_id = $tenant AND g.process_id = $id ORDER BY d.name, s.id LIMIT $limit OFFSET $offset
        """)
    static let count = Statement<ListProcessSets, Count>(
        "count_process_sets", "SELECT count(*) FROM process_set g WHERE g.tenant_id = $tenant AND g.process_id = $id")

    static let operations: [Operation] = [
        Operation(
            "ListProcessSets", "/api/v1/process/{id}/sets/", "The sets that a process works on",
            rule: .level(.guest, on: .process, \.id), page: list, count: count)
    ]
}
