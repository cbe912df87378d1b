import Identity
import Logging
import Postgres
import Shapes
import Tenancy

/// Makes a database ready to be served: roles, schema, edition, and in an empty one the tenant with its first administrator.
struct Preparation {
    enum Edition: String, CaseIterable {
        case community, enterprise
    }

    /// Who the first administrator of an empty database is.
    struct Administrator {
        var email: String
        /// Nil: one is made, and told to whoever made the preparation.
        var password: String?
    }

    /// What a preparation did.
    struct Outcome {
        var applied: [String]
        var edition: Edition
        /// The administrator of a database that was empty, with the password if it was made here.
        var administrator: (email: String, password: String?)?
    }

    var edition: Edition?
    var administrator: Administrator
    /// Of the runtime role; nil leaves it as it is.
    var applicationPassword: String?

    /// - Parameter lease: a connection of the owner.
    /// - Throws: ``PreparationFailure``, ``PostgresFailure``, ``Migrator/Divergence``.
    func run(_ lease: Lease) async throws -> Outcome {
        try checkAdministrator()
        try await requireOwner(lease)
        try await makeRoles(lease)
        let applied = try await Migrator(SchemaFiles.all).migrate(lease)
        let chosen = try await settleEdition(lease)
        return Outcome(applied: applied, edition: chosen, administrator: try await makeFirstTenant(lease))
    }

    /// Before anything is changed: a database that is half made is worse than none.
    private func checkAdministrator() throws {
        guard Email.shape.faults(in: .string(administrator.email)).isEmpty else { throw PreparationFailure.noAddress(administrator.email) }
        if let password = administrator.password, password.count < Password.leastLength { throw PreparationFailure.shortPassword }
    }

    /// Row security is forced even on owners, so that only a role that is exempt can migrate data and make tenants.
    private func requireOwner(_ lease: Lease) async throws {
        let rows = try await lease.run(Call("SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user"))
        guard rows.text(0, 0) == "t" else { throw PreparationFailure.ownerWithoutBypass }
    }

    private func makeRoles(_ lease: Lease) async throws {
        try await lease.transaction {
            _ = try await lease.run(Call("SELECT pg_advisory_xact_lock(7305128865)"))
            _ = try await lease.run(Call("SELECT set_config('palimpsest.password', $1, true)", [.text(applicationPassword ?? "")]))
            try await lease.script(Self.roles)
        }
    }

    /// Roles belong to the whole cluster, hence the checks. The password is never part of a statement's text.
    private static let roles = """
        DO $roles$
        BEGIN
          IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'palimpsest_app') THEN
            CREATE ROLE palimpsest_app LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE;
          END IF;
          IF current_setting('palimpsest.password') <> '' THEN
            EXECUTE format('ALTER ROLE palimpsest_app PASSWORD %L', current_setting('palimpsest.password'));
          END IF;
          ALTER ROLE palimpsest_app SET timezone = 'UTC';
          ALTER ROLE palimpsest_app SET statement_timeout = '30s';
          ALTER ROLE palimpsest_app SET idle_in_transaction_session_timeout = '60s';
          ALTER ROLE palimpsest_app SET jit = off;
          -- Statements are prepared once a connection; planning one with its policies again takes longer than running it.
          ALTER ROLE palimpsest_app SET plan_cache_mode = force_generic_plan;
          EXECUTE format('REVOKE TEMPORARY ON DATABASE %I FROM PUBLIC', current_database());
          EXECUTE format('GRANT CONNECT ON DATABASE %I TO palimpsest_app', current_database());
          REVOKE CREATE ON SCHEMA public FROM PUBLIC;
          GRANT USAGE ON SCHEMA public TO palimpsest_app;
        END $roles$
        """

    private func settleEdition(_ lease: Lease) async throws -> Edition {
        _ = try await lease.run(
            Call(
                "INSERT INTO deployment (edition) VALUES ($1) ON CONFLICT DO NOTHING", [.text((edition ?? .community).rawValue)]))
        let rows = try await lease.run(Call("SELECT edition FROM deployment"))
        guard let current = rows.text(0, 0).flatMap(Edition.init(rawValue:)) else { throw PreparationFailure.noEdition }
        if let edition, edition != current { throw PreparationFailure.otherEdition(asked: edition, current: current) }
        return current
    }

    private func makeFirstTenant(_ lease: Lease) async throws -> (email: String, password: String?)? {
        guard try await lease.run(Call("SELECT 1 FROM tenant LIMIT 1")).count == 0 else { return nil }
        let password = try await NewTenant(slug: "main", host: nil, administrator: administrator).make(lease)
        return (administrator.email, password)
    }
}

/// Why a database could not be made ready.
enum PreparationFailure: Error, CustomStringConvertible {
    case ownerWithoutBypass, noEdition, shortPassword
    case noAddress(String)
    case otherEdition(asked: Preparation.Edition, current: Preparation.Edition)

    var description: String {
        switch self {
        case .ownerWithoutBypass:
            "The owner's role needs BYPASSRLS (or to be a superuser): row-level security is forced on owners too. ALTER ROLE … BYPASSRLS."
        case .shortPassword: "PALIMPSEST_ADMIN_PASSWORD needs at least \(Password.leastLength) characters."
        case .noAddress(let text): "PALIMPSEST_ADMIN_EMAIL must be an address of e-mail, not \(text)."
        case .noEdition: "The database has no edition; run `palimpsest migrate`."
        case .otherEdition(let asked, let current):
            """
            This database is of the \(current.rawValue) edition, and --edition says \(asked.rawValue). \
            To change it for good, run `palimpsest edition set \(asked.rawValue)`.
            """
        }
    }
}
