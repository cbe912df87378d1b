import HTTPTypes
import Postgres
import Shapes
import Tenancy
import Web

extension StoredSecretRow {
    static func operations(_ vault: Vault) -> [Operation] {
        [
            Operation(
                "ListSecrets", "/api/v1/secrets/", "The names of the secrets that configurations may refer to",
                rule: .person.own.enterpriseOnly, page: list, count: count),
            Operation(
                "CreateSecret", .post, "/api/v1/secrets/", "Keep a secret, which only tasks whose configuration names it can read",
                rule: .instanceAdministrator.enterpriseOnly, status: .created
            ) { (input: CreateSecret, scope: Scope) -> Reply<StoredSecretRow> in
                let body = input.body
                // Before there is anything to seal: by what right.
                _ = try await scope.run([])
                let sealed = try vault.seal(body.content.value, as: Vault.label(body.name.value, in: scope.caller.tenant))
                let secret = SealedSecret(name: body.name.value, worker: body.worker, sealed: sealed.hexadecimal)
                guard let made = try await scope.first(create, secret) else { throw Problem.notFound }
                return try .row(await scope.rows(retrieve, made))
            },
            Operation(
                "DestroySecret", .delete, "/api/v1/secrets/{id}/", "Delete a secret; configurations that name it lead nowhere then",
                rule: .level(.admin, on: .secret, \.id).enterpriseOnly, nothing: destroy),
            Operation(
                "RetrieveSecret", .get, "/api/v1/secret/{name}", "A secret, for a task whose configuration names it",
                rule: .signedIn.own.enterpriseOnly, writes: true
            ) { (input: RetrieveSecret, scope: Scope) -> Reply<DisclosedSecret> in
                guard let found = try await scope.first(disclose, input), let bytes = [UInt8](hexadecimal: found.sealed) else {
                    throw Problem.notFound
                }
                let name = input.name.value
                let secret = DisclosedSecret(name: name, content: try vault.open(bytes, as: Vault.label(name, in: scope.caller.tenant)))
                var reply = try Reply<DisclosedSecret>.json(secret)
                reply.headers[.cacheControl] = "no-store"
                return reply
            },
        ]
    }
}
