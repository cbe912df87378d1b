public import ArgumentParser
import FoundationEssentials
public import Identity
import Logging
import Postgres
import Shapes
import Tenancy

struct UserCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "user", abstract: "Accounts and their tokens.", subcommands: [CreateUser.self, CreateUserToken.self])
}

struct TenantOptions: ParsableArguments {
    @Option(help: "The slug of the tenant, where there are several.") var tenant: String?

    /// Runs with a scope of the server itself in the tenant.
    func withScope(_ database: DatabaseOptions, _ body: @escaping @Sendable (Scope) async throws -> Void) async throws {
        let settings = try Settings()
        let logger = Logger(label: "palimpsest")
        let tenant = try await identifier(owner: try await database.ownerURL(settings, logger: logger), logger)
        let url = try await database.runtimeURL(settings, logger: logger)
        let pool = Pool(Configuration(connectionString: url, shared: 1), logger: logger)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await pool.run() }
            try await Tenancy(pool: pool).scope(for: .system(in: tenant), Access(.signedIn, writes: true)) { try await body($0) }
            group.cancelAll()
        }
    }

    /// The runtime role sees no tenant before it has entered one, so the owner looks the slug up.
    private func identifier(owner: String, _ logger: Logger) async throws -> ID<Tenant> {
        let rows = try await Connection.withConnection(owner, logger) { [tenant] lease in
            try await lease.run(
                Call("SELECT tenant_id FROM tenant WHERE $1::text IS NULL OR slug = $1", [tenant.map(Parameter.text) ?? .null]))
        }
        guard rows.count == 1, let id = rows.text(0, 0).flatMap({ ID<Tenant>($0) }) else {
            throw ValidationError(rows.count == 0 ? "There is no such tenant." : "Name the tenant with --tenant: there are \(rows.count).")
        }
        return id
    }
}

struct CreateUser: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "create", abstract: "Make an account.")

    @OptionGroup var database: DatabaseOptions
    @OptionGroup var tenant: TenantOptions
    @Option(help: "The address to sign in with.") var email: String
    @Flag(help: "Makes it an instance administrator.") var admin = false
    @Option(help: "A file whose first line is the password; without it one is made and printed.") var passwordFile: String?

    func run() async throws {
        try await reporting {
            guard Email.shape.faults(in: .string(email)).isEmpty else { throw ValidationError("--email must be an address with an @.") }
            let given = try passwordFile.map { try String(contentsOfFile: $0, encoding: .utf8).prefix { !$0.isNewline } }.map(String.init)
            let password = given ?? Password.random()
            guard password.count >= Password.leastLength else {
                throw ValidationError("A password needs at least \(Password.leastLength) characters.")
            }
            let (email, admin) = (Email(value: email), admin)
            do {
                try await tenant.withScope(database) {
                    try await Accounts(scope: $0).create(email: email, isAdmin: admin, password: password)
                }
            } catch let failure as PostgresFailure where failure.constraint == "user_account_email_unique" {
                throw Refusal(description: "Somebody has this address already.")
            }
            if given == nil { print(password) }
        }
    }
}

struct CreateUserToken: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "token", abstract: "Make an API token, and print it alone.")

    @OptionGroup var database: DatabaseOptions
    @OptionGroup var tenant: TenantOptions
    @Option(help: "Whose token it is.") var email: String
    @Option(help: "What it is for.") var name = "Command line"
    @Option(help: "read, write, or agent: to run tasks with `palimpsest agent`, for instance administrators.") var scope: TokenScope =
        .write

    func run() async throws {
        try await reporting {
            let (email, name, ability) = (Email(value: email), name, scope)
            try await tenant.withScope(database) { scope in
                guard let token = try await Accounts(scope: scope).token(of: email, name: name, scope: ability) else {
                    throw Refusal(description: "Nobody has this address.")
                }
                print(token.text)
            }
        }
    }
}

extension TokenScope: ExpressibleByArgument {}
