import HTTPTypes
import Postgres
import Shapes
import Tenancy
import Web

/// What somebody did that others may have to account for.
struct AuditEventRow: Decodable, Sendable {
    struct Actor: Codable, Sendable {
        var id: ID<User>
        var email: String
        var display_name: String
    }
    var id: ID<AuditEvent>
    var kind: String
    /// Nil for tasks, and for what operators do.
    var actor: Actor?
    var corpus: ID<Corpus>?
    var detail: JSONValue
    var created: String
}

struct ListAuditEvents: Codable, Sendable, Cursored {
    var corpus: ID<Corpus>?
    var actor: ID<User>?
    var kind: String?
    var cursor: String?
    var page_size: Int?
    var with_count: Bool?
}

extension AuditEventRow {
    /// The policy leaves instance administrators everything, and others what is about the corpora that they administer.
    private static let matching = """
        FROM audit_event a LEFT JOIN user_account u ON u.tenant_id = $tenant AND u.id = a.actor_id
        WHERE a.tenant_id = $tenant AND ($corpus::uuid IS NULL OR a.corpus_id = $corpus) AND ($actor::uuid IS NULL OR a.actor_id = $actor)
          AND ($kind::text IS NULL OR a.kind = $kind)
        """
    static let list = Statement<ListAuditEvents, AuditEventRow>(
        "list_audit_events",
        """
        SELECT a.id, a.kind,
          CASE WHEN u.id IS NOT NULL THEN jsonb_build_object('id', u.id, 'email', u.email, 'display_name', u.display_name) END AS actor,
          a.corpus_id AS corpus, a.detail, a.created, a.id AS cursor_key
        \(matching) AND ($after::uuid IS NULL OR a.id < $after::uuid) ORDER BY a.id DESC LIMIT $limit
        """)
    static let count = Statement<ListAuditEvents, Count>("count_audit_events", "SELECT count(*) \(matching)")

    static let operations: [Operation] = [
        Operation("ListAuditEvents", "/api/v1/audit/", "What was done, newest first", rule: .person.own, cursor: list, count: count)
    ]
}
