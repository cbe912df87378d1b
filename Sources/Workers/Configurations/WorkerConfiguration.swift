import HTTPTypes
import Postgres
import Shapes
import Tenancy
import Web

/// Values for a worker's fields, saved under a name. They never change; name and archived do.
struct WorkerConfigurationRow: Decodable, Sendable {
    var id: ID<WorkerConfiguration>
    var name: String
    var configuration: JSONValue
    var archived: Bool
    var creator: String?
    var created: String
    var initial_worker_version: ID<WorkerVersion>?
    var initial_corpus: ID<Corpus>?
    var worker_runs: Int
}

enum ArchivedFilter: String, Codable, Sendable, CaseIterable, Described {
    case no = "false"
    case yes = "true"
    case all
    static let sample = ArchivedFilter.no
    static let shape = Shape.string(.init(pattern: "[Ff][Aa][Ll][Ss][Ee]|[Tt][Rr][Uu][Ee]|0|1|[Aa][Ll][Ll]"))

    init(from decoder: any Decoder) throws {
        let text = try decoder.singleValueContainer().decode(String.self).lowercased()
        self = ArchivedFilter(rawValue: text) ?? (text == "1" ? .yes : .no)
    }
}

struct ListWorkerConfigurations: Codable, Sendable, Paged {
    var id: ID<Worker>
    var archived: ArchivedFilter?
    var name: String?
    var page: Int?
    var page_size: Int?
}

struct OnlyConfigurationID: Codable, Sendable {
    var id: ID<WorkerConfiguration>
}

struct CreateWorkerConfiguration: Codable, Sendable, TakesUndecodedBody {
    struct Content: Codable, Sendable {
        var name: ConfigurationName
        var configuration: JSONValue
        /// Whose fields the values are for; the newest available one unless given.
        var worker_version: ID<WorkerVersion>?
        /// Whose element types the values name.
        var corpus: ID<Corpus>?
    }
    var id: ID<Worker>
    var body: JSONBody<Content>
}

struct PartialUpdateWorkerConfiguration: Codable, Sendable {
    struct Content: Codable, Sendable {
        var name: ConfigurationName?
        var archived: Bool?
    }
    var id: ID<WorkerConfiguration>
    var body: Content
}

/// Which version's fields values are for: the newest available one unless it is named.
struct WantedFields: Codable, Sendable {
    var worker: ID<Worker>
    var version: ID<WorkerVersion>?
}

struct FieldsOfVersion: Decodable, Sendable {
    var id: ID<WorkerVersion>
    /// JSON text: numbers keep their digits.
    var fields: String
}

struct WantedReferences: Codable, Sendable {
    /// JSON text.
    var references: String
    var corpus: ID<Corpus>?
    var worker: ID<Worker>
}

struct MissingReferences: Decodable, Sendable {
    var faults: [JSONValue]
}

struct NewConfiguration: Codable, Sendable {
    var worker: ID<Worker>
    var name: String
    /// The sparse form in its maker's spelling, as JSON text.
    var values: String
    /// The same, canonical: its digest is the configuration's identity.
    var meaning: String
    /// Paths of secret values, as JSON text.
    var secrets: String
    var version: ID<WorkerVersion>
    var corpus: ID<Corpus>?
}

/// What is asked for with another name, or into or out of the archive.
struct ChangedConfiguration: Codable, Sendable {
    var id: ID<WorkerConfiguration>
    var name: String?
    var archived: Bool?
}

extension WorkerConfigurationRow {
    private static let columns = """
        c.id, c.name, mask_values(c.configuration, c.secrets) AS configuration, c.archived IS NOT NULL AS archived,
          (SELECT u.display_name FROM user_account u WHERE u.tenant_id = $tenant AND u.id = c.creator_id) AS creator, c.created,
          c.initial_worker_version_id AS initial_worker_version, c.initial_corpus_id AS initial_corpus,
          (SELECT count(*) FROM worker_run r WHERE r.tenant_id = $tenant AND r.configuration_id = c.id
            AND process_level(r.process_id) IS NOT NULL)::integer AS worker_runs
        FROM worker_configuration c
        """
    private static let matching = """
        WHERE c.tenant_id = $tenant AND c.worker_id = $id AND c.tombstone IS NULL
          AND ($archived = 'all' OR (c.archived IS NOT NULL) = ($archived = 'true' AND $archived IS NOT NULL))
          AND ($name::text IS NULL OR position((SELECT folded($name)) IN folded(c.name)) > 0)
        """
    static let retrieve = Statement<OnlyConfigurationID, WorkerConfigurationRow>(
        "retrieve_worker_configuration", "SELECT \(columns) WHERE c.tenant_id = $tenant AND c.id = $id AND c.tombstone IS NULL")
    static let list = Statement<ListWorkerConfigurations, WorkerConfigurationRow>(
        "list_worker_configurations", "SELECT \(columns) \(matching) ORDER BY c.name, c.id LIMIT $limit OFFSET $offset")
    static let count = Statement<ListWorkerConfigurations, Count>(
        "count_worker_configurations", "SELECT count(*) FROM worker_configuration c \(matching)")

    static let fields = Statement<WantedFields, FieldsOfVersion>(
        "fields_for_configuration",
        """
        SELECT v.id, v.fields::text AS fields FROM worker_version v WHERE v.tenant_id = $tenant AND v.worker_id = $worker AND v.tombstone IS NULL
          AND CASE WHEN $version::uuid IS NULL THEN v.state = 'available' ELSE v.id = $version::uuid END
        ORDER BY v.created DESC, v.id DESC LIMIT 1
        """)
    static let missingReferences = Statement<WantedReferences, MissingReferences>(
        "missing_references", "SELECT reference_faults($references::jsonb, $corpus, $worker) AS faults")
    static let save = Statement<NewConfiguration, OnlyConfigurationID>(
        "create_worker_configuration",
        "SELECT create_worker_configuration($worker, $name, $values::jsonb, $meaning, $secrets::jsonb, $version, $corpus) AS id")
    static let change = Statement<ChangedConfiguration, NoRow>(
        "partial_update_worker_configuration", "SELECT change_worker_configuration($id, $name, $archived::boolean)")
    static let destroy = Statement<OnlyConfigurationID, NoRow>("destroy_worker_configuration", "SELECT destroy_worker_configuration($id)")

    static func declarations() throws -> [Declaration] {
        try [
            .init(retrieve), .init(list), .init(count), .init(fields), .init(missingReferences), .init(save), .init(change), .init(destroy),
        ]
    }
}
