import HTTPTypes
import Postgres
import Shapes
import Tenancy
import Testing

@testable import Server
@testable import Site

/// The pages, by everybody who may have a session, and what they send back.
extension Matrix {
    /// Roles that use a browser: the others have tokens.
    private static let visitors: [Role] = [.anonymous, .stranger, .guest, .contributor, .admin, .instanceAdministrator, .foreigner]

    /// Looks at every page as every visitor, at things of every place.
    /// - Returns: what was not as expected.
    func pageFaults() async throws -> [String] {
        let sessions = try await sessions()
        var faults: [String] = []
        for page in Site.pages where page.audience != .everyone {
            for cell in cells(of: page.subject?.kind) {
                let address = page.path.replacing("{id}", with: try id(of: page.subject?.kind, cell.place))
                let answer = try await tester.send(.get, address, nil, as: try #require(sessions[cell.role]))
                let expected = cell.expected(page)
                if PageOutcome(answer) != expected { faults.append("\(page.path), \(cell): \(expected) is expected, not \(answer.status)") }
                if let seen = hidden(in: cell).first(where: answer.text.contains) { faults.append("\(page.path), \(cell): shows \(seen)") }
            }
        }
        return faults
    }

    /// Sends every form as a page of another site would, and as the session's own about what its visitor cannot see.
    /// - Returns: what was not refused.
    func formFaults() async throws -> [String] {
        let sessions = try await sessions()
        var faults: [String] = []
        for form in Site.forms where !["/login", "/logout"].contains(form.path) {
            let kind = form.page.subject?.kind
            for cell in cells(of: kind) {
                let expected = cell.expected(kind, of: form.page.audience)
                guard cell.place == .own || expected == .hidden, let session = sessions[cell.role] else { continue }
                let address = form.path.replacing("{id}", with: try id(of: kind, cell.place))
                var words = try #require(seeds[cell.place]).words.map { "\($0)=\($1.inQuery)" }.joined(separator: "&")
                if expected == .hidden, case .session(let cookie, _) = session { words += "&csrf=\(Secret(cookie)?.csrf ?? "")" }
                let answer = try await tester.send(.post, address, words, as: session)
                // Whoever has no session has nothing that another site could use.
                let refused = expected == .allowed || expected == .forbidden ? .forbidden : expected
                // A field that was filled in badly may be told first.
                if PageOutcome(answer).outcome != refused, !(expected == .hidden && answer.status == 400) {
                    faults.append("\(form.path), \(cell): \(refused) is expected, not \(answer.status)")
                }
                if let seen = hidden(in: cell).first(where: answer.text.contains) { faults.append("\(form.path), \(cell): shows \(seen)") }
            }
        }
        return faults
    }

    private func cells(of kind: Access.Kind?) -> [Cell] {
        let places = kind == nil ? [Place.own] : Place.closed
        return Self.visitors.flatMap { role in places.map { Cell(role: role, place: $0, edition: edition) } }
    }

    private func id(of kind: Access.Kind?, _ place: Place) throws -> String {
        guard let kind else { return "" }
        return try #require(seeds[place]?.identifiers[kind])
    }

    /// A browser for each visitor.
    private func sessions() async throws -> [Role: Tester.Caller] {
        var sessions: [Role: Tester.Caller] = [.anonymous: .nobody]
        for role in Self.visitors where role != .anonymous {
            sessions[role] = .session(try await session(like: try #require(callers[role])), csrf: nil)
        }
        return sessions
    }

    /// A session of whoever has a token; of nobody, if nobody has it.
    private func session(like caller: Tester.Caller) async throws -> String {
        let token =
            switch caller {
            case .token(let token): token
            default: tester.administrator
            }
        let holder = try #require(Secret(token))
        let secret = Secret(in: holder.tenant)
        try await tester.asOwner(
            """
            INSERT INTO session (tenant_id, id, user_id, digest, expires)
            SELECT t.tenant_id, uuid7(), t.user_id, decode($1, 'hex'), now() + interval '1 hour' FROM api_token t
            WHERE t.digest = decode($2, 'hex')
            """, [.text(secret.digest), .text(holder.digest)])
        return secret.text
    }
}

/// What a page comes to: a redirection to where one signs in stands for 401.
private struct PageOutcome: Equatable {
    let outcome: Outcome

    init(_ outcome: Outcome) { self.outcome = outcome }

    init(_ answer: Answer) {
        outcome = answer.status == 303 && answer.headers[.location]?.hasPrefix("/login?next=") == true ? .unauthenticated : Outcome(answer)
    }
}

extension Cell {
    fileprivate func expected(_ page: Page) -> PageOutcome {
        PageOutcome(expected(page.subject?.kind, page.subject?.level ?? .signedIn, of: page.audience))
    }

    /// What is for some people only is not there, or not theirs.
    fileprivate func expected(_ kind: Access.Kind?, _ level: Access.Level = .guest, of audience: Audience) -> Outcome {
        let outcome = expected(kind, level)
        return switch audience {
        case .ofEnterprise where edition == .community && outcome != .unauthenticated: .hidden
        case .instanceAdministrators where role != .instanceAdministrator && outcome == .allowed: .forbidden
        default: outcome
        }
    }

    /// A cookie of another tenant is none; whoever has none is not signed in.
    fileprivate func expected(_ kind: Access.Kind?, _ level: Access.Level) -> Outcome {
        if role == .anonymous || role == .foreigner { return .unauthenticated }
        guard let kind else { return .allowed }
        guard let held = held(on: kind) else { return .hidden }
        return held < level.rawValue ? .forbidden : .allowed
    }
}
