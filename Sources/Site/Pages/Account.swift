import Shapes
import Web

extension Page {
    /// Somebody's own: where they are signed in, the tokens of their programs, and the worker runs that they sign with.
    static let account = Page("/account", "account") { visit in
        let tokens = try await roll("tokens", "ListTokens", visit)
        let runs = try await roll("runs", "ListUserWorkerRuns", visit)
        let sessions = try await roll("sessions", "ListSessions", visit)
        return [
            "title": .string(visit.shell.word("account")), "in_account": true, "tokens": tokens,
            "no_tokens": .boolean(tokens["items"]?.items.isEmpty == true), "runs": runs,
            "no_user_runs": .boolean(runs["items"]?.items.isEmpty == true),
            "sessions": sessions, "scopes": scopes(chosen: visit.refused?.fields["scope"] ?? "write", visit.shell),
        ]
    }

    /// The newest of a list and how many there are, or all of it page by page when that was asked for.
    private static func roll(_ name: String, _ operation: String, _ visit: Visit) async throws -> JSONValue {
        guard visit.query("all") == name else {
            let answer = try await visit.ask(operation, ["page_size": 20])
            let count = answer["count"]?.int ?? 0
            return ["items": answer["results"] ?? [], "more": count > 20 ? ["count": .integer(count), "name": .string(name)] : .null]
        }
        let answer = try await visit.ask(operation, ["page": .integer(visit.page), "page_size": 100])
        return ["items": answer["results"] ?? [], "pages": visit.pages(answer)]
    }

    private static func scopes(chosen: String, _ shell: Shell) -> JSONValue {
        .array(
            ["read", "write", "agent"].map { scope in
                ["scope": .string(scope), "what": .string(shell.word("scope_\(scope)")), "chosen": .boolean(scope == chosen)]
            })
    }
}

extension Form {
    /// All sessions end with the old password, so the way leads to signing in.
    static let changePassword = Form("/account/password", on: .account) { visit, fields in
        let answer = try await visit.api.call(
            "ChangePassword", ["body": fields.json("old_password", "new_password")], by: visit.visitor.caller, in: visit.request,
            logger: visit.logger)
        return Done(location: "/login", headers: answer.headers)
    }

    static let createToken = Form("/account/tokens", on: .account) { visit, fields in
        // The last moment of the day that was chosen.
        let expires = fields["expires"].map { ["expires": .string("\($0)T23:59:59Z")] as JSONValue }
        let made = try await visit.ask("CreateToken", ["body": fields.json("name", "scope").adding(expires)])
        return Done(location: "/account", made: ["token": made["token"] ?? .null, "name": made["name"] ?? .null])
    }

    static let destroyToken = Form("/account/tokens/delete", on: .account) { visit, fields in
        _ = try await visit.ask("DestroyToken", ["id": .string(fields["token"] ?? "")])
        return Done(location: "/account")
    }

    static let destroySession = Form("/account/sessions/delete", on: .account) { visit, fields in
        _ = try await visit.ask("DestroySession", ["id": .string(fields["session"] ?? "")])
        return Done(location: "/account")
    }

    static let createUserWorkerRun = Form("/account/worker-runs", on: .account) { visit, fields in
        _ = try await visit.ask("CreateUserWorkerRun", ["body": fields.json("summary")])
        return Done(location: "/account")
    }
}
