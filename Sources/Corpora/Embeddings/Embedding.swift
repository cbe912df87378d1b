import HTTPTypes
import Postgres
import Shapes
import Tenancy
import Web

/// A vector of an element, as a run worked it out.
struct Vector: Leaf {
    let value: [Double]
    static let shape = Shape.array(.number(-3.4e38...3.4e38), minimum: 1, maximum: 16_384)
    static let sample = Vector(value: [0])
    init(value: [Double]) { self.value = value }
}

struct EmbeddingRow: Decodable, Sendable {
    var id: ID<Embedding>
    var value: Vector
    var created: String
    var updated: String
    var worker_run: RunSummary?
}

struct CreateEmbedding: Codable, Sendable, TakesUndecodedBody {
    struct Content: Codable, Sendable {
        var worker_run_id: ID<WorkerRun>
        var value: Vector
    }
    var id: ID<Element>
    var body: JSONBody<Content>
}

struct ListEmbeddings: Codable, Sendable, Paged {
    var id: ID<Element>
    var worker_run: RunFilter?
    var page: Int?
    var page_size: Int?
}

extension EmbeddingRow {
    private static let columns = """
        r.id, to_jsonb(r.value) AS value, r.created, r.updated, run_of_source(r.source_id) AS worker_run FROM embedding r
        """
    private static let matching = """
        r.tenant_id = $tenant AND r.element_id = $id AND \(ElementList.made(by: "worker_run", "r.source_id", "r.detached_from"))
        """

    static let create = Statement<CreateEmbedding, MadeEmbedding>(
        "create_embedding",
        """
        SELECT publish_embedding((checked.body->>'worker_run_id')::uuid, $id,
          ARRAY(SELECT as_real(value::numeric) FROM jsonb_array_elements_text(checked.body->'value') AS value)) AS id
        FROM \(JSONBody<CreateEmbedding.Content>.checked())
        """)
    static let retrieve = Statement<MadeEmbedding, EmbeddingRow>(
        "retrieve_embedding", "SELECT \(columns) WHERE r.tenant_id = $tenant AND r.id = $id")
    static let list = Statement<ListEmbeddings, EmbeddingRow>(
        "list_embeddings", "SELECT \(columns) WHERE \(matching) ORDER BY r.id LIMIT $limit OFFSET $offset")
    static let count = Statement<ListEmbeddings, Count>("count_embeddings", "SELECT count(*) FROM embedding r WHERE \(matching)")

    static let operations: [Operation] = [
        Operation(
            "CreateEmbedding", .post, "/api/v1/element/{id}/embedding/", "Add the vector that a worker run gives an element",
            rule: .level(.contributor, on: .element, \.id), status: .created
        ) { (input: CreateEmbedding, scope: Scope) -> Reply<EmbeddingRow> in
            guard let made = try await scope.first(create, input) else { throw Problem.notFound }
            return try .row(await scope.rows(retrieve, made))
        },
        Operation(
            "ListEmbeddings", "/api/v1/element/{id}/embedding/", "The vectors of an element", rule: .level(.guest, on: .element, \.id),
            page: list, count: count),
    ]
}

struct MadeEmbedding: Codable, Sendable {
    var id: ID<Embedding>
}
