import HTTPTypes
import Postgres
import Shapes
import Tenancy
import Web

struct CreateClassification: Codable, Sendable, TakesUndecodedBody {
    struct Content: Codable, Sendable {
        var element: ID<Element>
        var ml_class: ID<MLClass>
        var worker_run_id: ID<WorkerRun>?
        var confidence: Confidence?
        var high_confidence: Bool?
    }
    var body: JSONBody<Content>
}

struct CreatedClassification: Decodable, Sendable {
    var id: ID<Classification>
    var ml_class: ID<MLClass>
    var confidence: Double?
    var high_confidence: Bool
    var state: String
    var worker_run_id: ID<WorkerRun>?
}

extension CreateClassification {
    static let statement = Statement<CreateClassification, CreatedClassification>(
        "create_classification",
        """
        SELECT made.*, checked.body->>'worker_run_id' AS worker_run_id FROM \(JSONBody<Content>.checked()),
          LATERAL (SELECT require_level('element', (checked.body->>'element')::uuid, 50, '["element"]')) AS allowed,
          publish_classifications((checked.body->>'worker_run_id')::uuid, (checked.body->>'element')::uuid, jsonb_build_array(checked.body), NULL)
            AS made
        """)
}

struct CreateClassifications: Codable, Sendable, TakesUndecodedBody {
    struct Content: Codable, Sendable {
        struct Item: Codable, Sendable {
            var ml_class: ID<MLClass>
            var confidence: Confidence?
            var high_confidence: Bool?
        }
        var parent: ID<Element>
        var worker_run_id: ID<WorkerRun>?
        var classifications: Items<Item>
    }
    var body: JSONBody<Content>
}

struct CreatedClassifications: Decodable, Sendable {
    struct Item: Decodable, Sendable {
        var id: ID<Classification>
        var ml_class: ID<MLClass>
        var confidence: Double?
        var high_confidence: Bool
        var state: String
    }
    var parent: ID<Element>
    var worker_run_id: ID<WorkerRun>?
    var classifications: [Item]
}

extension CreateClassifications {
    static let statement = Statement<CreateClassifications, CreatedClassifications>(
        "create_classifications",
        """
        SELECT checked.body->>'parent' AS parent, checked.body->>'worker_run_id' AS worker_run_id,
          (SELECT json_agg(made) FROM publish_classifications((checked.body->>'worker_run_id')::uuid, (checked.body->>'parent')::uuid,
            checked.body->'classifications', '["classifications"]') AS made) AS classifications
        FROM \(JSONBody<Content>.checked()),
          LATERAL (SELECT require_level('element', (checked.body->>'parent')::uuid, 50, '["parent"]')) AS allowed
        """)

    // The element is in the body, which only the database reads; it checks the level there.
    static let operations: [Operation] = [
        Operation(
            "CreateClassification", .post, "/api/v1/classifications/", "Classify an element",
            rule: .signedIn.asking(.contributor, on: .element), status: .created,
            one: CreateClassification.statement),
        Operation(
            "CreateClassifications", .post, "/api/v1/classification/bulk/", "Classify an element in several ways, all or none",
            rule: .signedIn.asking(.contributor, on: .element), status: .created, one: statement),
    ]
}
