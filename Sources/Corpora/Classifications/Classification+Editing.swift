import HTTPTypes
import Postgres
import Shapes
import Tenancy
import Web

/// A client of today sends the class and the state again; they are not looked at.
struct JudgeClassification: Codable, Sendable {
    struct Content: Codable, Sendable {}
    var id: ID<Classification>
    var body: Content?
}

struct Verdict: Codable, Sendable {
    var id: ID<Classification>
    var verdict: String
}

struct Judged: Codable, Sendable {
    /// False for one that was made by hand, and is deleted.
    var remains: Bool
}

/// What people say of classifications.
extension ClassificationSummary {
    static let retrieve = Statement<OnlyID<Classification>, ClassificationSummary>(
        "retrieve_classification",
        """
        SELECT r.id, jsonb_build_object('id', m.id, 'name', m.name) AS ml_class, r.state, r.confidence, r.high_confidence,
          run_of_source(r.source_id) AS worker_run, \(ElementSQL.edit(of: "r")) AS edited, NULL::text AS worker_version
        FROM classification r JOIN ml_class m ON m.tenant_id = $tenant AND m.id = r.ml_class_id WHERE r.tenant_id = $tenant AND r.id = $id
        """)
    static let judge = Statement<Verdict, Judged>("judge_classification", "SELECT judge_classification($id, $verdict) AS remains")
    static let destroy = Statement<OnlyID<Classification>, NoRow>("destroy_classification", "SELECT destroy_result('classification', $id)")

    private static func judged(_ id: ID<Classification>, _ verdict: String, _ scope: Scope) async throws -> Reply<ClassificationSummary> {
        let results = try await scope.run([
            scope.call(judge, Verdict(id: id, verdict: verdict)), scope.call(retrieve, OnlyID(id: id)),
        ])
        return try judge.rows(results[0]).first?.remains == true ? .row(results[1]) : Reply(.noContent)
    }

    static let editing: [Operation] = [
        Operation(
            "ValidateClassification", .put, "/api/v1/classifications/{id}/validate/", "Say that a classification is right",
            rule: .level(.contributor, on: .classification, \.id)
        ) { (input: JudgeClassification, scope: Scope) -> Reply<ClassificationSummary> in try await judged(input.id, "validated", scope) },
        Operation(
            "RejectClassification", .put, "/api/v1/classifications/{id}/reject/",
            "Say that a classification is wrong; one that was made by hand is deleted",
            rule: .level(.contributor, on: .classification, \.id)
        ) { (input: JudgeClassification, scope: Scope) -> Reply<ClassificationSummary> in try await judged(input.id, "rejected", scope) },
        Operation(
            "DestroyClassification", .delete, "/api/v1/classifications/{id}/", "Delete a classification",
            rule: .level(.contributor, on: .classification, \.id), nothing: destroy),
    ]
}
