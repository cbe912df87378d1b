import Identity
import Postgres
import Shapes
import Tenancy

/// A tenant that is to be made, with its first administrator.
struct NewTenant {
    var slug: String
    /// The name by which its people reach it; nil only for a tenant that is alone.
    var host: String?
    var administrator: Preparation.Administrator

    /// - Parameter lease: a connection of the owner.
    /// - Returns: the administrator's password, if it was made here.
    /// - Throws: ``PreparationFailure`` for a password or an address that will not do, ``PostgresFailure``.
    func make(_ lease: Lease) async throws -> String? {
        guard Email.shape.faults(in: .string(administrator.email)).isEmpty else { throw PreparationFailure.noAddress(administrator.email) }
        let tenant = ID<Tenant>()
        let email = Email(value: administrator.email)
        let password = administrator.password ?? Password.random()
        guard password.count >= Password.leastLength else { throw PreparationFailure.shortPassword }
        let hash = try await Password.hash(password)
        var calls = [
            Call(
                "INSERT INTO tenant (tenant_id, slug, host) VALUES ($1, $2, $3)",
                [tenant.parameter, .text(slug), host.map(Parameter.text) ?? .null]),
            Call(
                """
                INSERT INTO user_account (tenant_id, id, email, email_key, display_name, password_hash, is_admin, can_create_workers,
                  can_manage_workers, can_upload_images, can_create_iiif_images)
                VALUES ($1, uuid7(), $2, $4, 'Administrator', $3, true, true, true, true, true)
                """, [tenant.parameter, .text(email.value), .text(hash), .text(email.key)]),
        ]
        // The first tenant comes with the database: there is nobody yet who would have to account for it.
        if let host {
            calls.append(
                Call(
                    """
                    INSERT INTO audit_event (tenant_id, id, kind, detail)
                    VALUES ($1, uuid7(), 'tenant_created', jsonb_build_object('slug', $2::text, 'host', $3::text, 'by', session_user))
                    """, [tenant.parameter, .text(slug), .text(host)]))
        }
        _ = try await lease.segment(calls)
        return administrator.password == nil ? password : nil
    }
}
