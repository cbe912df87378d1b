import Postgres
import Tenancy
import Web

extension MembershipRow {
    /// Both tables as one. Policies leave out what the caller may not see.
    private static func rows(_ onObjects: String, _ inGroups: String) -> String {
        """
        (SELECT m.id, m.user_id, m.group_id, m.corpus_id AS corpus, m.worker_id AS worker, m.model_id AS model, NULL::uuid AS group_target, m.level
          FROM membership m WHERE m.tenant_id = $tenant AND \(onObjects)
        UNION ALL
        SELECT m.id, m.user_id, NULL, NULL, NULL, NULL, m.group_id, m.level FROM group_member m WHERE m.tenant_id = $tenant AND \(inGroups))
          AS m
        """
    }
    private static func columns(from rows: String) -> String {
        """
        SELECT m.id, CASE WHEN u.id IS NOT NULL THEN jsonb_build_object('id', u.id, 'email', u.email, 'display_name', u.display_name) END AS "user",
          CASE WHEN m.group_id IS NOT NULL THEN jsonb_build_object('id', m.group_id, 'name', g.name) END AS "group",
          m.corpus, m.worker, m.model, m.group_target, m.level
        FROM \(rows)
          LEFT JOIN user_account u ON u.tenant_id = $tenant AND u.id = m.user_id
          LEFT JOIN user_group g ON g.tenant_id = $tenant AND g.id = m.group_id
        """
    }

    private static let listed = rows(
        """
        CASE WHEN $corpus::uuid IS NOT NULL THEN m.corpus_id = $corpus WHEN $worker::uuid IS NOT NULL THEN m.worker_id = $worker
            WHEN $model::uuid IS NOT NULL THEN m.model_id = $model ELSE $group::uuid IS NULL AND m.user_id = own_user() END
        """,
        """
        num_nonnulls($corpus::uuid, $worker::uuid, $model::uuid) = 0
            AND CASE WHEN $group::uuid IS NOT NULL THEN m.group_id = $group ELSE m.user_id = own_user() END
        """)
    static let list = Statement<ListMemberships, MembershipRow>(
        "list_memberships",
        "\(columns(from: listed)) ORDER BY m.level DESC, u.email, g.name, m.id LIMIT $limit OFFSET $offset")
    static let count = Statement<ListMemberships, Count>("count_memberships", "SELECT count(*) FROM \(listed)")

    static let retrieve = Statement<OnlyMembershipID, MembershipRow>(
        "retrieve_membership", columns(from: rows("m.id = $id", "m.id = $id")))
    static let create = Statement<CreateMembership, OnlyMembershipID>(
        "create_membership",
        """
        SELECT create_membership($body.user, $body.group, $body.corpus, $body.worker, $body.model, $body.group_target, $body.level) AS id
        """)
    static let update = Statement<PartialUpdateMembership, NoRow>(
        "partial_update_membership", "SELECT change_membership($id, $body.level)")
    static let destroy = Statement<OnlyMembershipID, NoRow>("destroy_membership", "SELECT destroy_membership($id)")
}
