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
    static let shape = Shape.string(.init(pattern: "[Ff]alse|[Tt]rue|all"))

    init(from decoder: any Decoder) throws {
        let text = try decoder.singleValueContainer().decode(String.self)
        self = ArchivedFilter(rawValue: text.lowercased()) ?? .no
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

/// A name of at most 250 characters.
struct ConfigurationName: Leaf {
    let value: String
    static let shape = Shape.string(.init(minimum: 1, maximum: 250))
    static let sample = ConfigurationName(value: "a")
    init(value: String) { self.value = value }
}

struct CreateWorkerConfiguration: Codable, Sendable {
    struct Content: Codable, Sendable {
        var name: ConfigurationName
        var configuration: JSONValue
        /// Whose fields the values are for; the newest available one unless given.
        var worker_version: ID<WorkerVersion>?
        var corpus: ID<Corpus>?
    }
    var id: ID<Worker>
    var body: Content
}

/// The fields that values are checked against.
struct FieldsOfVersion: Decodable, Sendable {
    var id: ID<WorkerVersion>
    var fields: [Field]
}

struct NewConfiguration: Codable, Sendable {
    var worker: ID<Worker>
    var name: ConfigurationName
    /// The sparse form, canonical.
    var values: String
    var version: ID<WorkerVersion>
    var corpus: ID<Corpus>?
}

extension WorkerConfigurationRow {
    private static let columns = """
        c.id, c.name, mask_secrets(c.configuration, coalesce(v.fields, '[]')) AS configuration, c.archived IS NOT NULL AS archived,
          (SELECT u.display_name FROM user_account u WHERE u.tenant_id = $tenant AND u.id = c.creator_id) AS creator, c.created,
          c.initial_worker_version_id AS initial_worker_version, c.initial_corpus_id AS initial_corpus,
          (SELECT count(*) FROM worker_run r WHERE r.tenant_id = $tenant AND r.configuration_id = c.id)::integer AS worker_runs
        FROM worker_configuration c LEFT JOIN worker_version v ON v.tenant_id = $tenant AND v.id = c.initial_worker_version_id
        """
    private static let matching = """
        WHERE c.tenant_id = $tenant AND c.worker_id = $id AND c.tombstone IS NULL
          AND ($archived = 'all' OR (c.archived IS NOT NULL) = ($archived = 'true' AND $archived IS NOT NULL))
          AND ($name::text IS NULL OR position(lower($name) IN lower(c.name)) > 0)
        """
    static let retrieve = Statement<OnlyConfigurationID, WorkerConfigurationRow>(
        "retrieve_worker_configuration", "SELECT \(columns) WHERE c.tenant_id = $tenant AND c.id = $id AND c.tombstone IS NULL")
    static let list = Statement<ListWorkerConfigurations, WorkerConfigurationRow>(
        "list_worker_configurations", "SELECT \(columns) \(matching) ORDER BY c.name, c.id LIMIT $limit OFFSET $offset")
    static let count = Statement<ListWorkerConfigurations, Count>(
        "count_worker_configurations", "SELECT count(*) FROM worker_configuration c \(matching)")

    static let fields = Statement<CreateWorkerConfiguration, FieldsOfVersion>(
        "fields_for_configuration",
        """
        SELECT v.id, v.fields FROM worker_version v WHERE v.tenant_id = $tenant AND v.worker_id = $id AND v.tombstone IS NULL
          AND CASE WHEN $body.worker_version::uuid IS NULL THEN v.state = 'available' ELSE v.id = $body.worker_version::uuid END
        ORDER BY v.created DESC, v.id DESC LIMIT 1
        """)
    static let save = Statement<NewConfiguration, OnlyConfigurationID>(
        "create_worker_configuration", "SELECT create_worker_configuration($worker, $name, $values, $version, $corpus) AS id")

    static let operations: [Operation] = [
        Operation(
            "ListWorkerConfigurations", "/api/v1/workers/{id}/configurations/", "The configurations of a worker",
            rule: .level(.guest, on: .worker, \.id), page: list, count: count),
        Operation(
            "CreateWorkerConfiguration", .post, "/api/v1/workers/{id}/configurations/", "Save values for a worker's fields",
            rule: .level(.admin, on: .worker, \.id), status: .created
        ) { (input: CreateWorkerConfiguration, scope: Scope) -> Reply<WorkerConfigurationRow> in
            guard let id = try await scope.first(save, try await checked(input, scope)) else { throw Problem.notFound }
            return try .row(await scope.rows(retrieve, id))
        },
        Operation(
            "RetrieveWorkerConfiguration", .get, "/api/v1/workers/configurations/{id}/", "A configuration",
            rule: .level(.guest, on: .workerConfiguration, \.id), one: retrieve),
    ]

    /// - Throws: 400 for values that the version's fields do not allow, and for the default configuration.
    private static func checked(_ input: CreateWorkerConfiguration, _ scope: Scope) async throws -> NewConfiguration {
        guard let version = try await scope.first(fields, input) else {
            throw Problem.invalid(
                "worker_version", code: "does_not_exist", "This worker has no such version, or none that is available.")
        }
        guard case .object(let values) = input.body.configuration else { throw Problem.invalid("configuration", "Must be an object.") }
        let sparse: SparseForm
        do {
            sparse = try SparseForm(of: values, fields: version.fields)
        } catch {
            throw Problem.invalid(error.faults.map { Fault(path: [.key("configuration")] + $0.path, code: $0.code, detail: $0.detail) })
        }
        guard !sparse.isDefault else {
            throw Problem.invalid(
                "configuration", code: "equals_default",
                "These are the default values: a worker run without a configuration uses them already.")
        }
        return NewConfiguration(
            worker: input.id, name: input.body.name, values: sparse.text, version: version.id, corpus: input.body.corpus)
    }
}
